"""Words that answers of commands have, by the name that they stand under, for readers of any language."""

from collections.abc import Mapping
from datetime import datetime

from beseda.api.chatcz.site_rooms import LOG_TEXTS
from beseda.api.web.refusals import TEXTS
from beseda.api.words import N_
from beseda.domain.errors import leaves

ROLES = {
    "observer": N_("observer"),
    "moderator": N_("moderator"),
    "owner": N_("owner"),
    "member": N_("member"),
    "room_admin": N_("room admin"),
}
COUNTED_BY = (
    *(N_("address"), N_("account"), N_("account and address"), N_("session"), N_("connection")),
    *(N_("account, or address"), N_("member, or address")),
)
SAID: Mapping[str, Mapping[str, str]] = {
    "standing": {"active": N_("is active"), "blocked": N_("is blocked"), "frozen": N_("is frozen")},
    "role": ROLES,
    "sex": {"f": N_("a woman"), "m": N_("a man")},
    "kind": {
        "cookie": N_("browser"),
        "sid": N_("program (Spaces)"),
        "bearer": N_("program (token)"),
        "token": N_("personal token"),
        "channel": N_("live channel"),
    },
    "lock": {
        "open": N_("open"),
        "logged": N_("closed to guests"),
        "y18": N_("closed to everybody under 18"),
        "all": N_("closed"),
    },
    "outcome": {
        "done": N_("done"),
        "failed": N_("failed"),
        "under_way": N_("under way"),
        **{leaf.code: TEXTS[leaf] for leaf in leaves() if leaf in TEXTS},
    },
    "deed": LOG_TEXTS,
    "renewal": {"no": N_("no"), "manual": N_("by hand"), "bonus_money": N_("with bonus money")},
    "counted_by": {each: each for each in COUNTED_BY},
    "expires": {"never": N_("never")},
    "used": {"never": N_("never")},
    "scope": {"everything": N_("everything")},
}
"""What is not here is shown as it is: names, texts of members, types of records."""


class Said(str):
    """A text of the catalogues."""

    __slots__ = ()
    is_said = True


def readable(name: str, value: object) -> object:
    """A value that stands under this name: moments are told as such, and words can be translated."""
    if not isinstance(value, str):
        return value
    if value in (words := SAID.get(name, {})):
        return Said(words[value])
    if len(value) == len("2026-11-27T00:00:00Z") and value.endswith("Z"):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return value
    return value
