"""What the gateways to IRC do with the site, step by step, with the very patterns that they look for."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from beseda.api.chatcz.unasked import is_unasked
from beseda.core.accounts import Application
from beseda.domain.accounts import check_nick
from beseda.domain.errors import NickInvalid, RoomNameInvalid
from beseda.domain.rooms import check_name
from beseda.server.asgi import RESERVED_ROOM_NAMES
from beseda.testing import BesedaServer

KOTLIN = {"Origin": "https://chat.cz", "Referer": "https://chat.cz/"}
"""What one gateway sends along, whatever it talks to."""
QUICK = settings(
    max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


class Page(HTMLParser):
    """Elements with their attributes and the text in them, as a reader of HTML sees them."""

    VOID = frozenset({"meta", "link", "input", "br", "img"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self._open: list[tuple[str, list[str]]] = []
        self.feed(text)
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        text: list[str] = []
        self.elements.append((tag, dict(attrs), text))
        if tag not in self.VOID:
            self._open.append((tag, text))

    def handle_endtag(self, tag: str) -> None:
        opened, _ = self._open.pop()
        assert opened == tag

    def handle_data(self, data: str) -> None:
        for _, text in self._open:
            text.append(data)

    def find(self, tag: str, **attributes: str) -> str | None:
        """The text of the first element with exactly these attributes among its own."""
        for name, has, text in self.elements:
            if name == tag and attributes.items() <= has.items():
                return "".join(text)
        return None


@pytest.fixture(scope="module")
def server() -> Iterator[BesedaServer]:
    with BesedaServer({"compat.origins": [KOTLIN["Origin"]]}) as running:
        running.run(running.core.rooms.add("Zimní zahrada", description="Pro <všechny> & každého"))
        running.run(running.core.accounts.add(Application("Alena", "kratka zima 7")))
        yield running


@pytest.fixture
def client(server: BesedaServer) -> Iterator[httpx.Client]:
    server.clock.move(3600)
    with httpx.Client(base_url=server.url, follow_redirects=True) as opened:
        yield opened


def sign_in(client: httpx.Client, headers: dict[str, str] | None = None) -> Page:
    client.get("/login", headers=headers)
    form = {"email": "Alena", "password": "kratka zima 7"}
    return Page(client.post("/login", data=form, headers=headers).raise_for_status().text)


def room_number(page: str) -> str:
    """As the oldest gateway finds it."""
    found = re.search(r"/leaveRoom/(\d+)", page)
    assert found is not None
    return found[1]


def user_list(page: str) -> str:
    """As the oldest gateway finds it."""
    found = re.search(r"var userList\s*=\s*({[\s\S]+?});", page)
    assert found is not None
    return found[1]


def test_the_old_gateway_reads_the_front_page(client: httpx.Client) -> None:
    sign_in(client)
    client.get("/Zimní zahrada")
    page = Page(client.get("/").text)
    assert page.find("div", **{"class": "row row-xs-height list-group"})
    assert page.find("h4") == "Zimní zahrada"
    link = page.find("a", href="/Zimn%C3%AD%20zahrada")
    assert link is not None
    assert re.sub(r"[\s\S]+?\n\n", "", link).strip() == "Pro <všechny> & každého"
    assert [tag for tag, _, _ in page.elements].count("span") == 1


def test_the_old_gateway_signs_in_joins_parts_and_signs_out(server: BesedaServer) -> None:
    """It takes cookies only from the last answer of each call, and sends them by itself."""
    jar: dict[str, str] = {}

    def call(method: str, path: str, data: dict[str, str] | None = None) -> str:
        cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in jar.items())}
        answer = httpx.request(method, server.url + path, data=data, headers=cookie)
        jar.update(answer.cookies.items())
        return answer.text

    call("GET", "/login")
    page = call("POST", "/login", {"email": "Alena", "password": "kratka zima 7"})
    assert Page(page).find("li", id="nav-user") == "Alena"
    page = call("GET", "/Zimní zahrada")
    assert json.loads(user_list(page))["data"]
    assert re.search(r"adminList:\s*(\{.*?\})", page)
    assert Page(call("GET", "/leaveRoom/" + room_number(page))).find("li", id="nav-user")
    assert "Úspěšné odhlášení" in call("GET", "/logout")
    assert Page(call("GET", "/")).find("li", id="nav-user") is None


def test_both_gateways_read_why_a_sign_in_failed(client: httpx.Client) -> None:
    answer = client.post("/login", data={"email": "Alena", "password": "jine heslo"}, headers=KOTLIN)
    assert answer.status_code == 200
    page = Page(answer.text)
    assert page.find("li", id="nav-user") is None
    alert = page.find("div", **{"class": "alert"})
    assert alert is not None
    python = re.search(r"\n.+?\n.*$", alert)
    assert python is not None
    assert python.group().strip().endswith("Jméno nebo heslo není správné.")
    assert " ".join(alert.split()).endswith("Jméno nebo heslo není správné.")


def test_the_kotlin_gateway_creates_a_room_and_joins_it(client: httpx.Client) -> None:
    client.headers.update(KOTLIN)
    assert sign_in(client).find("li", id="nav-user") == "Alena"
    client.get("/Nová").raise_for_status()
    rooms = {room["name"]: room for room in client.get("/api/rooms").json()["rooms"]}
    client.get("/Nová").raise_for_status()
    number = rooms["Nová"]["id"]
    with httpx.Client(base_url=client.base_url) as without_cookies:
        assert [user["nick"] for user in without_cookies.get(f"/api/room/{number}/users").json()["users"]] == ["Alena"]
    assert client.get(f"/api/room/{number}/admins").json()["admins"] == []
    assert client.post("/json/getHeader").json()["data"] == {"msg_count": 0, "request_count": 0}
    assert client.post("/json/getRoomUserTime", data={"roomId": number}).status_code == 200
    assert Page(client.get(f"/leaveRoom/{number}").text).find("li", id="nav-user")
    assert "Úspěšné odhlášení" in client.get("/logout").text


ANY = st.text(min_size=1, max_size=30)
NAMES = (
    ANY
    | st.text("ab Žя{};:'&=()!^~*. var userList adminList", min_size=1, max_size=30)
    | st.text(min_size=1, max_size=30)
)


@pytest.mark.long
@given(name=NAMES, description=st.text(max_size=40) | st.just("/leaveRoom/99 </script><script>alert(1)</script>"))
@QUICK
def test_no_name_and_no_description_gets_in_the_way(server: BesedaServer, name: str, description: str) -> None:
    try:
        kept = check_name(name, reserved=RESERVED_ROOM_NAMES)
    except RoomNameInvalid:
        reject()
    if is_unasked(kept):  # no GET opens a room of such a name
        reject()
    server.move_clock(3600)
    with httpx.Client(base_url=server.url) as client:
        sign_in(client)
        number = room_number(client.get("/" + quote(kept, safe="")).text)
        client.post("/json/setRoomSetting", data={"roomId": number, "description": description})
        text = client.get("/" + quote(kept, safe="")).text
        assert room_number(text) == number
        assert user_list(text).count('"Alena"') == 1
        page = Page(text)
        assert page.find("h1") == kept == client.get(f"/api/room/{number}").json()["room"]["name"]
        data, module = (attributes for tag, attributes, _ in page.elements if tag == "script")
        assert data == {"type": "text/plain"}
        assert module["type"] == "module"
        assert re.fullmatch(r"/static/[0-9a-f]{12}/soon\.js", module["src"] or "")
        assert re.fullmatch(r"/static/[0-9a-f]{12}/room\.js", module["data-entry"] or "")
        client.get("/logout")


@pytest.mark.long
@given(nick=st.text("ab Ž_-.!*()[]~^+='", min_size=3, max_size=8))
@QUICK
def test_no_nick_gets_in_the_way(server: BesedaServer, nick: str) -> None:
    try:
        kept = check_nick(nick, registered=False)
    except NickInvalid:
        reject()
    server.move_clock(3600)
    with httpx.Client(base_url=server.url) as client:
        assert Page(client.post("/login", data={"nick": nick, "sex": "f"}).text).find("li", id="nav-user") == kept
        users = json.loads(user_list(client.get("/Zimní zahrada").text))["data"]
        assert [user["nick"] for user in users.values()] == [kept]
        client.get("/logout")
