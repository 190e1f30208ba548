"""The object `pay`: what members have, and what is to be paid."""

from beseda.api.spaceweb.table import Gateway, Method
from beseda.core.caller import Caller
from beseda.domain.ledger import Balance
from beseda.wire.spaceweb.pay import BalanceView, Billing, BlockInfo, Deferment, Money

BILLING_TYPE = 1


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
