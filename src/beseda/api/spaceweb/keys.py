"""The object `domains/keys`: keys by which a member's programs change zones (RFC 2136) or fetch them (RFC 5936)."""

from base64 import b64encode
from typing import Any

import msgspec

from beseda.api.spaceweb.domains import DOMAIN
from beseda.api.spaceweb.table import BOOLEAN, DONE, Done, Gateway, Kind, Method, Param, TooMany, choice, text
from beseda.core.caller import Caller
from beseda.domain.zone_keys import SCOPE_MAX, Algorithm, KeyScope, ZoneKey


class KeyRow(msgspec.Struct, frozen=True):
    """A key without its secret. `fullName` is how programs name it; no names, or no types, are all."""

    name: str
    full_name: str = msgspec.field(name="fullName")
    algorithm: str
    update: bool
    transfer: bool
    names: list[str]
    types: list[str]
    created: str


class NewKey(KeyRow, frozen=True):
    """The same with its secret, in Base64, which is told this once."""

    secret: str


def _row(key: ZoneKey) -> dict[str, Any]:
    return {
        "name": key.label,
        "full_name": key.name,
        "algorithm": key.algorithm.value,
        "update": key.scope.update,
        "transfer": key.scope.transfer,
        "names": list(key.scope.names),
        "types": list(key.scope.types),
        "created": f"{key.created_at:%Y-%m-%d %H:%M:%S}",
    }


async def index(gateway: Gateway, caller: Caller, domain: str) -> list[KeyRow]:
    """The keys of a domain."""
    return [KeyRow(**_row(key)) for key in await gateway.core.zone_keys.list_own(caller, domain)]


async def add(
    gateway: Gateway,
    caller: Caller,
    domain: str,
    name: str,
    names: list[str],
    types: list[str],
    update: bool,
    transfer: bool,
    algorithm: Algorithm,
) -> NewKey:
    """Make a key. Its secret is in this answer and in no other."""
    scope = KeyScope(update, transfer, tuple(names), tuple(types))
    key, secret = await gateway.core.zone_keys.add(caller, domain, name, scope, algorithm)
    return NewKey(**_row(key), secret=b64encode(secret).decode())


async def remove(gateway: Gateway, caller: Caller, domain: str, name: str) -> Done:
    """Make a key worthless."""
    await gateway.core.zone_keys.remove(caller, domain, name)
    return DONE


def _read_words(value: object) -> list[str]:
    """An array of strings, or one string with commas."""
    words = [word.strip() for word in value.split(",") if word.strip()] if type(value) is str else value
    if type(words) is not list or not all(type(word) is str and len(word) <= 255 for word in words):
        raise ValueError
    if len(words) > SCOPE_MAX:
        raise TooMany(f"more than {SCOPE_MAX} words")
    return words


_ARRAY = {"type": "array", "items": {"type": "string", "maxLength": 255}, "maxItems": SCOPE_MAX}
WORDS = Kind(_read_words, {"anyOf": [_ARRAY, {"type": "string"}]})
NAME = Param("name", text(40), "The key's name within the domain: letters, digits, '-' and '_'.")

METHODS = (
    Method("index", index, (DOMAIN,)),
    Method(
        "add",
        add,
        (
            DOMAIN,
            NAME,
            Param(
                "names", WORDS, "Names that it may change: `www`, `@`, `*.lab`, `_acme-challenge.*`; none are all.", ()
            ),
            Param("types", WORDS, "Types that it may change; none are all.", ()),
            Param("update", BOOLEAN, "Whether it may change the zone.", True),
            Param("transfer", BOOLEAN, "Whether it may fetch the whole zone.", False),
            Param("algorithm", choice({each.value: each for each in Algorithm}), "How it signs.", Algorithm.SHA256),
        ),
    ),
    Method("remove", remove, (DOMAIN, NAME)),
)
