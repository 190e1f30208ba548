"""Money as SpaceWeb has it (the object `pay`)."""

from decimal import Decimal

import msgspec

Money = int | float
"""Whole units of the currency, with a fraction only when there is one."""


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


class Balance(
    msgspec.Struct, frozen=True, rename={name: f"{name}_balance" for name in ("real", "bonus", "credit", "vat")}
):
    """The account's money in roubles, as any server tells it.

    `real` (`real_balance`) is money, `bonus` (`bonus_balance`) what the service gave, `credit` (`credit_balance`) what
    is owed, `vat` (`vat_balance`) the real money by kind of tax (a number of the service's).
    """

    real: Decimal
    bonus: Decimal
    credit: Decimal = Decimal(0)
    vat: dict[str, Decimal] = {}


class Account(msgspec.Struct, frozen=True, rename={"domain_bonuses": "domainBonuses", "blocked": "blockedMoney"}):
    """The account's billing, as any server tells it. Money is in roubles.

    `status` is `active`, or why it is not; `domain_bonuses` (`domainBonuses`) counts bonuses for domains, `blocked`
    (`blockedMoney`) is money that is held back.
    """

    balance: Balance
    status: str = ""
    domain_bonuses: int = 0
    blocked: Decimal = Decimal(0)
