# Written by tools/twins.py from src/beseda/client/_async/live_tokens.py: change that, then `make twins`.
"""Personal tokens over the live protocol."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from beseda.wire import live as wire

if TYPE_CHECKING:
    from beseda.client._sync.live import Live


class LiveTokens:
    """For a member who signed in with his password: no token makes tokens, or sees them."""

    def __init__(self, live: "Live") -> None:
        self._live = live

    def list(self) -> tuple[wire.Token, ...]:
        """The member's tokens, without their secrets. Raises NotAllowed (`token_too_narrow`)."""
        return (self._live.ask(wire.ListTokens())).tokens

    def add(
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
        return self._live.ask(call)

    def revoke(self, password: str, token: wire.Token | int) -> None:
        """End a token, and all that was signed in with it, within a second. Raises NotFound."""
        number = token if isinstance(token, int) else token.id
        self._live.ask(wire.RevokeToken(password=password, token=number))
