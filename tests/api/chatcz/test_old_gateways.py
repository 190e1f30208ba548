"""Our answers through the eyes of the gateways to IRC: what they select and match, and how they find out things."""

import html
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.chatcz import soup
from beseda.adapters.sql import sqlite as sqlite_adapter
from beseda.api.chatcz import codec_talk
from beseda.api.chatcz.codec import unescaped
from beseda.api.forms import Form
from beseda.core.accounts import Application
from beseda.domain.accounts import Account
from beseda.domain.events import AccountChanged
from beseda.testing import BesedaServer

PASSWORD = "kratka zima 7"
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)
SIGNS = st.lists(
    st.sampled_from(["&", "<", ">", '"', "'", "#", ";", "x3c", "60", "lt", "amp", "copy", "notin", "b", " ", "é", "="])
).map("".join)


@pytest.fixture
def server() -> Iterator[BesedaServer]:
    with BesedaServer() as running:
        yield running


def member(server: BesedaServer, nick: str, **more: Any) -> Account:
    return server.run(server.core.accounts.add(Application(nick, PASSWORD, **more)))


def set_karma(server: BesedaServer, account: Account, given_karma: int) -> None:
    async def give() -> None:
        async with server.beseda.parts.store.unit() as unit:
            await unit.karma.add_gift(account.id, account.id, given_karma, "", server.clock.now())
            await unit.karma.recount_all(server.clock.now().replace(year=2000))
            unit.record(AccountChanged(server.clock.now(), account.id))

    server.run(give())


@contextmanager
def sign_in(server: BesedaServer, nick: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, follow_redirects=True) as client:
        page = soup.read(client.post("/login", data={"email": nick, "password": PASSWORD}).text)
        assert page.find("li", id="nav-user") is not None
        yield client


def ask(client: httpx.Client, room: int | str, index: str = "", **fields: str) -> dict[str, Any]:
    answer = client.post("/json/getText", data={"roomId": room, "chatIndex": index, **fields}).json()
    assert isinstance(answer, dict)
    return answer


def list_rooms(page: soup.Tag) -> dict[str, tuple[str, int]]:
    """Topic and number of people of each room: the topic is what follows the first empty line of the link's text."""
    rooms = {}
    for div in page.find_all("div", **{"class": "row row-xs-height list-group"}):
        topic = re.sub(r"[\s\S]+?\n\n", "", div.the("a").text).strip()
        rooms[div.the("a", "h4").text.strip()] = (topic, len(div.the("div").find_all("span")))
    return rooms


def test_a_room_without_a_description_has_no_topic_and_one_with_has_this(server: BesedaServer) -> None:
    topics = ("", "Pro <všechny> & každého", "dvě  mezery", "a", "<br>", "  ")
    kept = [
        server.run(server.core.rooms.add(f"Pokoj {number}", description=topic)) for number, topic in enumerate(topics)
    ]
    member(server, "Alena")
    with sign_in(server, "Alena") as client:
        client.get("/Pokoj 0")
        rooms = list_rooms(soup.read(client.get("/").text))
    assert rooms == {room.name: (room.description, int(room.name == "Pokoj 0")) for room in kept}


@pytest.mark.parametrize("inside", [True, False])
def test_a_profile(server: BesedaServer, inside: bool) -> None:
    people = [("Alena", 0), ("Eva99", 7), ("Jana Mala 2", 120), ("A1 = 3'", 0), ("007x7", 5)]
    for nick, karma in people:
        account = member(server, nick)
        if karma:
            set_karma(server, account, karma)
        if inside:
            with sign_in(server, nick) as client:
                client.get("/Praha")
        check_profile(server, nick, karma, inside=inside)


def check_profile(server: BesedaServer, nick: str, karma: int, *, inside: bool) -> None:
    page = soup.read(httpx.get(f"{server.url}/p/{quote(nick)}").text)
    info = page.find("div", id="userInfo")
    assert info is not None
    heading = info.the("div", "h2")
    mark = heading.find("i", title="online")
    assert (mark is not None) is inside
    assert mark is None or mark.text == ""
    number = heading.the("span").find("i", **{"class": "fa-stack-1x"})
    assert number is not None
    assert number.text == str(karma)
    assert re.sub(r"\d+\s*$", "", heading.text).strip() == nick
    text = info.the("div").text
    found = {
        word: re.search(rf"{word}:\s*(.+)", text) for word in ("věk", "registrace", "naposledy", "profil zobrazen")
    }
    assert all(found.values())
    assert (found["profil zobrazen"] or [""])[0] == "profil zobrazen: 1"
    assert info.find("img", title="Profil") is not None


def test_everybody_in_a_room_is_a_man_or_a_woman(server: BesedaServer) -> None:
    for nick in ("Alena", "Brana", "Cyril"):
        member(server, nick)
    with sign_in(server, "Alena") as alena, sign_in(server, "Brana") as brana, sign_in(server, "Cyril") as cyril:
        for client in (brana, cyril):
            client.get("/Praha")
        page = alena.get("/Praha").text
        room = re.search(r"/leaveRoom/(\d+)", page)
        listed = re.search(r"var userList\s*=\s*({[\s\S]+?});", page)
        assert room is not None
        assert listed is not None
        users = list(json.loads(listed[1])["data"].values())
        users += httpx.get(f"{server.url}/api/room/{room[1]}/users").json()["users"]
        users += [httpx.get(f"{server.url}/api/user/{user['id']}").json()["user"] for user in users]
        messages = ask(brana, room[1])["data"]["data"]
        met = [message["user"] for message in messages if message.get("s") in ("enter", "user")]
        assert {user["nick"] for user in met} == {"Brana", "Cyril", "Alena"}
        assert {user["sex"] for user in users + met} == {"m"}
        assert not [user for user in met if "adminId" in user]
        assert not [user for user in met if not all(type(user[name]) is int for name in ("id", "karma", "friend"))]


