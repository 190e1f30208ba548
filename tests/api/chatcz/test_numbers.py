"""Numbers that name nothing: at every address that has one, as who may do everything."""

import httpx
import pytest

from api.live.client import register, signed_in
from beseda.api.base import WebOptions
from beseda.api.chatcz.routes import ChatczFace
from beseda.api.web.house import House
from beseda.domain.accounts import Role
from beseda.testing import BesedaServer

NUMBERS = ("0", "999999", "9223372036854775807", "9223372036854775808", "9999999999999999999")
FORM = {"seq": "9" * 18, "userId": "9" * 18, "amount": "1", "reason": "x", "text": "x", "nick": "Alena"}


def addresses(server: BesedaServer) -> list[tuple[str, str]]:
    """Methods and paths with `#` in them."""
    face = ChatczFace(server.core, server.clock, WebOptions(), House())
    parts = (face._rest, face._site, face._people, face._rooms)
    routes = [(method, path) for part in parts for path, found in part._routes.items() for method in found]
    return [(method, path) for method, path in routes if "#" in path and method != "HEAD"]


@pytest.mark.parametrize("number", NUMBERS)
def test_they_are_not_found_and_nothing_breaks(number: str) -> None:
    with BesedaServer() as server:
        register(server, "Alena")
        server.run(server.core.accounts.set_role(server.run(server.core.accounts.find("Alena")).id, Role.ROOM_ADMIN))
        with signed_in(server, "Alena") as alena, httpx.Client(base_url=server.url) as nobody:
            found = addresses(server)
            assert len(found) > 25
            for client in (alena, nobody):
                for method, path in found:
                    answer = client.request(method, path.replace("#", number), data=FORM if method == "POST" else None)
                    assert answer.status_code < 500, (method, path)
