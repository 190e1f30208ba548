"""Personal tokens: what a member lets a program of his do in his name, for how long, and where."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from beseda.domain.errors import TokenInvalid
from beseda.domain.ids import MAX_ID, AccountId, RoomId, TokenId
from beseda.domain.records import name_matches
from beseda.domain.text import CONTROL

PREFIX = "beseda_"
"""What every token begins with, so that programs that look for leaked secrets find it."""
NAME_MAX = 50
DAYS_MAX = 3_660
TOKENS_MAX = 50
"""Tokens that one member may have."""
LISTED_MAX = 100
"""Rooms, zones, names or types of one token."""
_TOKEN = re.compile(rf"{PREFIX}[0-9A-Za-z_-]{{43}}")
_WORD = re.compile(r"[^\s,]{1,255}")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a token reaches. Nothing named is no bound; with rooms or zones it reaches them and nothing else.

    `names` and `types` are those of records in the zones; `bot` is never idle while its socket is open.
    """

    protocols: frozenset[str] = frozenset()
    rooms: frozenset[RoomId] = frozenset()
    zones: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    read_only: bool = False
    bot: bool = False

    @property
    def is_narrow(self) -> bool:
        """Whether it is for some rooms or zones alone."""
        return bool(self.rooms or self.zones or self.names or self.types)

    def reaches_protocol(self, protocol: str) -> bool:
        return not self.protocols or protocol in self.protocols

    def reaches_room(self, room_id: RoomId) -> bool:
        return not self.is_narrow or room_id in self.rooms

    def reaches_zone(self, zone: str, name: str = "", kind: str = "") -> bool:
        """A zone, or a record of a name ("@", or relative to the zone) and a type in it, folded.

        The scope's names are patterns, as those of zones' keys, and may be whole too.
        """
        if not self.is_narrow:
            return True
        if self.rooms and not (self.zones or self.names or self.types):
            return False
        return (
            (not self.zones or zone in self.zones)
            and (not name or not self.names or any(name_matches(each, name) for each in self.names_in(zone)))
            and (not kind or not self.types or kind in self.types)
        )

    def names_in(self, zone: str) -> tuple[str, ...]:
        """The names relative to a zone, also those that are written whole."""
        inside = f".{zone}"
        return tuple(sorted("@" if name == zone else name.removesuffix(inside) for name in self.names))


ANYTHING = Scope()
"""Of a session that no token made."""


@dataclass(frozen=True, slots=True)
class Token:
    """`expires_at` is None for a token that lasts until it is revoked; `used_at` when it was never used."""

    id: TokenId
    account_id: AccountId
    name: str
    scope: Scope
    created_at: datetime
    expires_at: datetime | None = None
    used_at: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        return self.expires_at is not None and now >= self.expires_at


def looks_like_token(text: str) -> bool:
    """Whether what stands in a token's or a password's place is a token by its form."""
    return _TOKEN.fullmatch(text) is not None


def check_token_name(name: str) -> str:
    """The name as it is kept. Raises TokenInvalid."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not 0 < len(name) <= NAME_MAX or CONTROL.search(name):
        raise TokenInvalid(reason="name")
    return name


def check_days(days: int | None) -> int | None:
    """For how many days a token is good, None for ever. Raises TokenInvalid."""
    if days is not None and not 1 <= days <= DAYS_MAX:
        raise TokenInvalid(reason="days")
    return days


def make_scope(
    known_protocols: Iterable[str],
    *,
    protocols: Iterable[str] = (),
    rooms: Iterable[int] = (),
    zones: Iterable[str] = (),
    names: Iterable[str] = (),
    types: Iterable[str] = (),
    read_only: bool = False,
    bot: bool = False,
) -> Scope:
    """A scope of what somebody wrote. Raises TokenInvalid, which says what is none."""
    scope = Scope(
        frozenset(protocols),
        frozenset(RoomId(room) for room in rooms),
        frozenset(zone.lower().rstrip(".") for zone in zones),
        frozenset(name.lower().rstrip(".") for name in names),
        frozenset(kind.upper() for kind in types),
        read_only,
        bot,
    )
    if not scope.protocols <= frozenset(known_protocols):
        raise TokenInvalid(reason="protocols")
    if len(scope.rooms) > LISTED_MAX or not all(0 < room <= MAX_ID for room in scope.rooms):
        raise TokenInvalid(reason="rooms")
    for kind, words in (("zones", scope.zones), ("names", scope.names), ("types", scope.types)):
        if len(words) > LISTED_MAX or not all(_WORD.fullmatch(word) for word in words):
            raise TokenInvalid(reason=kind)
    return scope
