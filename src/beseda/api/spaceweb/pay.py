"""The object `pay`: what members have, and what is to be paid."""

from functools import lru_cache
from typing import Annotated

import msgspec

from beseda.api.spaceweb.codec import RpcRefused, ascii_json
from beseda.api.spaceweb.errors import REFUSED
from beseda.api.spaceweb.table import BOOLEAN, DONE, Done, Gateway, Method, Param
from beseda.core.caller import Caller
from beseda.domain.ledger import Balance
from beseda.wire.spaceweb.envelope import Fault
from beseda.wire.spaceweb.pay import BalanceView, Billing, BlockInfo, Deferment, Money

BILLING_TYPE = 1
NO_DEFERMENT = Fault(REFUSED, "Отсрочка платежа недоступна")


class Recommendations(msgspec.Struct, frozen=True):
    """What should be paid. The account has no bonuses; `total_frp_balance` is its real money."""

    total_frp_balance: Money
    recommended_for_pay: tuple[()] = ()
    recommended_for_pay_balance: tuple[()] = ()
    exist_domain_bonus: int = 0
    tariff_domain_bonus: int = 0
    tariff_domain_bonus_tld: int = 0
    domain_bonuses_by_tld: dict[str, int] = msgspec.field(default_factory=lambda: {"any": 0})


def _money(amount_minor: int) -> Money:
    whole, rest = divmod(amount_minor, 100)
    return amount_minor / 100 if rest else whole


def _view(balance: Balance) -> BalanceView:
    real = _money(balance.real_minor)
    return BalanceView(
        real_balance=real,
        bonus_balance=_money(balance.bonus_minor),
        vat_balance={},
        credit_balance=0,
        type=BILLING_TYPE,
        multiple_balance_enabled=False,
        cloud_balance=0,
        other_balance=real,
        cloud_balance_view=0,
        other_balance_view=real,
    )


@lru_cache(maxsize=1024)
def _written(real_minor: int, bonus_minor: int) -> msgspec.Raw:
    """The view: clients ask for it again and again."""
    return msgspec.Raw(ascii_json(_view(Balance(real_minor, bonus_minor))))


async def index(gateway: Gateway, caller: Caller) -> Billing:
    """The account's billing at a glance."""
    return Billing(
        balance=_view(await gateway.core.billing.balance(caller)),
        auto_payment_enable=0,
        is_autopayment_enable=0,
        domain_bonuses=0,
        status="active",
        block_info=BlockInfo(days_date="", days=0, days_word="дней"),
        blocked_money=0,
        deferment=Deferment(show=False, value=0),
        edge_date="",
    )


async def get_balance(gateway: Gateway, caller: Caller) -> Annotated[msgspec.Raw, BalanceView]:
    """The account's money, by pocket."""
    balance = await gateway.core.billing.balance(caller)
    return _written(balance.real_minor, balance.bonus_minor)


async def is_autopayment_enabled(_gateway: Gateway, _caller: Caller) -> bool:
    """Whether bills are paid by themselves: they are not."""
    return False


async def get_recommendations(gateway: Gateway, caller: Caller, _with_balance: bool) -> Recommendations:
    """What should be paid: nothing costs anything by the day."""
    balance = await gateway.core.billing.balance(caller)
    return Recommendations(total_frp_balance=_money(balance.real_minor))


async def get_recommended_total(_gateway: Gateway, _caller: Caller) -> int:
    """The sum of what should be paid: 0."""
    return 0


async def get_upcoming(_gateway: Gateway, _caller: Caller) -> tuple[()]:
    """Payments that come: none."""
    return ()


async def change_deferment(_gateway: Gateway, _caller: Caller, on: bool) -> Done:
    """Pay later: not offered, so it can only be turned off."""
    if on:
        raise RpcRefused(NO_DEFERMENT)
    return DONE


async def get_remains_date(_gateway: Gateway, _caller: Caller) -> str:
    """The date until which the money lasts (d.m.Y): "" since it does not run out."""
    return ""


async def get_remains_days(_gateway: Gateway, _caller: Caller) -> int:
    """The days until then: 0, as in `index`."""
    return 0


async def get_reserves(_gateway: Gateway, _caller: Caller) -> tuple[()]:
    """Money that is held in reserve: none."""
    return ()


METHODS = (
    Method("index", index),
    Method("getBalance", get_balance),
    Method("isAutopaymentEnable", is_autopayment_enabled),
    Method(
        "getPayRecommendations",
        get_recommendations,
        (Param("addBalanceRecommendations", BOOLEAN, "Also what would be wise to pay in.", False),),
    ),
    Method("getRecommendationTotalCost", get_recommended_total),
    Method("getUpcomingPaymentsVh", get_upcoming),
    Method("changeDeferment", change_deferment, (Param("turnOn", BOOLEAN, "Whether to pay later."),)),
    Method("getRemainsDate", get_remains_date),
    Method("getRemainsDays", get_remains_days),
    Method("getActiveReserves", get_reserves),
)
