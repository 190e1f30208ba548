"""GET /live as a WebSocket: who may, what is answered, when it ends."""

import contextlib
import json

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from api.live.client import PASSWORD, WAIT_S, cookie_of, live, member, signed_in
from beseda.domain.accounts import Standing
from beseda.domain.refusals import REQUEST_ID
from beseda.testing import BesedaServer


def refused_status(server: BesedaServer, headers: dict[str, str], query: str = "") -> int:
    with pytest.raises(InvalidStatus) as refusal, live(server, headers, query):
        pass
    return refusal.value.response.status_code


def bearer(server: BesedaServer, nick: str) -> dict[str, str]:
    call = {"jsonrpc": "2.0", "id": 1, "method": "getToken", "params": {"login": nick, "password": PASSWORD}}
    token = httpx.post(f"{server.url}/rpc/notAuthorized", json=call).json()["result"]
    return {"Authorization": f"Bearer {token}"}


def test_says_hello_to_who_has_a_cookie_or_a_token(server: BesedaServer) -> None:
    account = server.run(server.core.accounts.find("Alena"))
    expected = {
        "version": 1,
        "account": {"id": account.id, "nick": "Alena", "registered": True},
        "idle_timeout_s": 3600,
    }
    with signed_in(server, "Alena") as client:
        for headers, query in ((cookie_of(client), ""), (bearer(server, "Alena"), "?v=1")):
            with live(server, headers, query) as socket:
                assert socket.hello == expected


def test_nobody_else_gets_in(server: BesedaServer) -> None:
    assert refused_status(server, {}) == 401
    assert refused_status(server, {"Cookie": "beseda=guess"}) == 401
    assert refused_status(server, {"Authorization": "Bearer guess"}) == 401
    with signed_in(server, "Alena") as client:
        cookie = cookie_of(client)
        for query in ("?v=2", "?v=0", "?v=x"):
            assert refused_status(server, cookie, query) == 400
        assert client.get("/live").status_code == 426
        assert client.get("/live/rooms/x").status_code == 404
        assert client.post("/live").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example.org"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
    ],
)
def test_pages_of_other_sites_do_not_get_in(server: BesedaServer, headers: dict[str, str]) -> None:
    with signed_in(server, "Alena") as client:
        assert refused_status(server, cookie_of(client) | headers) == 403


def test_calls_that_are_none_are_answered(server: BesedaServer) -> None:
    with member(server, "Alena") as alena:
        for text in ("", "x", "[]", "7", '{"op": 7}', '{"op": "post", "id": {}}', '{"a": 1, "a": 2}', "{" * 99):
            alena.socket.send(text)
            answer = json.loads(alena.socket.recv(timeout=WAIT_S))
            assert answer["ok"] is False
            assert answer["error"]["code"] in ("bad_json", "bad_op", "bad_id", "bad_call")
        for text, code, reason in (
            ('{"id": 7, "op": "post", "text": "\\u0000"}', "bad_text", "a string has a character that cannot be kept"),
            ('{"id": 7, "op": "post", "op": "post"}', "bad_call", "a key stands twice"),
            ('{"id": 7, "op": "x", "<b>": 1e999}', "bad_call", "a number is too large"),
            ('{"op": "post", "room": 99999999999999999999, "id": 7}', "bad_room", "an integer has more than 64 bits"),
        ):
            alena.socket.send(text)
            answer = json.loads(alena.socket.recv(timeout=WAIT_S))
            request_id = answer["error"].pop("request_id")
            assert answer == {"re": 7, "ok": False, "error": {"code": code, "reason": reason}}
            assert REQUEST_ID.fullmatch(request_id)
        assert alena.refused("dance") == "unknown_op"
        room = alena.do("enter", name="Praha")["room"]
        assert alena.refused("enter") == "bad_name"
        assert alena.refused("post", room=room) == "bad_text"
        assert alena.refused("post", text="x") == "bad_room"
        for bad in (-1, True, "1", None, 1.5, [1]):
            assert alena.refused("post", room=bad, text="x") == "bad_room"
            if bad is not None:
                assert alena.refused("follow", room=room, after=bad) == "bad_after"
        assert alena.refused("post", room=2**63 - 1, text="x") == "not_in_room"
        assert alena.refused("post", room=room, text="x", key=7) == "bad_key"


