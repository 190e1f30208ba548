"""The object `pay`: what members have, and what is to be paid."""

import msgspec

from beseda.api.spaceweb.table import Gateway, Method
from beseda.core.caller import Caller
from beseda.domain.ledger import Balance

Money = int | float
"""Whole units of the currency, with a fraction only when there is one."""
BILLING_TYPE = 1


class BalanceView(msgspec.Struct, frozen=True):
    """The account's money. All services are paid from one pocket, so the one for clouds is empty."""

    real_balance: Money
    bonus_balance: Money
    vat_balance: dict[str, str]
    credit_balance: Money
    type: int
    multiple_balance_enabled: bool
    cloud_balance: Money
    other_balance: Money
    cloud_balance_view: Money
    other_balance_view: Money


class BlockInfo(msgspec.Struct, frozen=True):
    """When the money runs out: a date (d.m.Y), and in how many days. "" and 0 when it does not."""

    days_date: str
    days: int
    days_word: str


class Deferment(msgspec.Struct, frozen=True):
    """Whether payment may be deferred, and by how many days."""

    show: bool
    value: int


class Billing(
    msgspec.Struct,
    frozen=True,
    rename={
        "is_autopayment_enable": "isAutopaymentEnable",
        "domain_bonuses": "domainBonuses",
        "block_info": "blockInfo",
        "blocked_money": "blockedMoney",
        "edge_date": "edgeDate",
    },
):
    """The account's billing at a glance. `edgeDate` (Y-m-d) is "" since nothing is charged by the day."""

    balance: BalanceView
    auto_payment_enable: int
    is_autopayment_enable: int
    domain_bonuses: int
    status: str
    block_info: BlockInfo
    blocked_money: Money
    deferment: Deferment
    edge_date: str


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


async def index(gateway: Gateway, caller: Caller) -> Billing:
    """The account's billing at a glance."""
    return Billing(
        balance=await get_balance(gateway, caller),
        auto_payment_enable=0,
        is_autopayment_enable=0,
        domain_bonuses=0,
        status="active",
        block_info=BlockInfo(days_date="", days=0, days_word="дней"),
        blocked_money=0,
        deferment=Deferment(show=False, value=0),
        edge_date="",
    )


async def get_balance(gateway: Gateway, caller: Caller) -> BalanceView:
    """The account's money, by pocket."""
    return _view(await gateway.core.billing.balance(caller))


METHODS = (Method("index", index), Method("getBalance", get_balance))
