"""PostgreSQL that does not answer, or is lost in the very commit: who is told what, and what is there after."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import pytest
from websockets.sync.client import connect

from api.live.client import PASSWORD, Live, cookie_of, member, register, signed_in
from api.spaces.client import Client
from awake import awake_s
from beseda.core.patience import PATIENCE_S
from beseda.testing import BesedaServer
from failure.relay import Fate, Relay

SLACK_S = 2.0
"""What a machine with other work may add to a deadline."""
FREE = {"server.limits": {"room_line": "100000/0.001", "register": "100000/0.001"}}


@dataclass
class Place:
    server: BesedaServer
    relay: Relay
    address: str

    def texts(self) -> list[str]:
        """What is said in the room, as another node reads it."""
        return self._column("SELECT text FROM room_lines WHERE text <> '' ORDER BY seq")

    def letters(self) -> list[str]:
        return self._column("SELECT text FROM letters")

    def _column(self, statement: str) -> list[str]:
        async def read() -> list[str]:
            connection = await asyncpg.connect(self.address)
            try:
                return [row[0] for row in await connection.fetch(statement)]
            finally:
                await connection.close()

        return self.server.run(read())

    def wait_until_ready(self) -> None:
        until = time.monotonic() + 30
        while httpx.get(f"{self.server.beseda.ops_url}/health/ready").status_code != 200:
            assert time.monotonic() < until


@pytest.fixture
def place(relay: tuple[Relay, str]) -> Iterator[Place]:
    made, address = relay
    with BesedaServer({"server.database": address, **FREE}) as server:
        server.run(server.core.rooms.add("Praha"))
        register(server, "Alena", "Brana")
        yield Place(server, made, address)


DONE, REFUSED, UNKNOWN = "done", "refused", "unknown"


@dataclass
class Callers:
    """One who is signed in by every protocol; each call says what it was told."""

    http: httpx.Client
    spaces: Client
    token: str

    def post(self, text: str) -> str:
        answer = self.http.post("/json/getText", data={"roomId": 1, "chatIndex": "1", "text": text}).json()
        if answer.get("refused") == 503 and "neví" not in answer["statusMessage"]:
            return REFUSED
        if "neví" in answer["statusMessage"]:
            return UNKNOWN
        assert answer["statusMessage"] == "OK", answer
        return DONE

    def letter(self, text: str) -> str:
        form = {"method": "sendMessage", "user": "Brana", "texttT": text}
        form |= {"sid": self.spaces.sid, "CK": self.spaces.proof}
        answer = self.http.post("/neoapi/mail", data=form).json()
        if answer["code"] == "00006":
            assert "прежде чем повторять" in answer["message"]
            return UNKNOWN
        return {"00000": DONE, "00010": REFUSED}[answer["code"]]

    def domain(self, name: str) -> str:
        answer = self.rpc("domains", "move", domain=f"{name}.ru")
        if "error" in answer:
            return {-32003: REFUSED, -32004: UNKNOWN}[answer["error"]["code"]]
        return DONE

    def rpc(self, name: str, method: str, **params: Any) -> dict[str, Any]:
        call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        answer: dict[str, Any] = self.http.post(f"/rpc/{name}", json=call, headers=headers).json()
        return answer

    def register(self, name: str) -> str:
        return self._page(self.http.post("/register", data={"nick": f"Host {name}", "password": PASSWORD}))

    def rooms(self, name: str) -> str:
        return self._page(self.http.get("/api/rooms", params={"x": name}))

    def profile(self, name: str) -> str:
        return self._page(self.http.get("/p/Brana", params={"x": name}))

    def _page(self, answer: httpx.Response) -> str:
        status = answer.json()["status"] if answer.text.startswith("{") else answer.status_code
        if status in (200, 303):
            return DONE
        assert status == 503, answer.text
        return UNKNOWN if "cannot tell" in answer.text or "neví" in answer.text else REFUSED


@pytest.fixture
def callers(place: Place) -> Iterator[Callers]:
    server = place.server
    with signed_in(server, "Alena") as http:
        http.get("/Praha")
        http.timeout = 30
        made = Callers(http, Client(server, "Alena"), "")
        made.token = made.rpc("notAuthorized", "getToken", login="Alena", password=PASSWORD)["result"]
        yield made


@pytest.mark.long
def test_a_database_that_does_not_answer(place: Place, callers: Callers) -> None:
    """A hundred calls at once are answered in time; when it goes on, so does everything, and nothing is half done."""
    kinds = [callers.post, callers.letter, callers.domain, callers.register, callers.rooms, callers.profile]
    place.server.run(place.server.core.rooms.add("Brno"))  # so that the list of rooms has to be read
    place.relay.freeze()
    took: list[float] = []

    def ask(number: int) -> tuple[str, str]:
        began, name = awake_s(), f"n{number}"
        told = kinds[number % len(kinds)](name)
        took.append(awake_s() - began)
        return name, told

    with ThreadPoolExecutor(100) as pool:
        asked = [pool.submit(ask, number) for number in range(100)]
        began = awake_s()
        ready = httpx.get(f"{place.server.beseda.ops_url}/health/ready", timeout=30)
        assert awake_s() - began < 2 + SLACK_S / 2
        answers = dict(each.result() for each in asked)
    assert (ready.status_code, ready.json()["problems"]) == (503, {"database": "does not answer"})
    assert max(took) < PATIENCE_S + SLACK_S
    assert set(answers.values()) <= {REFUSED, UNKNOWN}
    assert sum(told == REFUSED for told in answers.values()) > 50
    place.relay.thaw()
    place.wait_until_ready()
    for number, kind in enumerate(kinds):
        assert kind(f"z{number}") == DONE
    said = place.texts()
    assert [text for text in said if answers.get(text) == REFUSED] == []
    assert said.count("z0") == 1
    with member(place.server, "Brana") as brana:
        room = brana.do("enter", name="Praha")["room"]
        assert brana.do("post", room=room, text="zase")["ok"]


@pytest.mark.long
def test_calls_that_wait_behind_one_that_was_refused(place: Place) -> None:
    """A socket's calls are done one after another, but do not wait one after another."""
    with member(place.server, "Alena") as alena:
        room = alena.do("enter", name="Praha")["room"]
        place.relay.freeze()
        began = awake_s()
        numbers = [alena.send("post", room=room, text=f"t{number}") for number in range(20)]
        codes = [alena.answer(number)["error"]["code"] for number in numbers]
        assert awake_s() - began < PATIENCE_S + SLACK_S
        assert set(codes) == {"store_unavailable"}
        place.relay.thaw()
        place.wait_until_ready()
        assert alena.do("post", room=room, text="po")["ok"]
    assert place.texts() == ["po"]


