"""Keys by which programs sign DNS messages (TSIG, RFC 8945), and what each of them may do."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from beseda.domain.errors import TokenTooNarrow, ZoneKeyRefused
from beseda.domain.ids import AccountId, TokenId, ZoneKeyId
from beseda.domain.records import name_matches, pattern_within
from beseda.domain.tokens import Scope

KEYS_MAX = 50
"""Of one zone."""
SCOPE_MAX = 100
"""Names, and types, in the scope of one key."""
EVERY_ZONE = ""
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,38}[a-z0-9])?")
_NAME = re.compile(r"@|(?:\*\.)?(?:[a-z0-9_-]{1,63}\.)*(?:[a-z0-9_-]{1,63}|\*)", re.IGNORECASE)


class Algorithm(StrEnum):
    """How messages are signed (RFC 8945, 6)."""

    SHA256 = "hmac-sha256"
    SHA384 = "hmac-sha384"
    SHA512 = "hmac-sha512"


@dataclass(frozen=True, slots=True)
class KeyScope:
    """What a key may do.

    `names` are those it may change, relative to the zone, as `name_matches` reads them. No names, or no types, are all.
    """

    update: bool = True
    transfer: bool = False
    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ()

    def covers(self, name: str, type_: str) -> bool:
        """Whether records of this name (relative, folded) and type are its own to change."""
        if not self.update or (self.types and type_ not in self.types):
            return False
        return not self.names or any(name_matches(pattern, name) for pattern in self.names)


@dataclass(frozen=True, slots=True)
class ZoneKey:
    """A key of one zone, or of every zone (then `zone` is "" and `account_id` None: an operator's, for secondaries).

    It is good for as long as the zone is on the account, and if a personal token made it, the token is. Its secret
    follows from the server's key and the `salt`.
    """

    id: ZoneKeyId
    zone: str
    label: str
    account_id: AccountId | None
    algorithm: Algorithm
    salt: str
    scope: KeyScope
    created_at: datetime
    token_id: TokenId | None = None

    @property
    def name(self) -> str:
        """As messages name it: unique, as it ends in the zone."""
        return f"{self.label}.{self.zone}" if self.zone else self.label


def check_label(label: str) -> str:
    """The folded label of a new key, or ZoneKeyRefused."""
    if not _LABEL.fullmatch(label.lower()):
        raise ZoneKeyRefused(detail=f"{label[:80]!r} is no name of a key: 1 to 40 letters, digits, '-' and '_'")
    return label.lower()


def check_names(names: Iterable[str]) -> tuple[str, ...]:
    """Patterns as KeyScope has them, or ZoneKeyRefused."""
    patterns = tuple(dict.fromkeys(name.strip().lower() for name in names))
    if len(patterns) > SCOPE_MAX:
        raise ZoneKeyRefused(detail=f"a key has at most {SCOPE_MAX} names")
    for pattern in patterns:
        if len(pattern) > 253 or not _NAME.fullmatch(pattern):
            raise ZoneKeyRefused(detail=f"{pattern[:80]!r} is no name in a zone: www, @, *.lab or _acme-challenge.*")
    return patterns


def narrowed(scope: KeyScope, token: Scope, zone: str) -> KeyScope:
    """The scope of a key that a personal token makes: what names or types it leaves open are the token's.

    Raises TokenTooNarrow where it would be wider than the token.
    """
    names, types = scope.names or token.names_in(zone), scope.types or tuple(sorted(token.types))
    if (
        not token.reaches_zone(zone)
        or (scope.update and token.read_only)
        or (token.names and not all(any(pattern_within(n, w) for w in token.names_in(zone)) for n in names))
        or (token.types and not token.types.issuperset(types))
    ):
        raise TokenTooNarrow
    return KeyScope(scope.update, scope.transfer, names, types)
