"""The objects `account` and `tariff`, and the catalogue of servers, which is empty."""

import msgspec

from beseda.api.spaceweb.table import Gateway, Method
from beseda.core.caller import Caller


class Properties(msgspec.Struct, frozen=True):
    """Who is signed in."""

    login: str


class TariffInfo(msgspec.Struct, frozen=True):
    """The plan: everything that costs nothing here is 0."""

    plan_id: int = 0
    name: str = "Beseda"
    category: str = "standart"
    quota: int = 0
    mail_quota: int = 0
    mysql: int = 0
    site: int = 0
    postgresql: int = 0
    price: int = 0
    price_6: int = 0
    price_12: int = 0
    duration: int = 0


class TariffUse(
    msgspec.Struct,
    frozen=True,
    rename={
        "real_price": "realPrice",
        "real_duration": "realDuration",
        "prolong_price": "prolongPrice",
        "prolong_duration": "prolongDuration",
        "no_hosting": "noHosting",
        "prolong_change_disable": "prolongChangeDisable",
    },
):
    """What is used of it, in the service's own forms: sizes with a comma, counts as text. Nothing is hosted."""

    quota: str = "0,00"
    mail_quota: str = "0,00"
    mysql: str = "0"
    site: int = 0
    postgresql: str = "0"
    firebird: str = "0"
    mailbox: str = "0"
    real_price: int = 0
    real_duration: int = 0
    prolong_price: int = 0
    prolong_duration: int = 0
    no_hosting: int = 1
    prolong_change_disable: bool = True


class Tariff(msgspec.Struct, frozen=True):
    """The account's plan, and what is used of it."""

    info: TariffInfo = TariffInfo()
    real: TariffUse = TariffUse()


class Catalogue(
    msgspec.Struct,
    frozen=True,
    rename={
        "vps_plans": "vpsPlans",
        "select_os": "selectOs",
        "select_panel": "selectPanel",
        "os_panel": "osPanel",
    },
):
    """Servers that could be ordered: none."""

    vps_plans: tuple[()] = ()
    select_os: tuple[()] = ()
    select_panel: tuple[()] = ()
    os_panel: tuple[()] = ()
    datacenters: tuple[()] = ()
    categories: tuple[()] = ()


async def get_properties(_gateway: Gateway, caller: Caller) -> Properties:
    """Who is signed in."""
    account, _ = caller.signed_in()
    return Properties(account.nick)


async def tariff(_gateway: Gateway, _caller: Caller) -> Tariff:
    """The account's plan: there are none to choose from."""
    return Tariff()


async def vps_os_config(_gateway: Gateway, _caller: Caller) -> Catalogue:
    """Virtual servers that can be ordered: none."""
    return Catalogue()


METHODS = (Method("getProperties", get_properties),)
TARIFF_METHODS = (Method("index", tariff),)
