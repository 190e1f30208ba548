"""Every address in any answer leads to something, for who asks as its client would; and no answer says null for it."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import httpx
import pytest

from api.spaces.client import TLS, Client, Message, make_members
from beseda.api.spaces.codec import CHANGES, READS
from beseda.core.caller import Caller
from beseda.domain.sessions import Handle
from beseda.testing import BesedaServer

NULLS = {"pagination", "can_write_error"}
"""What captured answers say null for; clients look at what type these have."""
SPACES_HOST = "spaces.example.org"
CALLS: dict[str, dict[str, object]] = {
    "session.check": {},
    "common.getTopCounts": {},
    "common.beacon": {},
    "common.getOAuthLinks": {},
    "users.isOnline": {"UsErs": "1,2"},
    "users.search": {"q": "a"},
    "mail.getMessagesByIds": {"Contact": 1, "MeSsages": "1,2", "Pag": 1, "L": 1},
    "mail.getMessages": {"Contact": 1, "P": 2, "L": 1},
    "mail.getContacts": {"L": 1, "q": "a"},
    "mail.getContactsByIds": {"CoNtacts": "1,3"},
    "chat.getMessages": {"Rid": 1, "P": 2, "L": 1},
    "journal.getRecords": {},
    "mail.sendMessage": {"user": "Brana", "texttT": "a ještě"},
    "mail.markContactsAsRead": {"CoNtacts": 1},
    "mail.typing": {"Contact": 1, "message": "x"},
    "mail.swapContacts": {"CoNtacts": 1, "Garbage": 0, "L": 1},
    "mail.archiveContacts": {"CoNtacts": 1, "Archive": 0},
    "mail.spamContacts": {"CoNtacts": 1, "Spam": 0},
    "mail.swapMessages": {"Contact": 1, "MeSsages": 1, "Garbage": 0, "L": 1},
    "mail.favMessages": {"Contact": 1, "MeSsages": 1},
    "mail.editMessage": {"Contact": 1, "Message": 1, "texttT": "jinak"},
    "mail.getEditMessage": {"Contact": 1, "Message": 1},
    "mail.getReplyMessage": {"Contact": 1, "Message": 1},
    "mail.clearGarbage": {},
    "mail.resetMailEventsCnt": {},
    "chat.sendMessage": {"Rid": 1, "msg": "Ahoj"},
    "chat.invite": {"Rid": 1, "frIends": "Cyril"},
    "mail.eraseMessages": {"Contact": 1, "MeSsages": 2},
    "mail.eraseContacts": {"CoNtacts": 4},
    "page.mail": {"L": 1},
    "page.message_list": {"Contact": 1, "P": 2, "L": 1},
    "page.journal": {},
    "page.events": {},
    "page.mysite": {"name": "Brana"},
    "page.room": {"Rid": 1},
}
PAGES = {"message_list": "mail/message_list", "room": "chat/room"}


PLACES: dict[str, dict[str, object]] = {
    "by path": {},
    "by host": {"hosts.spaces": [SPACES_HOST]},
    "on the host of Chat.cz": {"hosts.chatcz": [SPACES_HOST]},
}


@pytest.fixture(scope="module", params=list(PLACES.values()), ids=list(PLACES))
def server(request: pytest.FixtureRequest) -> Iterator[BesedaServer]:
    with BesedaServer({**request.param, "accounts.oauth": {"vk": "https://login.example.org/?a=1&b=2"}}) as server:
        make_members(server, "Alena", "Brana", "Cyril")
        room = server.run(server.core.rooms.add("Praha & okolí"))
        alena = sign_in(server, "Alena")
        for who, whom in (("Alena", 2), ("Alena", 3), ("Brana", 1)):
            for text in ("Ahoj", "podruhé"):
                server.run(server.core.mail.send(sign_in(server, who), whom, text))  # type: ignore[arg-type]
        server.run(server.core.rooms.set_admin(room.id, alena.signed_in()[0].id, True))
        server.run(server.core.rooms.enter(sign_in(server, "Brana"), "Praha & okolí"))
        server.run(server.core.notifications.invite(sign_in(server, "Brana"), room.id, ["Alena"]))
        for text in ("a", "b", "c"):
            server.run(server.core.messages.post(sign_in(server, "Brana"), room.id, text))
        yield server


def sign_in(server: BesedaServer, nick: str) -> Caller:
    deed = server.core.auth.sign_in(nick, "kratka zima 7", kind=Handle.COOKIE, address="192.0.2.1")
    signed_in = server.run(deed)
    return Caller("192.0.2.1", signed_in.account, signed_in.session)


class Walker:
    """A client that keeps its sid in a cookie jar, or sends it by hand."""

    def __init__(self, server: BesedaServer, *, jar: bool) -> None:
        self.server = server
        self.host = (
            SPACES_HOST
            if server.settings.keys() & {"hosts.spaces", "hosts.chatcz"}
            else server.url.removeprefix("http://")
        )
        self.client = Client(server, "Alena")
        self.cookies = {"sid": self.client.sid} if jar else {}
        self.by_hand = {} if jar else {"sid": self.client.sid}

    def call(self, name: str) -> Message:
        section, method = name.split(".")
        path = f"/ajax/{PAGES.get(method, method)}/" if section == "page" else f"/api/{section}/{method}/"
        data = {key: str(value) for key, value in CALLS[name].items()} | {"CK": self.client.proof} | self.by_hand
        answer = self.ask("POST", path, data)
        body: Message = answer.json()
        again = {"mail.eraseContacts": "02001", "mail.eraseMessages": "02007", "mail.sendMessage": "02010"}
        assert body["code"] in ("00000", again.get(name)), (name, body)
        return body

    def ask(
        self, verb: str, path: str, data: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        headers = (
            (headers or {}) | {"Host": self.host} | ({"Cookie": f"sid={self.cookies['sid']}"} if self.cookies else {})
        )
        return httpx.request(verb, self.server.url + path, data=data, headers=headers, verify=TLS)

    def get(self, link: str, headers: dict[str, str] | None = None) -> httpx.Response:
        assert link.startswith(f"http://{self.host}/"), link
        return self.ask("GET", link.removeprefix(f"http://{self.host}"), headers=headers)


def texts(value: Any, path: str = "") -> Iterator[tuple[str, object]]:
    """Every leaf of an answer, with where it stands."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from texts(each, f"{path}.{key}")
    elif isinstance(value, list):
        for each in value:
            yield from texts(each, path)
    else:
        yield path, value


