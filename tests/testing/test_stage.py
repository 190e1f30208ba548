"""What a test prepares in one call is what clients find."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from beseda.domain.errors import AccountNotFound, NickTaken
from beseda.testing import PASSWORD, BesedaServer


@pytest.fixture
def http(beseda_server: BesedaServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=beseda_server.url) as client:
        yield client


def test_a_member_can_sign_in_everywhere(beseda_server: BesedaServer, http: httpx.Client) -> None:
    alena = beseda_server.member("Alena", sex="f", email="alena@example.org")
    assert (alena.password, PASSWORD in repr(alena)) == (PASSWORD, False)
    signed_in = http.post("/login", data={"email": alena.nick, "password": alena.password})
    assert 'id="nav-user"' in signed_in.text
    answer = http.post("/neoapi/session", data={"method": "login", "login": alena.nick, "password": alena.password})
    assert answer.json()["code"] == "00000"
    with pytest.raises(NickTaken):
        beseda_server.member("ALENA")


def test_sessions_are_good(beseda_server: BesedaServer, http: httpx.Client) -> None:
    alena = beseda_server.member("Alena")
    sid, token, cookie = beseda_server.sid(alena), beseda_server.token("Alena"), beseda_server.cookie(alena)
    checked = http.post("/neoapi/session", data={"method": "check", "sid": sid.sid, "CK": sid.ck}).json()
    assert (checked["code"], checked["attributes"]["channel_id"]) == ("00000", sid.channel)
    call = {"jsonrpc": "2.0", "method": "getBalance"}
    beseda_server.credit(alena, "12.50")
    paid = http.post("/rpc/pay", json=call, headers={"Authorization": f"Bearer {token}"}).json()
    assert paid["result"]["real_balance"] == 12.5
    http.cookies.update(cookie)
    assert 'href="/logout"' in http.get("/").text


def test_a_room_hears_and_tells(beseda_server: BesedaServer, http: httpx.Client) -> None:
    alena = beseda_server.member("Alena")
    room = beseda_server.room("Kavárna", admin=alena, description="Pro všechny")
    beseda_server.member("Brana")
    room.enter(alena)
    assert room.say("Brana", "Ahoj!") > 0
    room.say(alena, "Vítej")
    assert room.texts() == ["Ahoj!", "Vítej"]
    assert [(line.kind, line.author) for line in room.lines() if line.author] == [
        ("entered", "Alena"),
        ("entered", "Brana"),
        ("text", "Brana"),
        ("text", "Alena"),
    ]
    (listed,) = http.get("/api/rooms").json()["rooms"]
    assert (listed["name"], listed["description"]) == ("Kavárna", "Pro všechny")
    (admin,) = http.get(f"/api/room/{room.id}/admins").json()["admins"]
    assert admin["nick"] == "Alena"


def test_who_left_enters_again_to_say_something(beseda_server: BesedaServer) -> None:
    beseda_server.member("Alena")
    room = beseda_server.room("Praha")
    room.say("Alena", "tady")
    beseda_server.move_clock(3 * 3600)
    assert "auto_left" in {line.kind for line in room.lines()}
    room.say("Alena", "a zas")
    assert room.texts() == ["tady", "a zas"]


def test_letters_domains_and_applications(beseda_server: BesedaServer, http: httpx.Client) -> None:
    alena, brana = beseda_server.member("Alena"), beseda_server.member("Brana")
    beseda_server.letter(alena, brana, "Ahoj")
    sid = beseda_server.sid(brana)
    counts = http.post("/neoapi/common", data={"method": "getTopCounts", "sid": sid.sid}).json()
    assert counts["code"] == "00000"
    assert beseda_server.domain("пример.рф", alena) == "xn--e1afmkfd.xn--p1ai"
    robot = beseda_server.app("Robot")
    token = beseda_server.grant(robot, alena)
    renewed = http.post("/api/token", json={"tokenOld": token, "apiKey": robot.key}).json()
    assert renewed["status"] == 200


def test_a_further_server_is_copied(tmp_path: Path) -> None:
    """Only the first of a process makes the tables; where data is asked for, it begins as a server does."""
    for _ in range(2):
        with BesedaServer() as server:
            assert not server.beseda.parts.migrated
    with BesedaServer(data=tmp_path) as server:
        assert server.beseda.parts.migrated


def test_what_there_is_none_of(beseda_server: BesedaServer) -> None:
    with pytest.raises(AccountNotFound):
        beseda_server.sid("Nikdo")


def test_a_restart_keeps_address_and_data(beseda_server: BesedaServer, http: httpx.Client) -> None:
    url = beseda_server.url
    beseda_server.room("Praha")
    beseda_server.member("Alena")
    before = beseda_server.enter("Alena", "Praha")
    beseda_server.fail_next("chatcz.rooms")
    beseda_server.restart()
    assert beseda_server.url == url
    assert beseda_server.enter("Alena", "Praha") == before
    assert [room["name"] for room in http.get("/api/rooms").json()["rooms"]] == ["Praha"]
