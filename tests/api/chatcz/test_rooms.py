"""What transcripts cannot tell of rooms: karma, two people at once, the role handed over, bytes prepared once."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from beseda.api.chatcz.prepared import RoomAnswers
from beseda.core.accounts import Application
from beseda.core.caller import Caller
from beseda.domain.accounts import Account, KarmaLevel
from beseda.domain.errors import NotInRoom, NotRoomAdmin, RegisteredOnly
from beseda.domain.events import AccountChanged
from beseda.domain.ids import RoomId
from beseda.domain.sessions import Handle
from beseda.testing import BesedaServer

PASSWORD = "kratka zima 7"


@pytest.fixture
def server() -> Iterator[BesedaServer]:
    with BesedaServer() as running:
        yield running


class Visitor:
    """A browser, signed in."""

    def __init__(self, server: BesedaServer, nick: str, *, registered: bool = True) -> None:
        self._server = server
        self.http = httpx.Client(base_url=server.url)
        form = {"nick": nick, "sex": "f"}
        if registered:
            server.run(server.core.accounts.add(Application(nick, PASSWORD)))
            form = {"email": nick, "password": PASSWORD}
        self.http.post("/login", data=form).raise_for_status()
        self.account: Account = server.run(server.core.accounts.find(nick))

    def enter(self, room: str) -> int:
        return self.http.get(f"/{room}").status_code

    def caller(self) -> Caller:
        (handle,) = self.http.cookies.values()
        return self._server.run(self._server.core.auth.caller(Handle.COOKIE, handle, "192.0.2.1"))

    def give_karma(self, given: int, level: KarmaLevel = KarmaLevel.NONE) -> None:
        """As others' gifts and the daily count of marks will."""

        async def change() -> None:
            parts = self._server.beseda.parts
            async with parts.store.unit() as unit:
                await parts.database.writer.execute(
                    "UPDATE accounts SET karma_given = $2, karma_level = $3 WHERE id = $1",
                    self.account.id,
                    given,
                    level,
                )
                unit.record(AccountChanged(self._server.clock.now(), self.account.id))

        self._server.run(change())


@pytest.fixture
def visitors(server: BesedaServer) -> Iterator[dict[str, Visitor]]:
    people = {nick: Visitor(server, nick) for nick in ("Alena", "Bohdan", "Cyril")}
    people["Host"] = Visitor(server, "Hostka", registered=False)
    yield people
    for each in people.values():
        each.http.close()


def admin_of(server: BesedaServer, number: int) -> int:
    room = httpx.get(f"{server.url}/api/room/{number}").json()["room"]
    return int(room["adminUserId"])


def test_the_role_goes_to_the_highest_karma_present(server: BesedaServer, visitors: dict[str, Visitor]) -> None:
    """chat.cz help, rule 7."""
    for nick in ("Alena", "Bohdan", "Cyril"):
        visitors[nick].enter("Zahrada")
        server.clock.move(1)
    visitors["Bohdan"].give_karma(3)
    visitors["Cyril"].give_karma(5)
    visitors["Alena"].http.get("/leaveRoom/1")
    assert admin_of(server, 1) == visitors["Cyril"].account.id


def test_in_a_permanent_room_it_goes_to_a_mark_only(server: BesedaServer, visitors: dict[str, Visitor]) -> None:
    """chat.cz help, rule 9."""
    room = server.run(server.core.rooms.add("Praha"))
    for nick in ("Alena", "Bohdan", "Cyril"):
        visitors[nick].enter("Praha")
    visitors["Bohdan"].give_karma(90)
    visitors["Cyril"].give_karma(5, KarmaLevel.YELLOW)
    visitors["Alena"].http.get(f"/leaveRoom/{room.id}")
    assert admin_of(server, room.id) == visitors["Cyril"].account.id


def test_negative_karma_opens_no_room_but_enters_one(server: BesedaServer, visitors: dict[str, Visitor]) -> None:
    """chat.cz help, rule 4."""
    visitors["Alena"].give_karma(-1)
    answer = visitors["Alena"].http.get("/Zahrada")
    assert answer.status_code == 403
    assert "Na to nemáte dost karmy" in answer.text
    assert httpx.get(f"{server.url}/api/rooms").json()["rooms"] == []
    visitors["Bohdan"].enter("Zahrada")
    assert visitors["Alena"].enter("Zahrada") == 200


def test_the_role_is_handed_over(server: BesedaServer, visitors: dict[str, Visitor]) -> None:
    """chat.cz help, rules 8 and 10."""
    core, alena, bohdan, host = server.core, visitors["Alena"], visitors["Bohdan"], visitors["Host"]
    for each in (alena, bohdan, host):
        each.enter("Zahrada")
    with pytest.raises(NotRoomAdmin):
        server.run(core.rooms.hand_over(bohdan.caller(), RoomId(1), bohdan.account.id))
    with pytest.raises(RegisteredOnly):
        server.run(core.rooms.hand_over(alena.caller(), RoomId(1), host.account.id))
    with pytest.raises(NotInRoom):
        server.run(core.rooms.hand_over(alena.caller(), RoomId(1), visitors["Cyril"].account.id))
    server.run(core.rooms.hand_over(alena.caller(), RoomId(1), bohdan.account.id))
    assert admin_of(server, 1) == bohdan.account.id


