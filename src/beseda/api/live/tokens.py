"""A member's personal tokens. No token may make others: the member signs in himself, and gives his password again."""

from beseda.api.live.calls import Client, Op
from beseda.api.live.codec import LiveCall, encode_answer
from beseda.api.shown import milliseconds, optional_milliseconds
from beseda.domain.ids import MAX_ID, TokenId
from beseda.domain.tokens import Token
from beseda.wire import live as wire


def show_token(token: Token) -> wire.Token:
    """Without its secret, which nobody knows but its owner."""
    scope = token.scope
    return wire.Token(
        id=token.id,
        name=token.name,
        created_ms=milliseconds(token.created_at),
        expires_ms=optional_milliseconds(token.expires_at),
        used_ms=optional_milliseconds(token.used_at),
        bot=scope.bot,
        read_only=scope.read_only,
        protocols=tuple(sorted(scope.protocols)),
        rooms=tuple(sorted(scope.rooms)),
        zones=tuple(sorted(scope.zones)),
        names=tuple(sorted(scope.names)),
        types=tuple(sorted(scope.types)),
    )


async def _tokens(client: Client, call: LiveCall) -> bytes:
    return encode_answer(call, tokens=[show_token(token) for token in await client.core.tokens.list_own(client.caller)])


async def _add_token(client: Client, call: LiveCall) -> bytes:
    tokens = client.core.tokens
    scope = tokens.scope(
        rooms=call.list("rooms", int),
        **{name: call.list(name, str) for name in ("protocols", "zones", "names", "types")},
        **{name: call.flag(name, False) for name in ("read_only", "bot")},
    )
    token, secret = await tokens.add_own(
        client.caller, call.text("password"), call.text("name"), scope, call.optional_number("days")
    )
    return encode_answer(call, token=show_token(token), secret=secret)


async def _revoke_token(client: Client, call: LiveCall) -> bytes:
    token_id = TokenId(min(call.number("token"), MAX_ID))
    await client.core.tokens.revoke_own(client.caller, call.text("password"), token_id)
    return encode_answer(call)


OPS: dict[str, Op] = {"tokens": _tokens, "add_token": _add_token, "revoke_token": _revoke_token}
