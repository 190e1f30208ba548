"""The object `domains/bonus`: domains that are paid for in advance. Nobody has any, and none are sold."""

import msgspec

from beseda.api.spaceweb.codec import RpcRefused
from beseda.api.spaceweb.errors import REFUSED
from beseda.api.spaceweb.table import BOOLEAN, Gateway, Method, Param, choice, integer
from beseda.core.caller import Caller
from beseda.wire.spaceweb.envelope import Fault

NOT_SOLD = Fault(REFUSED, "Доменные бонусы здесь не продаются")


class Bonuses(msgspec.Struct, frozen=True, rename={"unused": "unusedCount"}):
    """A page of bonuses, and how many there are."""

    bonuses: tuple[()] = ()
    count: int = 0
    unused: int = 0


async def index(_gateway: Gateway, _caller: Caller, *_which: object) -> Bonuses:
    """The account's bonuses: none."""
    return Bonuses()


async def get_list(_gateway: Gateway, _caller: Caller) -> tuple[()]:
    """Bonuses on sale: none."""
    return ()


async def buy(_gateway: Gateway, _caller: Caller, _bonus_id: int) -> int:
    """Not offered."""
    raise RpcRefused(NOT_SOLD)


METHODS = (
    Method(
        "index",
        index,
        (
            Param("page", integer(0, 10**9), "Which page.", 0),
            Param("orderBy", choice({"valid_till": "", "date_used": ""}), "What to sort by.", ""),
            Param("orderType", choice({"ASC": False, "DESC": True}), "Which way to sort.", False),
            Param("used", BOOLEAN, "Only used ones, or only others.", None),
        ),
    ),
    Method("getList", get_list),
    Method("buy", buy, (Param("bonusId", integer(0, 10**9), "Which bundle."),)),
)
