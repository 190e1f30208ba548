"""A refusal keeps nothing alive: not what was sent, not what was made of it."""

from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

from api.live.client import PASSWORD, cookie_of, live, register, signed_in
from api.spaces.client import Client
from api.test_pictures import picture, upload
from beseda.testing import BesedaServer
from garbage import nothing_kept

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def server() -> Iterator[BesedaServer]:
    with BesedaServer() as running:
        running.run(running.core.rooms.add("Praha"))
        register(running, "Alena", "Brana")
        yield running


def token(server: BesedaServer, nick: str) -> str:
    call = {"jsonrpc": "2.0", "method": "getToken", "params": {"login": nick, "password": PASSWORD}}
    return str(httpx.post(f"{server.url}/rpc/notAuthorized", json=call).json()["result"])


@pytest.mark.long
def test_pictures(server: BesedaServer) -> None:
    with signed_in(server, "Alena") as alena:
        upload(alena, picture())
        with nothing_kept():
            for content in (b"x", picture()[:200], picture("JPEG")[:-300], picture("PNG", (4097, 4097), "1")):
                assert upload(alena, content).status_code == 403
            assert upload(alena, b"x" * 600_000).status_code == 413


def test_the_site_and_its_api(server: BesedaServer) -> None:
    with signed_in(server, "Alena") as alena, nothing_kept():
        for path in ("/api/room/77", "/api/user/x", "/info/99", "/p/Nikdo", "/api/rooms/x", "/?room=" + "%20" * 5000):
            alena.get(path)
        alena.post("/login", data={"email": "Alena", "password": "nevim nevim"})
        alena.post("/json/getText", data={"roomId": 77, "text": "a"})
        alena.post("/json/getText", data={"roomId": "x", "text": "a" * 9000})
        alena.post("/json/getText", content=b"{" * 100, headers=JSON)
        alena.post("/register", data={"nick": "?"})
        alena.post("/register", data={"nick": "a" * 9000})
        alena.post("/login", data={"email": "Alena"}, headers={"Origin": "https://evil.example.org"})


def test_mail_and_its_channel(server: BesedaServer) -> None:
    calls = ("session", "mail", "users", "chat", "journal", "nothing")
    with httpx.Client(base_url=server.url) as client, nothing_kept():
        for kind in calls:
            for body in ("method=x", "method=sendMessage&user=Nikdo", "method=login&login=Alena&password=x", "&" * 999):
                client.post(f"/neoapi/{kind}", content=body)
        for path in ("/ws/" + "0" * 32, "/lpex/x?callback=!", "/captcha/1.png"):
            assert client.get(path).status_code >= 400


def test_domains(server: BesedaServer) -> None:
    headers = {"Authorization": f"Bearer {token(server, 'Alena')}"}
    names = [{"domain": name} for name in ("-x.ru", "a b.ru", "x.nothing-like-that")]
    with httpx.Client(base_url=server.url, headers=headers) as client:
        one = {"jsonrpc": "2.0", "method": "move", "params": {"domain": "example.ru"}}
        assert client.post("/rpc/domains", json=one).json()["result"] == 1
        other = {"Authorization": f"Bearer {token(server, 'Brana')}"}
        with nothing_kept():
            assert "extendedResult" in client.post("/rpc/domains", json=one, headers=other).json()["result"]
            move = {"jsonrpc": "2.0", "method": "moveList", "params": {"domains": names}}
            for method in (move, {**move, "method": "nothing"}, {**move, "params": [1]}, {**move, "params": {"x": 1}}):
                client.post("/rpc/domains", json=method)
            for content in (b"{" * 40, b"\xff", b'{"a":1e999}', b"x" * 70_000):
                client.post("/rpc/domains", content=content, headers=JSON)
            client.post("/rpc/nothing", json=one)


@pytest.mark.long
def test_sockets(server: BesedaServer) -> None:
    with signed_in(server, "Alena") as alena, live(server, cookie_of(alena)) as socket:
        with nothing_kept():
            for op, members in (("post", {"room": 77, "text": "a"}), ("nothing", {}), ("follow", {"room": "x"})):
                socket.refused(op, **members)
            socket.refused("enter", name="")
        with nothing_kept():
            assert httpx.get(f"{server.url}/live/rooms/1").status_code >= 400
            assert httpx.get(f"{server.url}/live?x={quote(PASSWORD)}").status_code >= 400


def test_what_is_kept_until_it_is_decided(server: BesedaServer) -> None:
    """A letter sent twice, a zone that has moved on, the sixth account from one address."""
    spaces, letter = Client(server, "Alena"), {"user": "Brana", "texttT": "ahoj"}
    server.domain("vzor.cz", "Alena")
    file = {"do": "save", "how": "add", "text": "$ORIGIN vzor.cz.\nwww 60 IN A 192.0.2.1\n", "seen": "77"}
    with signed_in(server, "Alena") as alena:
        spaces.do("mail.sendMessage", **letter)
        with nothing_kept():
            assert spaces.call("mail.sendMessage", **letter)["code"] != "00000"
            answer = alena.post("/-/domains/vzor.cz/import", files={name: (None, text) for name, text in file.items()})
            assert answer.status_code == 422
            guests = [{"nick": f"Host {number}", "password": PASSWORD} for number in range(6)]
            assert 429 in {httpx.post(f"{server.url}/register", data=guest).status_code for guest in guests}
            text = "".join(f"a{number} 60 IN A 192.0.2\n" for number in range(3))
            answer = alena.post("/-/domains/vzor.cz/import", data={"do": "check", "how": "add", "text": text})
            assert answer.status_code == 422
