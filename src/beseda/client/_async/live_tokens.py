"""Personal tokens over the live protocol."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from beseda.wire import live as wire

if TYPE_CHECKING:
    from beseda.client._async.live import AsyncLive


class AsyncLiveTokens:
    """For a member who signed in with his password: no token makes tokens, or sees them."""

    def __init__(self, live: "AsyncLive") -> None:
        self._live = live

    async def list(self) -> tuple[wire.Token, ...]:
        """The member's tokens, without their secrets. Raises NotAllowed (`token_too_narrow`)."""
        return (await self._live.ask(wire.ListTokens())).tokens

    async def add(
        self,
        password: str,
        name: str,
        *,
        days: int | None = None,
        bot: bool = False,
        read_only: bool = False,
        protocols: Iterable[str] = (),
        rooms: Iterable[int] = (),
        zones: Iterable[str] = (),
        names: Iterable[str] = (),
        types: Iterable[str] = (),
    ) -> wire.TokenMade:
        """Make a token, good for `days` or until it is revoked; its `secret` is told this once.

        What is given narrows it (docs/live.md): `protocols` are `live`, `chatcz`, `spaces`, `spaceweb`; `rooms` are
        numbers; `zones` domains, with `names` and `types` of their records. Raises Refused, Unknown.
        """
        call = wire.AddToken(
            password=password,
            name=name,
            days=days,
            bot=bot,
            read_only=read_only,
            protocols=tuple(protocols),
            rooms=tuple(rooms),
            zones=tuple(zones),
            names=tuple(names),
            types=tuple(types),
        )
        return await self._live.ask(call)

    async def revoke(self, password: str, token: wire.Token | int) -> None:
        """End a token, and all that was signed in with it, within a second. Raises NotFound."""
        number = token if isinstance(token, int) else token.id
        await self._live.ask(wire.RevokeToken(password=password, token=number))
