"""Second factors of members, as their telephones show them."""

import re
from base64 import b32decode
from dataclasses import dataclass

import httpx

from beseda.core.caller import Caller
from beseda.domain.second_factor import STEP_S, code_at, step_of
from beseda.domain.sessions import Handle
from beseda.testing import PASSWORD, BesedaServer


@dataclass
class Authenticator:
    """That of a member; `recovery` are his codes for when it is lost."""

    server: BesedaServer
    secret: bytes
    recovery: list[str]

    def code(self) -> str:
        """One that was not shown before: the clock goes on until there is one."""
        self.server.move_clock(STEP_S)
        return code_at(self.secret, step_of(self.server.clock.now()))


def read(server: BesedaServer, secret: str) -> Authenticator:
    """One that was told the secret of a page."""
    return Authenticator(server, b32decode(secret + "=" * (-len(secret) % 8)), [])


def enrol(server: BesedaServer, nick: str, password: str = PASSWORD) -> Authenticator:
    """Turn a member's on; his other sessions end."""
    core = server.core
    inside = server.run(core.auth.sign_in(nick, password, kind=Handle.COOKIE, address="192.0.2.7"))
    caller = Caller("192.0.2.7", inside.account, inside.session)
    begun = server.run(core.second_factors.begin(caller, password))
    first = code_at(begun.secret, step_of(server.clock.now()))
    recovery = server.run(core.second_factors.confirm(caller, begun.ticket, first))
    server.run(core.auth.sign_out(caller))
    return Authenticator(server, begun.secret, recovery)


def ticket_of(answer: httpx.Response) -> str:
    """Of the page that asks for the code; "" when it does not."""
    found = re.search(r'name="ticket" value="([^"]+)"', answer.text)
    return found[1] if found else ""