@pytest.mark.parametrize("fate", ["before", "after"])
@pytest.mark.parametrize("kind", ["post", "letter", "domain", "register"])
def test_lost_in_the_commit(place: Place, callers: Callers, fate: Fate, kind: str) -> None:
    deed = getattr(callers, kind)
    if kind == "post":
        assert deed("pred") == DONE  # the first one in an hour is no plain text
    counts_first = kind == "register"  # and the commit that is lost is that of the count
    place.relay.lose_commit(fate, "" if counts_first else "ztraceno")
    assert deed("ztraceno") == (REFUSED if counts_first else UNKNOWN)
    place.wait_until_ready()
    assert deed("potom") == DONE
    there: bool = {
        "post": lambda: "ztraceno" in place.texts(),
        "letter": lambda: "ztraceno" in place.letters(),
        "domain": lambda: "ztraceno.ru" in str(callers.rpc("domains", "index")),
        "register": lambda: callers.http.get("/p/Host ztraceno").status_code == 200,
    }[kind]()
    assert there is (fate == "after" and not counts_first)


@pytest.mark.parametrize("fate", ["before", "after"])
def test_a_gateway_is_told_by_a_line_under_another_index_and_reads_on_with_it(
    place: Place, callers: Callers, fate: Fate
) -> None:
    def poll(index: str, text: str = "") -> tuple[str, list[dict[str, Any]]]:
        form = {"roomId": 1, "chatIndex": index, **({"text": text} if text else {})}
        answer = callers.http.post("/json/getText", data=form).json()
        assert (answer["success"], answer["status"]) == (True, 200)
        return str(answer["data"]["index"]), answer["data"]["data"]

    index, _ = poll("", "pred")
    place.relay.lose_commit(fate, "ztraceno")
    other, lines = poll(index, "ztraceno")
    assert other != index
    (told,) = [line for line in lines if line.get("s") == "cli"]
    assert "neví" in told["t"]
    place.wait_until_ready()
    place.server.run(place.server.beseda.parts.nodes.catch_up())  # within a second by itself
    _, later = poll(other)
    texts = [line for line in lines + later if "uid" in line]
    assert [line["t"] for line in texts] == (["ztraceno"] if fate == "after" else [])
    assert all(line["ts"] > told["ts"] for line in texts)


@pytest.mark.parametrize("fate", ["before", "after"])
def test_who_follows_sees_what_was_done_though_nobody_knew(place: Place, fate: Fate) -> None:
    with signed_in(place.server, "Alena") as client, member(place.server, "Brana") as brana:
        client.get("/Praha")
        room = brana.do("enter", name="Praha")["room"]
        brana.do("follow", room=room)
        url = place.server.url.replace("http://", "ws://") + "/live"
        with connect(url, additional_headers=cookie_of(client)) as opened:
            alena = Live(opened)
            place.relay.lose_commit(fate, "ztraceno")
            assert alena.refused("post", room=room, text="ztraceno", key="k") == "outcome_unknown"
            place.wait_until_ready()
            assert alena.do("post", room=room, text="ztraceno", key="k")["line"]["text"] == "ztraceno"
            alena.do("post", room=room, text="potom")
        assert [line["text"] for line in brana.take_lines(2)] == ["ztraceno", "potom"]
