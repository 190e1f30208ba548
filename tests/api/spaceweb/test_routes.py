"""What a transcript cannot say: two at once, bodies of many kilobytes."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import pytest

from beseda.core.accounts import Application
from beseda.domain.ledger import Pocket
from beseda.domain.sessions import Handle
from beseda.testing import BesedaServer

MEMBERS = ("Alena", "Brana")


@pytest.fixture
def tokens(beseda_server: BesedaServer) -> dict[str, str]:
    """A token of each member."""
    core, run = beseda_server.core, beseda_server.run
    for nick in MEMBERS:
        run(core.accounts.add(Application(nick, "kratka zima 7")))
    sign_in = core.auth.sign_in
    return {
        nick: run(sign_in(nick, "kratka zima 7", kind=Handle.BEARER, address="192.0.2.1")).handle for nick in MEMBERS
    }


def call(server: BesedaServer, token: str, thing: str, method: str, **params: object) -> Any:
    """The result, or the error's message."""
    body = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}
    answer = httpx.post(f"{server.url}/rpc/{thing}", json=body, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    envelope = answer.json()
    return envelope["result"] if "result" in envelope else envelope["error"]["message"]


def told(answer: Any) -> str:
    """A result, or the message that stands for one."""
    return str(answer["extendedResult"]["message"] if isinstance(answer, dict) else answer)


@pytest.mark.parametrize("turn", range(5))
def test_of_two_who_want_a_name_at_once_one_gets_it(
    beseda_server: BesedaServer, tokens: dict[str, str], turn: int
) -> None:
    start = Barrier(len(MEMBERS))

    def add(nick: str) -> object:
        start.wait()
        return call(beseda_server, tokens[nick], "domains", "add", domain=f"vzor{turn}.ru")

    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(add, MEMBERS))
    lists = [call(beseda_server, tokens[nick], "domains", "index") for nick in MEMBERS]
    assert sorted(map(told, answers)) == ["1", "Домен занят"]
    assert [len(listed) for listed in lists] == [int(answer == 1) for answer in answers]


def test_of_two_lists_with_a_name_in_common_one_is_added_whole(
    beseda_server: BesedaServer, tokens: dict[str, str]
) -> None:
    start = Barrier(len(MEMBERS))

    def add(nick: str) -> object:
        start.wait()
        names = [f"{nick}{number}.ru" for number in range(5)] + ["vzor.ru"]
        return call(beseda_server, tokens[nick], "domains", "moveList", domains=names)

    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(add, MEMBERS))
    lists = [call(beseda_server, tokens[nick], "domains", "index") for nick in MEMBERS]
    assert sorted(len(listed) for listed in lists) == [0, 6]
    assert [len(listed) for listed in lists] == [6 if answer == 1 else 0 for answer in answers]


def test_a_member_who_adds_a_name_twice_at_once_has_it_once(
    beseda_server: BesedaServer, tokens: dict[str, str]
) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda _: call(beseda_server, tokens["Alena"], "domains", "add", domain="vzor.ru"), range(4))
        )
    assert sorted(map(told, answers)) == ["1", *["Домен уже на аккаунте"] * 3]
    assert len(call(beseda_server, tokens["Alena"], "domains", "index")) == 1


@pytest.mark.parametrize(
    ("amount_minor", "on_the_wire"),
    [
        (50_000, "500"),
        (1, "0.01"),
        (12_345, "123.45"),
        (100, "1"),
        (10**15, "10000000000000"),
        (10**15 - 1, "9999999999999.99"),
    ],
)
def test_money_on_the_wire(
    beseda_server: BesedaServer, tokens: dict[str, str], amount_minor: int, on_the_wire: str
) -> None:
    alena = beseda_server.run(beseda_server.core.accounts.find("Alena"))
    beseda_server.run(beseda_server.core.billing.credit(alena.id, Pocket.REAL, amount_minor, "given"))
    body = b'{"jsonrpc":"2.0","method":"getBalance"}'
    headers = {"Authorization": f"Bearer {tokens['Alena']}"}
    answer = httpx.post(f"{beseda_server.url}/rpc/pay", content=body, headers=headers)
    assert f'"real_balance":{on_the_wire},' in answer.text


def test_the_longest_body_is_read_and_a_longer_one_is_not(beseda_server: BesedaServer) -> None:
    for length, code in [(64 * 1024, -32601), (64 * 1024 + 1, -32600), (1_000_000, -32600)]:
        body = json.dumps({"jsonrpc": "2.0", "id": 1}).encode()
        answer = httpx.post(f"{beseda_server.url}/rpc/nothing", content=body.ljust(length))
        assert answer.status_code == 200
        error = answer.json()["error"]
        assert (error["code"], "64 KiB" in "".join(error["data"])) == (code, length > 64 * 1024)


def test_a_thousand_names_are_too_many_for_one_call(beseda_server: BesedaServer, tokens: dict[str, str]) -> None:
    names = ",".join(f"a{number}.ru" for number in range(1000))
    answer = call(beseda_server, tokens["Alena"], "domains", "moveList", domains=names)
    assert answer == "Invalid method parameter(s)"
    assert call(beseda_server, tokens["Alena"], "domains", "index") == []


@pytest.mark.long
def test_a_whole_zone_may_be_large_from_who_is_signed_in(beseda_server: BesedaServer, tokens: dict[str, str]) -> None:
    """2 MiB and 100,000 members for `domains/zone`; for other objects, and from anybody, as little as ever."""
    call(beseda_server, tokens["Alena"], "domains", "add", domain="vzor.ru")

    def send(sets: int, padding: int = 0, thing: str = "domains/zone", token: str = tokens["Alena"]) -> Any:
        params = {
            "domain": "vzor.ru",
            "sets": [{"name": f"h{number}", "type": "A", "data": "192.0.2.1"} for number in range(sets)],
            "padding": "x" * padding,
        }
        body = json.dumps({"jsonrpc": "2.0", "method": "replace", "params": params, "id": 1})
        answer = httpx.post(
            f"{beseda_server.url}/rpc/{thing}", content=body, headers={"Authorization": f"Bearer {token}"}
        ).json()
        error = answer.get("error", {})
        return len(answer["result"]["added"]) if "result" in answer else (error["code"], error["data"])

    assert send(3000) == 3000
    assert send(0, 2 * 1024 * 1024) == (-32600, ["more than 2048 KiB"])
    assert send(17_000) == (-32602, ["more than 100,000 members"])
    assert send(3000, thing="domains/dns") == send(3000, token="nobody's") == (-32600, ["more than 64 KiB"])
    assert call(beseda_server, tokens["Alena"], "domains/zone", "index", domain="vzor.ru")["records"] == 3000
