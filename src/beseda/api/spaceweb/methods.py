"""The table of objects and methods: dispatch, checking of parameters and `rpc.discover` are made from it."""

import functools
from typing import Any

from beseda.api.spaceweb import account, bonus, dns, domains, handover, keys, orders, pay, subdomains, zone
from beseda.api.spaceweb.table import Gateway, Method, Object, Param, text
from beseda.core.caller import Caller
from beseda.domain.sessions import Handle


async def get_token(gateway: Gateway, caller: Caller, login: str, password: str) -> str:
    """Sign in. The result is the token to send from then on, as `Authorization: Bearer <token>`."""
    signed_in = await gateway.core.auth.sign_in(
        login, password, kind=Handle.BEARER, address=caller.address, protocol="spaceweb"
    )
    return signed_in.handle


def _object(name: str, doc: str, *methods: Method, public: bool = False, large: bool = False) -> Object:
    """An object that also describes itself."""

    async def discover(_gateway: Gateway, _caller: Caller) -> dict[str, Any]:
        """The description of this object's methods (OpenRPC, Service Discovery)."""
        return description()

    @functools.cache
    def description() -> dict[str, Any]:
        from beseda.api.spaceweb.openrpc import describe  # hardly anybody asks

        return describe(made)

    listed = (*methods, Method("rpc.discover", discover))
    made = Object(name, doc, {method.name: method for method in listed}, public, large)
    return made


OBJECTS = (
    _object(
        "notAuthorized",
        "What needs no token.",
        Method(
            "getToken",
            get_token,
            (
                Param("login", text(254), "Nick, e-mail or phone number."),
                Param("password", text(1024), "The account's password."),
            ),
        ),
        Method("vpsOsConfig", account.vps_os_config),
        public=True,
    ),
    _object("account", "The account.", *account.METHODS),
    _object("tariff", "What the account may use.", *account.TARIFF_METHODS),
    _object("domains", "The domains on the account.", *domains.METHODS, *subdomains.METHODS, *orders.METHODS),
    _object("domains/bonus", "Domains that are paid for in advance: there are none.", *bonus.METHODS),
    _object("domains/persons", "Who domains are registered for: not kept yet.", *orders.PERSONS_METHODS),
    _object("domains/dns", "The records of a domain's zone.", *dns.METHODS),
    _object("domains/zone", "Zones by record sets, and whole.", *zone.METHODS, large=True),
    _object("domains/keys", "Keys by which programs change a domain's zone or fetch it.", *keys.METHODS),
    _object("domains/handover", "Domains that members hand over to each other.", *handover.METHODS),
    _object("pay", "The account's money.", *pay.METHODS),
)
