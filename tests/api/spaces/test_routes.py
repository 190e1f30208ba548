"""What a transcript cannot say: bodies of many kilobytes, faults of ours, many at once."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from api.spaces.client import Client, make_members
from beseda.api.base import Message, WebOptions
from beseda.api.spaces.codec import CHANGES, READS
from beseda.api.spaces.routes import SpacesFace
from beseda.core.accounts import Application
from beseda.testing import BesedaServer, ManualClock

LOGIN = {"method": "login", "login": "Alena", "password": "kratka zima 7"}


@pytest.fixture
def server(beseda_server: BesedaServer) -> BesedaServer:
    beseda_server.run(beseda_server.core.accounts.add(Application("Alena", "kratka zima 7")))
    return beseda_server


def make_face(server: BesedaServer) -> SpacesFace:
    return SpacesFace(server.core, server.beseda.channels, ManualClock(), WebOptions(), {})


def post(server: BesedaServer, data: dict[str, str], files: dict[str, bytes] | None = None) -> dict[str, object]:
    answer = httpx.post(f"{server.url}/neoapi/session", data=data, files=files)
    assert answer.status_code == 200
    body: dict[str, object] = answer.json()
    return body


@pytest.mark.parametrize("size", [8 * 1024 + 1, 64 * 1024 + 1, 1_000_000])
@pytest.mark.parametrize("files", [None, {"file": b"x"}])
def test_too_much_is_a_bad_request(server: BesedaServer, size: int, files: dict[str, bytes] | None) -> None:
    assert post(server, LOGIN | {"password": "x" * size}, files)["code"] == "00012"


def test_who_tries_to_sign_in_twice_at_once_has_two_sessions(server: BesedaServer) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: post(server, LOGIN), range(4)))
    sids = {answer["attributes"]["sid"] for answer in answers}  # type: ignore[index]
    assert [answer["code"] for answer in answers] == ["00000"] * 4
    assert len(sids) == 4


def test_who_signs_out_twice_at_once_is_told_once(server: BesedaServer) -> None:
    sid = post(server, LOGIN)["attributes"]["sid"]  # type: ignore[index]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: post(server, {"method": "logout", "sid": sid}), range(4)))
    assert sorted({str(answer["code"]) for answer in answers}) == ["00000", "01001"]


def test_a_fault_of_ours_tells_nothing_internal(server: BesedaServer) -> None:
    face = make_face(server)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(face.answer_crash({"headers": [(b"host", b"spaces.example.org")], "scheme": "https"}, send))
    answer = json.loads(sent[0]["body"])
    assert (sent[0]["status"], answer["code"], answer["message"]) == (
        200,
        "00006",
        "Произошла ошибка. Попробуйте ещё раз.",
    )


def test_what_the_codec_reads_the_routes_do(server: BesedaServer) -> None:
    assert make_face(server)._methods.keys() == READS | CHANGES


def test_who_looks_at_the_page_of_a_room_is_heard_of_there_and_enters_none(beseda_server: BesedaServer) -> None:
    make_members(beseda_server, "Alena", "Brana")
    alena, brana = Client(beseda_server, "Alena"), Client(beseda_server, "Brana")
    for name in ("Praha", "Brno"):
        beseda_server.run(beseda_server.core.rooms.add(name))
    for room in (1, 2):
        alena.do("chat.getMessages", Rid=room)
    for _ in range(6):
        beseda_server.move_clock(100)
        for client in (alena, brana):
            page = httpx.get(f"{beseda_server.url}/chat/room/?json=1&Rid=1", headers={"Cookie": f"sid={client.sid}"})
            assert page.json()["code"] == "00000"
        assert httpx.get(f"{beseda_server.url}/chat/room/?json=1&Rid=1").json()["code"] == "00000"
    rooms = httpx.get(f"{beseda_server.url}/api/rooms").json()["rooms"]
    inside = {
        room: [user["nick"] for user in httpx.get(f"{beseda_server.url}/api/room/{room}/users").json()["users"]]
        for room in (1, 2)
    }
    assert len(rooms) == 2
    assert inside == {1: ["Alena"], 2: []}