def links(answer: Message) -> dict[str, str]:
    """Addresses of this server, by where they stand; what is only put in front of a name is with it."""
    base, found = answer["config"]["icons"]["baseurl"], {}
    for path, value in texts(answer):
        if isinstance(value, str) and value.startswith("http") and not path.endswith(("baseurl", "_login_URL")):
            found[f"{path} {value}"] = unescape(value)
        elif path.endswith(("on_img", "off_img")):
            found[path] = f"{base}{value}"
    return found


def test_all_methods_are_asked() -> None:
    assert CALLS.keys() == READS | CHANGES - {"session.login", "session.logout"}


@pytest.mark.parametrize("jar", [False, True], ids=["sid by hand", "cookie jar"])
def test_every_address_leads_to_something(server: BesedaServer, jar: bool) -> None:
    walker, seen = Walker(server, jar=jar), 0
    for name in CALLS:
        for where, link in links(walker.call(name)).items():
            seen += 1
            for headers in ({}, {"X-Proxy": "spaces"}):
                answer = walker.get(link, headers)
                assert answer.status_code == 200, (name, where, headers, answer.text)
                if answer.headers["content-type"].startswith("application/json"):
                    assert answer.json()["code"] in ("00000", "00012"), (name, where, answer.text)
                assert (walker.client.sid in answer.url.query.decode()) <= (not jar), where
    assert seen > 40


@pytest.mark.parametrize("jar", [False, True], ids=["sid by hand", "cookie jar"])
def test_what_there_is_not_is_left_out(server: BesedaServer, jar: bool) -> None:
    walker = Walker(server, jar=jar)
    for name in CALLS:
        absent = {path.rpartition(".")[2] for path, value in texts(walker.call(name)) if value is None}
        assert absent <= NULLS, name


def test_pages_link_to_pages(server: BesedaServer) -> None:
    """By the cookie, and by the sid in the address, from page to page."""
    for jar in (True, False):
        walker = Walker(server, jar=jar)
        start = f"http://{walker.host}/mail/?L=1" + ("" if jar else f"&sid={walker.client.sid}")
        waiting, seen = [start], set[str]()
        while waiting:
            page = walker.get(link := waiting.pop())
            assert page.status_code == 200, link
            assert page.headers["content-type"].startswith("text/html")
            assert "<script" not in page.text
            assert "set-cookie" not in page.headers
            found = {unescape(each) for each in re.findall(r'<a [^>]*href="(http[^"]+)"', page.text)} - seen
            seen |= found
            waiting += found
        assert len(seen) >= 6


def test_the_picture_of_a_sign_in(beseda_server: BesedaServer) -> None:
    make_members(beseda_server, "Alena")
    sent = {"login": "Alena", "password": "spatne heslo"}
    for _ in range(4):
        answer = httpx.post(f"{beseda_server.url}/api/session/login/", data=sent, verify=TLS)
    assert httpx.get(answer.json()["captcha_url"], verify=TLS).headers["content-type"] == "image/png"
