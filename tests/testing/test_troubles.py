"""Failures in each protocol's own form, answers that are lost, slowness, connections that are cut."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from beseda.testing import BesedaServer


@pytest.fixture
def http(beseda_server: BesedaServer) -> Iterator[httpx.Client]:
    beseda_server.member("Alena")
    beseda_server.member("Brana")
    with httpx.Client(base_url=beseda_server.url) as client:
        yield client


def test_chatcz(beseda_server: BesedaServer, http: httpx.Client) -> None:
    room = beseda_server.room("Praha")
    http.cookies.update(room.enter("Alena"))
    beseda_server.fail_next("chatcz.getText", times=2)
    said = [http.post("/json/getText", data={"roomId": room.id, "text": "Ahoj"}) for _ in range(3)]
    assert [(it.status_code, it.json()["status"]) for it in said] == [(200, 503), (200, 503), (200, 200)]
    assert room.texts() == ["Ahoj"]


def test_chatcz_answers_that_are_prepared(beseda_server: BesedaServer, http: httpx.Client) -> None:
    assert http.get("/api/rooms").json()["status"] == 200
    beseda_server.fail_next("chatcz.rooms", error="too_often", facts={"retry_after_s": 9.0})
    assert [http.get("/api/rooms").json()["status"] for _ in range(2)] == [429, 200]


def letter(beseda_server: BesedaServer, http: httpx.Client) -> dict[str, Any]:
    sid = beseda_server.sid("Alena")
    form = {"method": "sendMessage", "user": "Brana", "texttT": "Ahoj", "sid": sid.sid, "CK": sid.ck}
    answer: dict[str, Any] = http.post("/neoapi/mail", data=form).json()
    return answer


def unread(beseda_server: BesedaServer, http: httpx.Client) -> int:
    http.cookies.update(beseda_server.cookie("Brana"))
    answer = http.post("/json/getHeader").json()
    return int(answer["data"]["msg_count"])


def test_spaces(beseda_server: BesedaServer, http: httpx.Client) -> None:
    beseda_server.fail_next("spaces.mail.sendMessage")
    assert letter(beseda_server, http)["code"] == "00010"
    assert unread(beseda_server, http) == 0
    assert letter(beseda_server, http)["code"] == "00000"
    assert unread(beseda_server, http) == 1


def test_spaceweb(beseda_server: BesedaServer, http: httpx.Client) -> None:
    token = beseda_server.token("Alena")
    beseda_server.fail_next("spaceweb.domains.index")

    def index() -> dict[str, Any]:
        call = {"jsonrpc": "2.0", "method": "index", "id": "7"}
        answer: dict[str, Any] = http.post(
            "/rpc/domains/", json=call, headers={"Authorization": f"Bearer {token}"}
        ).json()
        return answer

    failed = index()
    assert (failed["id"], failed["error"]["code"]) == ("7", -32002)
    assert "result" in index()


def test_live(beseda_server: BesedaServer, http: httpx.Client) -> None:
    room = beseda_server.room("Praha")
    token = beseda_server.token("Alena")
    url = beseda_server.url.replace("http", "ws") + "/live"
    with connect(url, additional_headers={"Authorization": f"Bearer {token}"}) as socket:
        socket.recv()
        beseda_server.fail_next("live.enter")
        answers = []
        for number in range(2):
            socket.send(json.dumps({"op": "enter", "name": "Praha", "id": number}))
            answers.append(json.loads(socket.recv()))
        assert answers == [
            {"re": 0, "ok": False, "error": {"code": "overloaded", "request_id": answers[0]["error"]["request_id"]}},
            {"re": 1, "ok": True, "room": room.id},
        ]
        assert beseda_server.drop_connections() > 0
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=10)
    assert http.get("/api/rooms").status_code == 200


def test_an_answer_that_is_lost(beseda_server: BesedaServer, http: httpx.Client) -> None:
    """It was done, but nobody heard of it."""
    beseda_server.lose_next("spaces.mail.sendMessage")
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        letter(beseda_server, http)
    assert unread(beseda_server, http) == 1
    assert letter(beseda_server, http)["code"] in ("00000", "02010")


def test_slowness(beseda_server: BesedaServer, http: httpx.Client) -> None:
    """Who is impatient is timed out; the server stops at once all the same."""
    beseda_server.slow_down(60, "chatcz.rooms")
    with pytest.raises(httpx.ReadTimeout):
        http.get("/api/rooms", timeout=httpx.Timeout(30, read=0.05))
    assert http.get("/api/room/1").status_code == 200
    beseda_server.slow_down(0, "chatcz.rooms")
    assert http.get("/api/rooms").status_code == 200
    beseda_server.slow_down(60)
    with pytest.raises(httpx.ReadTimeout):
        http.get("/api/room/1", timeout=httpx.Timeout(30, read=0.05))


@pytest.mark.parametrize(
    ("call", "more", "told"),
    [
        ("chatcz.getTxt", {}, r"no protocol has a call 'chatcz.getTxt'; did you mean chatcz.getText"),
        ("mail.sendMessage", {}, "did you mean spaces.mail.sendMessage"),
        ("spaces.session.login", {"error": "too_oft"}, "no refusal has the code 'too_oft'; did you mean too_often"),
        ("spaces.session.login", {"error": "too_often"}, "has the facts limit, retry_after_s"),
        ("spaces.session.login", {"facts": {"why": 1}}, "has no facts"),
    ],
)
def test_what_cannot_be_meant(beseda_server: BesedaServer, call: str, more: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        beseda_server.fail_next(call, **more)


def test_a_socket_has_no_answers_to_lose(beseda_server: BesedaServer) -> None:
    with pytest.raises(ValueError, match="drop_connections"):
        beseda_server.lose_next("live.post")


def test_every_protocol_has_calls_to_name(beseda_server: BesedaServer) -> None:
    calls = beseda_server.troubles.app.calls
    assert {
        "chatcz.enter",
        "chatcz.profile_page",
        "spaces.page.mail",
        "spaceweb.pay.rpc.discover",
        "live.follow",
    } <= calls
