"""Who asks, by the session's cookie."""

from itertools import islice

from beseda.api.base import Scope, WebOptions, address_of, cookie_name, is_secure, session_cookies
from beseda.core.auth import Auth
from beseda.core.caller import Caller
from beseda.domain.sessions import Handle

TRIED_MAX = 4
"""How many cookies of a request are looked up; a browser may have some of each server on the host."""


async def caller_by_cookie(auth: Auth, scope: Scope, options: WebOptions, protocol: str) -> tuple[Caller, str]:
    """Who shows the cookie of a session that is alive, with its handle; "" and nobody when there is none."""
    address = address_of(scope)
    for handle in islice(session_cookies(scope, options), TRIED_MAX):
        caller = await auth.caller(Handle.COOKIE, handle, address, protocol=protocol)
        if caller.session is not None:
            return caller, handle
    return Caller(address), ""


def session_cookie(scope: Scope, options: WebOptions, handle: str) -> tuple[bytes, bytes]:
    """The header that gives a browser the session's handle; an empty handle takes the cookie away."""
    attributes = "; Path=/; HttpOnly; SameSite=Lax"
    if is_secure(scope, options):
        attributes += "; Secure"
    if not handle:
        attributes += "; Max-Age=0"
    return b"set-cookie", f"{cookie_name(scope, options)}={handle}{attributes}".encode()