def test_the_deeds_and_their_refusals(server: BesedaServer) -> None:
    with member(server, "Alena") as alena, member(server, "Brana") as brana:
        room = alena.do("enter", name="Praha")["room"]
        assert brana.refused("post", room=room, text="ahoj") == "not_in_room"
        assert brana.refused("follow", room=room) == "not_in_room"
        assert brana.refused("history", room=room) == "not_in_room"
        assert brana.refused("leave", room=room) == "not_in_room"
        assert brana.refused("enter", name="a/b") == "room_name_invalid"
        assert brana.refused("leave", room=99) == "room_not_found"
        line = alena.do("post", room=room, text="ahoj <b>")["line"]
        assert (line["kind"], line["text"], line["actor"]["nick"]) == ("text", "ahoj <b>", "Alena")
        assert alena.refused("post", room=room, text=" ") == "message_empty"
        error = alena.call("post", room=room, text="x" * 1001)["error"]
        assert (error["code"], error["max_chars"]) == ("message_too_long", 1000)
        assert alena.do("post", room=room, text="/dance")["line"]["text"] == "command_unknown"
        assert alena.do("delete", room=room, seq=line["seq"])["line"]["number"] == line["seq"]
        assert alena.refused("delete", room=room, seq=line["seq"]) == "line_not_found"
        alena.do("leave", room=room)
        assert alena.refused("post", room=room, text="ahoj") == "not_in_room"


def test_a_retry_posts_once(server: BesedaServer) -> None:
    with member(server, "Alena") as alena, member(server, "Alena") as again:
        room = alena.do("enter", name="Praha")["room"]
        calls = [(socket, socket.send("post", room=room, text="ahoj", key="k1")) for socket in (alena, again) * 5]
        seqs = {socket.answer(number)["line"]["seq"] for socket, number in calls}
        assert len(seqs) == 1
        for text in ("/help", "/dance"):
            assert len({alena.do("post", room=room, text=text, key=text)["line"]["seq"] for _ in range(3)}) == 1
        assert alena.refused("post", room=room, text="ahoj", key="x" * 65) == "message_too_long"
        page = alena.do("history", room=room, limit=100)
        assert [line["text"] for line in page["lines"] if line["kind"] == "text"] == ["ahoj"]


def test_ends_with_its_session(server: BesedaServer) -> None:
    account = server.run(server.core.accounts.find("Alena"))
    ways = (
        lambda client: client.get("/logout"),
        lambda _: server.run(server.core.accounts.set_password(account.id, PASSWORD)),
        lambda _: server.run(server.core.accounts.set_standing(account.id, Standing.BLOCKED)),
    )
    for end in ways:
        with signed_in(server, "Alena") as client, live(server, cookie_of(client)) as socket:
            room = socket.do("enter", name="Praha")["room"]
            socket.do("follow", room=room)
            end(client)
            assert socket.closed_with() == 1008


def test_an_open_socket_keeps_session_and_presence_in_the_rooms_that_it_follows(server: BesedaServer) -> None:
    with member(server, "Alena") as alena:
        room, other = (alena.do("enter", name=name)["room"] for name in ("Praha", "Brno"))
        alena.do("follow", room=room)
        for _ in range(20):
            server.move_clock(120)
        assert alena.do("post", room=room, text="jsem tu")["ok"]
        assert alena.refused("post", room=other, text="tady ne") == "not_in_room"


def test_who_posts_or_reads_back_is_there_without_following(server: BesedaServer) -> None:
    with member(server, "Alena") as alena:
        room = alena.do("enter", name="Praha")["room"]
        for number in range(6):
            server.move_clock(100)
            alena.do("post", room=room, text=f"{number}")
            server.move_clock(100)
            alena.do("history", room=room)
        server.move_clock(151)
        assert alena.refused("history", room=room) == "not_in_room"


def test_a_socket_that_follows_no_longer_keeps_nobody(server: BesedaServer) -> None:
    with member(server, "Alena") as alena:
        room = alena.do("enter", name="Praha")["room"]
        alena.do("follow", room=room)
        server.move_clock(1000)
        alena.do("unfollow", room=room)
        server.move_clock(150)
        assert alena.do("history", room=room)["ok"]
    account = server.run(server.core.accounts.find("Alena"))
    server.move_clock(150)
    assert server.run(server.core.presence.get(account.id)).rooms
    server.move_clock(1)
    assert server.run(server.core.presence.get(account.id)).rooms == []


def test_too_many_calls_at_once_end_it(server: BesedaServer) -> None:
    with member(server, "Alena") as alena:
        with contextlib.suppress(ConnectionClosed):
            for _ in range(300):
                alena.send("history", room=1)
        assert alena.closed_with() == 1008
