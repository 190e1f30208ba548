"""Methods of `domains` about registering and renewing at a registrar: what they would cost, and that none is made here.

Persons belong to it.
"""

from beseda.api.spaceweb.codec import RpcRefused
from beseda.api.spaceweb.domains import DOMAIN, NAMES
from beseda.api.spaceweb.errors import REFUSED, text_of
from beseda.api.spaceweb.table import Gateway, Method, Param, choice
from beseda.core.caller import Caller
from beseda.domain.errors import DomainTaken, ZoneNotServed
from beseda.wire.spaceweb.envelope import Extended, ExtendedResult, Fault

NO_ORDERS = Fault(REFUSED, "Регистрация, продление и перенос доменов здесь недоступны")
NO_PERSONS = Fault(REFUSED, "Доменные персоны здесь недоступны")


async def is_available(gateway: Gateway, caller: Caller, domain: str, _pay_type: str) -> int:
    """Whether a name could be put on the account: 1. Whether it is registered anywhere else is not asked."""
    try:
        await gateway.core.domains.check_free(caller, domain)
    except (DomainTaken, ZoneNotServed) as refusal:
        raise RpcRefused(Fault(REFUSED, text_of(refusal))) from refusal
    return 1


async def registration_price(gateway: Gateway, caller: Caller, domain: str) -> int:
    """What it costs to register a domain of the account."""
    await gateway.core.domains.get(caller, domain)
    return gateway.registration_price


async def is_transferable(gateway: Gateway, caller: Caller, domain: str) -> int:
    """Whether a domain of the account can be transferred from another registrar: 0."""
    await gateway.core.domains.get(caller, domain)
    return 0


async def packages(_gateway: Gateway, _caller: Caller, _domains: list[str] | None) -> list[str]:
    """Bundles of domains: none."""
    return []


async def order(_gateway: Gateway, _caller: Caller) -> int:
    """Not offered."""
    raise RpcRefused(NO_ORDERS)


async def order_renewals(_gateway: Gateway, _caller: Caller) -> Extended:
    """Not offered; an extendedResult says so."""
    return Extended(ExtendedResult(0, NO_ORDERS.message, []))


async def person(_gateway: Gateway, _caller: Caller) -> int:
    """Not offered."""
    raise RpcRefused(NO_PERSONS)


METHODS = (
    Method(
        "regAvailable",
        is_available,
        (DOMAIN, Param("payType", choice({"balance": "", "bonus": ""}), "What it would be paid with.", "")),
    ),
    Method("priceForRegistration", registration_price, (DOMAIN,)),
    Method("priceForTrasfer", is_transferable, (DOMAIN,)),
    Method("getAvailablePackages", packages, (Param("domains", NAMES, "The names.", None),)),
    *(Method(name, order) for name in ("reg", "regList", "prolong")),
    Method("prolongList", order_renewals),
)
PERSONS_METHODS = tuple(Method(name, person) for name in ("index", "getinfo", "createFizIp", "createJur"))
