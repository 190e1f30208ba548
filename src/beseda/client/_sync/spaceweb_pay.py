# Written by tools/twins.py from src/beseda/client/_async/spaceweb_pay.py: change that, then `make twins`.
"""The object `pay`: the account's money."""

from typing import TYPE_CHECKING

from beseda.client._answers import convert
from beseda.wire.spaceweb.pay import Account, Balance

if TYPE_CHECKING:
    from beseda.client._sync.spaceweb import SpaceWeb


class Pay:
    """What is there, in roubles."""

    def __init__(self, api: "SpaceWeb") -> None:
        self._api = api

    def get_balance(self) -> Balance:
        """The money, by pocket (`getBalance`)."""
        return convert(_bare(self._api.perform("pay", "getBalance")), Balance, "pay.getBalance")

    def get_account(self) -> Account:
        """The billing at a glance (`index`)."""
        return convert(_bare(self._api.perform("pay", "index")), Account, "pay.index")


def _bare(result: object) -> object:
    """COMPAT(spaceweb): its examples have a list around what its answers have without."""
    return result[0] if isinstance(result, list) and len(result) == 1 else result
