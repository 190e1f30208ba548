"""An operator's word, on the command line's registry and over HTTP, and what SpaceWeb's clients hear of it."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from beseda.core.accounts import Application
from beseda.domain.operators import OperatorRole
from beseda.testing import BesedaServer


@pytest.fixture(scope="module")
def server() -> Iterator[BesedaServer]:
    with BesedaServer({"domains.ownership": "operator"}) as server:
        server.run(server.core.accounts.add(Application("Alena", "kratka zima 7")))
        yield server


def ask(server: BesedaServer, method: str, path: str, **more: Any) -> Any:
    _, secret = server.run(server.core.operators.add_token(path, OperatorRole.OWNER))
    headers = {"Authorization": f"Bearer {secret}"}
    answer = httpx.request(method, f"{server.beseda.ops_url}/admin/api/domain/{path}", headers=headers, **more)
    return answer.json() | {"status": answer.status_code} if isinstance(answer.json(), dict) else answer.json()


def move(server: BesedaServer, token: str, method: str, **params: object) -> Any:
    call = {"jsonrpc": "2.0", "method": method, "params": params}
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.post(f"{server.url}/rpc/domains", json=call, headers=headers).json()["result"]


def test_a_member_asks_and_an_operator_decides(server: BesedaServer) -> None:
    token = server.token("Alena")
    names = ["vzor.ru", "druhy.ru"]
    told = move(server, token, "moveList", domains=names)["extendedResult"]
    assert told["code"] == 0
    (_, first), (_, number), (_, _), (_, other) = told["data"]
    assert first == f"Заявка № {number} ждёт решения администратора"
    assert move(server, token, "move", domain="vzor.ru")["extendedResult"]["data"][1] == ["request", number]
    waiting = ask(server, "GET", "requests")
    assert [(each["number"], each["name"], each["nick"]) for each in waiting] == [
        (int(number), "vzor.ru", "Alena"),
        (int(other), "druhy.ru", "Alena"),
    ]
    assert ask(server, "POST", "deny", json={"number": int(other), "reason": "x" * 201})["status"] == 400
    assert ask(server, "POST", "deny", json={"number": int(other), "reason": "Není vaše"})["reason"] == "Není vaše"
    assert ask(server, "POST", "approve", json={"number": int(number)})["nick"] == "Alena"
    assert ask(server, "POST", "approve", json={"number": int(number)})["error"] == "domain_request_not_found"
    assert ask(server, "POST", "deny", json={"number": int(number)})["status"] == 404
    assert ask(server, "GET", "requests") == []
    assert [each["reason"] for each in ask(server, "GET", "requests", params={"denied": "true"})] == ["Není vaše"]
    told = move(server, token, "moveList", domains=names)["extendedResult"]
    assert told["data"][0] == ["druhy.ru", f"Заявка № {other} отклонена: Není vaše"]
    assert [each["fqdn"] for each in move(server, token, "index")] == ["vzor.ru"]


def test_an_operator_hands_a_domain_over(server: BesedaServer) -> None:
    for nick, name in (("Brana", "hers.ru"), ("Cyril", "his.ru")):
        server.run(server.core.accounts.add(Application(nick, "kratka zima 7")))
        server.domain(name, nick)
    told = ask(server, "POST", "hand-over", json={"name": "hers.ru", "nick": "Cyril"})
    assert (told["name"], told["nick"]) == ("hers.ru", "Cyril")
    assert ask(server, "POST", "hand-over", json={"name": "hers.ru", "nick": "Cyril"})["error"] == "domain_present"
    assert ask(server, "POST", "hand-over", json={"name": "nikde.ru", "nick": "Cyril"})["status"] == 404
