"""The table of objects and methods: dispatch, checking of parameters and `rpc.discover` are made from it."""

from typing import Any

from beseda.api.spaceweb import domains, pay
from beseda.api.spaceweb.openrpc import describe
from beseda.api.spaceweb.table import Gateway, Method, Object, Param, text
from beseda.core.caller import Caller
from beseda.domain.sessions import Handle


async def get_token(gateway: Gateway, caller: Caller, login: str, password: str) -> str:
    """Sign in. The result is the token to send from then on, as `Authorization: Bearer <token>`."""
    signed_in = await gateway.core.auth.sign_in(
        login, password, kind=Handle.BEARER, address=caller.address, protocol="spaceweb"
    )
    return signed_in.handle


def _object(name: str, doc: str, *methods: Method, public: bool = False) -> Object:
    """An object that also describes itself."""

    async def discover(_gateway: Gateway, _caller: Caller) -> dict[str, Any]:
        """The description of this object's methods (OpenRPC, Service Discovery)."""
        return description

    listed = (*methods, Method("rpc.discover", discover))
    made = Object(name, doc, {method.name: method for method in listed}, public)
    description = describe(made)
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
        public=True,
    ),
    _object("domains", "The domains on the account.", *domains.METHODS),
    _object("pay", "The account's money.", *pay.METHODS),
)
