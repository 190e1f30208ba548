"""Every way in while somebody guesses at one member's password from three hundred addresses, 25 times a second."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from beseda.core.accounts import Application
from beseda.testing import BesedaServer, ManualClock

PASSWORD = "kratka zima 7"
HOME, GATEWAY = "198.51.100.1", "198.51.100.2"
PICTURE = re.compile(r"/captcha/([0-9]{16})\.png")
IN, WRONG, WAIT, PICTURE_ASKED = "in", "wrong", "wait", "picture"

Way = Callable[[httpx.Client, str, str, str, str], httpx.Response]


def page(client: httpx.Client, login: str, password: str, address: str, code: str) -> httpx.Response:
    """As our own page sends it."""
    return gateway(client, login, password, address, code, form={"code": code})


def gateway(
    client: httpx.Client, login: str, password: str, address: str, code: str, form: dict[str, str] | None = None
) -> httpx.Response:
    """As gateways send it: without `code`."""
    fields = {"email": login, "password": password, **(form or {})}
    return client.post("/login", data=fields, headers={"X-Forwarded-For": address})


def spaces(client: httpx.Client, login: str, password: str, address: str, code: str) -> httpx.Response:
    fields = {"method": "login", "login": login, "password": password, "code": code}
    return client.post("/neoapi/session", data=fields, headers={"X-Forwarded-For": address})


def spaceweb(client: httpx.Client, login: str, password: str, address: str, code: str) -> httpx.Response:
    params = {"login": login, "password": password}
    call = {"jsonrpc": "2.0", "method": "getToken", "params": params, "id": 1}
    return client.post("/rpc/notAuthorized", json=call, headers={"X-Forwarded-For": address})


SAID = {
    IN: re.compile(r'id="nav-user"|"code":"00000"|"result":"'),
    WRONG: re.compile(r'Jméno nebo heslo není správné|"code":"01003"|"code":-32400'),
    WAIT: re.compile(r'Příliš mnoho pokusů|"code":"00007"|"code":-32001'),
    PICTURE_ASKED: PICTURE,
}
WAYS = {"page": page, "gateway": gateway, "spaces": spaces, "spaceweb": spaceweb}
WITH_PICTURES = ("page", "spaces")


def outcome(answer: httpx.Response) -> str:
    assert answer.status_code == 200
    found = [name for name, pattern in SAID.items() if pattern.search(answer.text)]
    assert len(found) == 1, answer.text
    return found[0]


class Door:
    """One way in, tried from any address; a visitor without cookies each time."""

    def __init__(self, server: BesedaServer, way: Way) -> None:
        self.server = server
        self._way = way
        self._client = httpx.Client(base_url=server.url)

    def knock(self, login: str, password: str, address: str, code: str = "") -> str:
        self._client.cookies.clear()
        return outcome(self.answer(login, password, address, code))

    def answer(self, login: str, password: str, address: str, code: str = "") -> httpx.Response:
        self._client.cookies.clear()
        return self._way(self._client, login, password, address, code)

    def read_picture(self, login: str, password: str, address: str) -> str:
        """The outcome when a picture is asked for and read."""
        asked = self.answer(login, password, address)
        found = PICTURE.search(asked.text)
        assert found is not None, asked.text
        path = found[0]
        assert self._client.get(path, headers={"X-Forwarded-For": address}).headers["content-type"] == "image/png"
        return self.knock(login, password, address, self.server.core.captcha.answer(found[1]))

    def flood(self, seconds: int, login: str = "Alena") -> Counter[str]:
        outcomes: Counter[str] = Counter()
        for number in range(25 * seconds):
            outcomes[self.knock(login, f"hadam {number}", f"203.0.{number % 300 // 250}.{number % 300 % 250}")] += 1
            self.server.clock.move(1 / 25)
        return outcomes

    def close(self) -> None:
        self._client.close()


@pytest.fixture
def settings() -> dict[str, object]:
    return {}


@pytest.fixture
def server(settings: dict[str, object]) -> Iterator[BesedaServer]:
    with BesedaServer({"server.trusted_proxies": ["127.0.0.1"], **settings}) as running:
        for nick in ("Alena", "Brana", "Cyril"):
            running.run(running.core.accounts.add(Application(nick, PASSWORD)))
        yield running


@pytest.fixture(
    params=[pytest.param(way, marks=[] if way in {"page", "spaceweb"} else pytest.mark.long) for way in WAYS]
)
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def door(server: BesedaServer, way: str) -> Iterator[Door]:
    opened = Door(server, WAYS[way])
    yield opened
    opened.close()


@pytest.mark.long
def test_the_owner_gets_in_where_he_is_known_and_few_guesses_are_looked_at(door: Door, way: str) -> None:
    assert door.knock("Alena", PASSWORD, HOME) == IN
    looked_at = 0
    for _ in range(5):
        outcomes = door.flood(4)
        looked_at += outcomes[WRONG]
        assert outcomes[IN] == 0
        assert door.knock("Alena", PASSWORD, HOME) == IN
    assert looked_at <= 12, "ten, and one more in twelve seconds"


def test_where_a_member_is_known_all_ways_in_know(server: BesedaServer, door: Door) -> None:
    door.flood(2)
    for other in WAYS.values():
        elsewhere = Door(server, other)
        address = f"198.51.100.{list(WAYS.values()).index(other) + 10}"
        server.clock.move(13)
        assert elsewhere.knock("Alena", PASSWORD, address) == IN
        door.flood(2)
        assert door.knock("Alena", PASSWORD, address) == IN
        elsewhere.close()


def test_from_a_fresh_address(door: Door, way: str) -> None:
    """With a picture at once; where there is none to show, when it is his turn."""
    door.flood(3)
    for number in range(3):
        address = f"198.51.100.{number + 10}"
        if way in WITH_PICTURES:
            assert door.read_picture("Alena", PASSWORD, address) == IN
        else:
            assert door.knock("Alena", PASSWORD, address) == WAIT
        door.flood(1)
    door.server.clock.move(12)
    assert door.knock("Alena", PASSWORD, "198.51.100.20") == IN


def test_a_shared_address_is_not_shut_because_of_one_of_its_users(door: Door) -> None:
    assert door.knock("Brana", PASSWORD, GATEWAY) == IN
    for number in range(100):
        assert door.knock("Alena", f"hadam {number}", GATEWAY) != IN
    assert door.knock("Brana", PASSWORD, GATEWAY) == IN
    if door.knock("Cyril", PASSWORD, GATEWAY) == PICTURE_ASKED:
        assert door.read_picture("Cyril", PASSWORD, GATEWAY) == IN


def test_the_thirty_first_right_password_is_as_good_as_the_first(door: Door) -> None:
    assert [door.knock("Alena", PASSWORD, HOME) for _ in range(45)] == [IN] * 45
    assert door.knock("Alena", "hadam", HOME) == WRONG


@pytest.mark.parametrize("settings", [{"accounts.sign_ins_per_address": 1}])
def test_who_finds_too_many_of_his_address_under_way_is_told_to_wait(door: Door) -> None:
    """It is no failure: nothing is counted, and no picture is asked for."""
    run, turn = door.server.run, door.server.core.auth._sign_ins.turn("nekdo jiny", HOME)
    run(turn.__aenter__())
    assert [door.knock("Alena", PASSWORD, HOME) for _ in range(30)] == [WAIT] * 30
    assert door.knock("Alena", PASSWORD, GATEWAY) == IN
    run(turn.__aexit__(None, None, None))
    assert door.knock("Alena", PASSWORD, HOME) == IN


def test_who_is_known_is_so_after_a_restart(way: str, tmp_path: Path) -> None:
    clock = ManualClock()
    for turn in range(2):
        with BesedaServer({"server.trusted_proxies": ["127.0.0.1"]}, data=tmp_path, clock=clock) as running:
            door = Door(running, WAYS[way])
            if turn == 0:
                running.run(running.core.accounts.add(Application("Alena", PASSWORD)))
                assert door.knock("Alena", PASSWORD, HOME) == IN
            else:
                door.flood(2)
                assert door.knock("Alena", PASSWORD, HOME) == IN
            door.close()


def test_an_address_of_ipv6_is_known_by_its_network(door: Door) -> None:
    assert door.knock("Alena", PASSWORD, "2001:db8:1:2::7") == IN
    door.flood(2)
    assert door.knock("Alena", PASSWORD, "2001:db8:1:2:ffff::8") == IN
    assert door.knock("Alena", PASSWORD, "2001:db8:1:3::7") in (WAIT, PICTURE_ASKED)


def test_a_name_that_does_not_exist_is_answered_alike(door: Door) -> None:
    """Where others are known, and from everywhere."""
    told = []
    for name, shared in (("Alena", "198.51.100.10"), ("Nikdo", "198.51.100.11")):
        assert door.knock("Brana", PASSWORD, shared) == IN
        answers = [door.knock(name, "hadam", shared) for _ in range(25)]
        answers += [door.knock(name, "hadam", f"203.0.113.{number}") for number in range(15)]
        told.append(answers)
    assert told[0] == told[1]
    assert set(told[0]) > {WRONG}


def test_the_page_asks_with_what_was_typed_but_the_password(server: BesedaServer) -> None:
    door = Door(server, page)
    for _ in range(3):
        assert door.knock('"><b>Alena', "hadam", HOME) == WRONG
    asked = door.answer('"><b>Alena', PASSWORD, HOME)
    assert 'value="&#34;&gt;&lt;b&gt;Alena"' in asked.text
    assert PASSWORD not in asked.text
    assert '<input id="code" name="code" required' in asked.text
    assert 'type="hidden" name="code"' not in asked.text
    assert outcome(asked) == PICTURE_ASKED
    wrong = door.answer('"><b>Alena', PASSWORD, HOME, "abcd")
    assert "Číslice jste opsali špatně" in wrong.text
    assert PICTURE.search(wrong.text)[1] != PICTURE.search(asked.text)[1]  # type: ignore[index]
    door.close()


@pytest.mark.parametrize("settings", [{"hosts.chatcz": "chat.example.org", "hosts.spaces": "spaces.example.org"}])
def test_pictures_are_shown_at_every_host(server: BesedaServer) -> None:
    door = Door(server, page)
    for _ in range(3):
        door.knock("Alena", "hadam", HOME)
    path = PICTURE.search(door.answer("Alena", PASSWORD, HOME).text)
    assert path is not None
    for host in ("chat.example.org", "spaces.example.org", "other.example.org"):
        answer = httpx.get(server.url + path[0], headers={"Host": host})
        assert answer.headers["content-type"] == "image/png"
    door.close()