def test_rooms_of_a_user_are_names_inside_and_hashes_beside(server: BesedaServer) -> None:
    account = member(server, "Alena")
    with sign_in(server, "Alena") as alena:
        alena.get("/Praha")
        alena.get("/Brno")
        answer = httpx.get(f"{server.url}/api/user/{account.id}").json()
        assert answer["user"]["rooms"] == [room["name"] for room in answer["rooms"]] == ["Praha", "Brno"]
        alena.get("/logout")
    gone = httpx.get(f"{server.url}/api/user/{account.id}").json()
    assert "rooms" not in gone
    assert "rooms" not in gone["user"]


def was_sent(client: httpx.Client, room: int | str, index: str, text: str) -> bool:
    """As gateways find out."""
    answer = ask(client, room, index, text=text, userIdTo="0")
    assert answer["success"] is True
    assert answer["status"] == 200
    assert answer["data"].keys() == {"index", "data"}
    return bool(answer["data"]["index"] != index)


def test_a_refusal_is_seen_once_and_in_order_by_who_drops_what_is_not_newer(server: BesedaServer) -> None:
    """As a gateway that keeps the last time of each room and drops what has not a greater one."""
    member(server, "Alena")
    member(server, "Brana")
    with sign_in(server, "Alena") as alena, sign_in(server, "Brana") as brana:
        alena.get("/Praha")
        room = re.search(r"/leaveRoom/(\d+)", brana.get("/Praha").text)
        assert room is not None
        index, last, shown = "", 0, []
        for text in ["1", "http://a.cz", "2", " ", "x" * 1001, "3", "/tanec", "", "www.b.cz", "4", ""]:
            ask(alena, room[1], text=f"{text}!")
            answer = ask(brana, room[1], index, **({"text": text} if text else {}))
            index = answer["data"]["index"]
            for message in answer["data"]["data"]:
                assert message["ts"] > last
                last = message["ts"]
                if message.get("s") == "cli":
                    shown.append(message["t"])
        assert [text.split()[0] for text in shown] == ["Odkazy", "Zpráva", "Zpráva", "Takový", "Odkazy"]


def test_only_the_ten_seconds_of_a_visitor_look_like_that(server: BesedaServer) -> None:
    server.run(server.core.rooms.add("Praha"))
    member(server, "Alena")
    with sign_in(server, "Alena") as alena, httpx.Client(base_url=server.url) as visitor:
        alena.get("/Praha")
        visitor.post("/login", data={"nick": "Hostka", "sex": "m"})
        visitor.get("/Praha")
        for number in range(100):  # more than are told by lines of the room
            assert was_sent(alena, 1, str(number), "http://a.cz")
        assert was_sent(visitor, 1, "", "ahoj")
        assert not was_sent(visitor, 1, "2", "ahoj")
        assert was_sent(visitor, 1, "2", " ")


def test_while_nothing_can_be_kept_the_answer_alone_tells(
    server: BesedaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    member(server, "Alena")
    with sign_in(server, "Alena") as alena:
        alena.get("/Praha")
        index = ask(alena, 1)["data"]["index"]
        monkeypatch.setattr(sqlite_adapter, "BUSY_MS", 20)
        path = server.config.server.data / "beseda.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            answer = ask(alena, 1, index, text="ahoj")
            other.execute("ROLLBACK")
        assert (answer["success"], answer["status"], answer["refused"]) == (True, 200, 503)
        assert answer["data"]["index"] != index
        assert [message["t"] for message in answer["data"]["data"]] == [answer["statusMessage"]]
        answer = ask(alena, 1, answer["data"]["index"], text="znovu")
        assert [message.get("t") for message in answer["data"]["data"]] == ["znovu"]


@given(st.text(st.characters(codec="ascii"), max_size=20) | TEXT | st.integers(0, 10**18).map(str))
def test_another_index_means_the_same(index: str) -> None:
    other = codec_talk.other_index(index)
    assert other != index
    assert codec_talk.other_index(other) in (index, index.lstrip("0"))
    read = [codec_talk.read_poll(Form([("roomId", "1"), ("chatIndex", each)])) for each in (index, other)]
    assert read[0].cursor == read[1].cursor


@given(TEXT | SIGNS)
def test_what_nobody_unescapes_reads_the_same_in_a_page_and_runs_nothing(text: str) -> None:
    shown = unescaped(text)
    assert len(shown) == len(text)
    assert html.unescape(shown) == shown
    assert not set(shown) & set("<>\"'")
    assert unescaped(shown) == shown
    if not set(text) & set("<>&\"'"):
        assert shown == text
    page = soup.read(f"<p title='{shown}'>.{shown}.</p>")
    assert [tag.name for tag in page.descendants()] == ["p"]
    assert page.the("p").attributes == {"title": shown}
    assert page.text == f".{shown}."