def test_a_permanent_admin_takes_the_role_himself(server: BesedaServer, visitors: dict[str, Visitor]) -> None:
    """chat.cz help, rule 10."""
    core, alena, bohdan = server.core, visitors["Alena"], visitors["Bohdan"]
    room = server.run(core.rooms.add("Praha"))
    server.run(core.rooms.set_admin(room.id, bohdan.account.id, True))
    alena.enter("Praha")
    bohdan.enter("Praha")
    assert admin_of(server, room.id) == alena.account.id
    server.run(core.rooms.hand_over(bohdan.caller(), room.id, bohdan.account.id))
    assert admin_of(server, room.id) == bohdan.account.id


def test_all_who_open_one_room_at_once_are_in_one_room(server: BesedaServer, visitors: dict[str, Visitor]) -> None:
    async def at_once() -> list[int]:
        cookies = [handle for each in visitors.values() for handle in each.http.cookies.values()] * 5
        async with httpx.AsyncClient(base_url=server.url) as client:
            calls = [client.get("/Zahrada", headers={"Cookie": f"beseda={cookie}"}) for cookie in cookies]
            return [answer.status_code for answer in await asyncio.gather(*calls)]

    assert set(asyncio.run(at_once())) == {200}
    rooms = httpx.get(f"{server.url}/api/rooms").json()["rooms"]
    assert [(room["name"], room["userCount"]) for room in rooms] == [("Zahrada", 4)]
    users = httpx.get(f"{server.url}/api/room/{rooms[0]['id']}/users").json()["users"]
    assert rooms[0]["adminUserId"] in {user["id"] for user in users if not user["anonym"]}


async def _at_once(visitor: Visitor, *requests: tuple[str, str, dict[str, str]]) -> list[httpx.Response]:
    """One visitor's requests from several tabs."""
    async with httpx.AsyncClient(base_url=visitor.http.base_url) as client:
        ((name, handle),) = visitor.http.cookies.items()
        cookie = {"Cookie": f"{name}={handle}"}
        calls = [client.request(method, path, data=form, headers=cookie) for method, path, form in requests]
        return await asyncio.gather(*calls)


def test_who_signs_out_in_all_tabs_at_once_is_told_so_in_each(visitors: dict[str, Visitor]) -> None:
    pages = asyncio.run(_at_once(visitors["Alena"], *[("GET", "/logout", {})] * 5))
    assert all("Úspěšné odhlášení" in page.text for page in pages)


def test_who_signs_in_again_in_all_tabs_at_once_is_signed_in_in_each(visitors: dict[str, Visitor]) -> None:
    form = {"email": "Alena", "password": PASSWORD}
    pages = asyncio.run(_at_once(visitors["Alena"], *[("POST", "/login", form)] * 3))
    assert all('<li id="nav-user">' in page.text for page in pages)


def test_who_enters_while_signing_out_is_in_no_room(server: BesedaServer, visitors: dict[str, Visitor]) -> None:
    entries: list[tuple[str, str, dict[str, str]]] = [("GET", f"/Zahrada {number}", {}) for number in range(4)]
    pages = asyncio.run(_at_once(visitors["Alena"], *entries[:2], ("GET", "/logout", {}), *entries[2:]))
    assert {page.status_code for page in pages} <= {200, 403, 404}
    assert httpx.get(f"{server.url}/api/rooms").json()["rooms"] == []


def test_answers_are_prepared_once_per_change(server: BesedaServer) -> None:
    core = server.core
    for number in range(1000):
        server.run(core.rooms.add(f"Pokoj {number}"))
    answers = RoomAnswers(core.rooms)
    scope = {"method": "GET", "path": "/api/rooms", "headers": [(b"host", b"chat.example.org")]}
    assert answers.find(scope) is None
    body = server.run(answers.rooms())
    ready = answers.find(scope)
    assert ready is not None
    assert ready.message["body"] is body
    assert answers.find(scope) is ready
    assert answers.find(scope | {"method": "POST"}) is None
    assert answers.find(scope | {"headers": [(b"cookie", b"beseda=x")]}) is None
    assert answers.find(scope | {"path": "/api/room/1"}) is None
    one = server.run(answers.room(RoomId(1)))
    server.run(core.rooms.add("Novy pokoj"))
    assert answers.find(scope) is None
    assert server.run(answers.rooms()) != body
    assert server.run(answers.room(RoomId(1))) == one
