"""One port: the protocol of a request is found by its path, or by its host name."""

import json
import socket
from collections.abc import Iterator
from http.client import HTTPResponse
from typing import Any

import httpx
import pytest

from beseda.core.accounts import Application
from beseda.core.caller import Caller
from beseda.domain.sessions import Handle
from beseda.testing import BesedaServer

HOSTS = {
    "hosts.chatcz": "chat.example.org",
    "hosts.spaces": ["spaces.example.org", "spcs.example.org."],
    "hosts.spaceweb": "api.example.org:8443, sweb.example.org",
}
ASKS_JSON: list[dict[str, str]] = [
    {"X-Proxy": "spaces"},
    {"x-proxy": "Spaces"},
    {"Cookie": "json=1"},
    {"Cookie": "a=b; json=1; sid=1"},
]
RPC = {"jsonrpc": "2.0", "method": "index"}


@pytest.fixture(scope="module")
def served() -> Iterator[BesedaServer]:
    """One for all that only ask."""
    with BesedaServer(HOSTS) as server:
        yield server


def protocol_of(answer: httpx.Response) -> str:
    """Which protocol's form an answer has."""
    if "html" in answer.headers["content-type"]:
        return "site"
    members = answer.json().keys()
    return next(
        name
        for name, member in {"chatcz": "statusMessage", "spaces": "css_files", "spaceweb": "jsonrpc"}.items()
        if member in members
    )


@pytest.mark.parametrize(
    ("method", "path", "protocol"),
    [
        ("GET", "/api/rooms", "chatcz"),
        ("GET", "/api/room/1", "chatcz"),
        ("GET", "/api/user/1", "chatcz"),
        ("POST", "/api/token", "chatcz"),
        ("PUT", "/api/login", "chatcz"),
        ("GET", "/", "site"),
        ("GET", "/login", "site"),
        ("POST", "/api/session", "spaces"),
        ("POST", "/api/auth/", "spaces"),
        ("POST", "/api/common/getOAuthLinks", "spaces"),
        ("POST", "/neoapi/session", "spaces"),
        ("POST", "/ajax/neoapi/session/", "spaces"),
        ("POST", "/rpc/domains", "spaceweb"),
        ("POST", "/rpc/notAuthorized/", "spaceweb"),
        ("POST", "/rpc", "spaceweb"),
    ],
)
def test_by_path(method: str, path: str, protocol: str) -> None:
    with BesedaServer() as server:
        assert protocol_of(httpx.request(method, server.url + path)) == protocol


@pytest.mark.parametrize(
    ("host", "path", "protocol"),
    [
        ("chat.example.org", "/api/rooms", "chatcz"),
        ("chat.example.org", "/rpc/domains", "site"),
        ("CHAT.example.org:8080", "/api/rooms", "chatcz"),
        ("chat.example.org.", "/rpc/domains", "site"),
        ("chat.example.org", "/api/nothing", "spaces"),
        ("chat.example.org", "/neoapi/session", "spaces"),
        ("spaces.example.org:80", "/api/rooms", "spaces"),
        ("Spaces.Example.org.:80", "/api/rooms", "spaces"),
        ("api.example.org", "/domains", "site"),
        ("API.example.org.:8443", "/domains", "spaceweb"),
        ("nonsense:port", "/rpc/domains", "spaceweb"),
        ("spaces.example.org", "/neoapi/session", "spaces"),
        ("spaces.example.org", "/api/rooms", "spaces"),
        ("SPCS.example.org", "/neoapi/session", "spaces"),
        ("spaces.example.org", "/Praha", "site"),
        ("sweb.example.org", "/domains", "spaceweb"),
        ("api.example.org:8443", "/domains", "spaceweb"),
        ("api.example.org:8443", "/api/rooms", "spaceweb"),
        ("other.example.org", "/api/rooms", "chatcz"),
        ("other.example.org", "/rpc/domains", "spaceweb"),
    ],
)
def test_by_host(host: str, path: str, protocol: str) -> None:
    with BesedaServer(HOSTS) as server:
        answer = httpx.post(server.url + path, json=RPC, headers={"Host": host})
        assert protocol_of(answer) == protocol


def test_an_object_of_spaceweb_stands_at_the_root_of_its_host() -> None:
    with BesedaServer(HOSTS) as server:
        call = RPC | {"method": "rpc.discover"}
        answer = httpx.post(f"{server.url}/notAuthorized/", json=call, headers={"Host": "api.example.org:8443"})
        assert answer.json()["result"]["openrpc"].startswith("1.")


@pytest.mark.parametrize("headers", ASKS_JSON)
@pytest.mark.parametrize(
    ("host", "path", "protocol"),
    [
        *(
            (host, path, "spaces")
            for host in ("", "chat.example.org")
            for path in ("/", "/mail/", "/Praha", "/p/x", "/a/b/")
        ),
        *((host, path, "chatcz") for host in ("", "chat.example.org") for path in ("/api/rooms", "/api/user/1")),
        ("", "/rpc/domains", "spaceweb"),
        ("", "/api/users/search", "spaces"),
        ("api.example.org:8443", "/mail/", "spaceweb"),
        ("spaces.example.org", "/api/rooms", "spaces"),
        ("spcs.example.org", "/lenta/", "spaces"),
    ],
)
def test_who_asks_as_a_client_of_spaces(
    served: BesedaServer, headers: dict[str, str], host: str, path: str, protocol: str
) -> None:
    given = headers | ({"Host": host} if host else {})
    assert protocol_of(httpx.get(served.url + path, headers=given)) == protocol


@pytest.mark.parametrize(
    ("path", "protocol"),
    [
        ("/ajax/events/", "spaces"),
        ("/ajax/nothing/", "spaces"),
        ("/neoapi/nothing", "spaces"),
        ("/api/nothing", "spaces"),
        ("/mail/", "site"),
        ("/journal/", "site"),
        ("/mysite/", "site"),
        ("/chat/room/", "site"),
        ("/nothing/", "site"),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"X-Proxy": "other"}, {"Cookie": "json=0; xjson=1"}])
def test_who_does_not_say_gets_pages(served: BesedaServer, headers: dict[str, str], path: str, protocol: str) -> None:
    for host in ("", "spaces.example.org", "chat.example.org"):
        given = headers | ({"Host": host} if host else {})
        answer = httpx.get(served.url + path, headers=given)
        assert protocol_of(answer) == protocol
        of_spaces = protocol == "spaces" or path != "/nothing/" or host == "spaces.example.org"
        assert (protocol == "site" and 'lang="ru"' in answer.text) == (of_spaces and protocol == "site")


def test_the_pages_of_a_room_called_chat_stay_with_it() -> None:
    with BesedaServer() as server:
        server.run(server.core.rooms.add("chat"))
        assert "Такой страницы нет" not in httpx.get(f"{server.url}/chat", follow_redirects=True).text


@pytest.mark.parametrize(("host", "scheme"), [("api.example.org", "https"), ("api.example.org:443", "https")])
def test_a_port_that_a_scheme_has_anyway_need_not_be_written(host: str, scheme: str) -> None:
    settings = {"hosts.spaceweb": "api.example.org:443", "server.trusted_proxies": ["127.0.0.1"]}
    with BesedaServer(settings) as server:
        headers = {"Host": host, "X-Forwarded-Proto": scheme}
        assert protocol_of(httpx.post(f"{server.url}/domains", json=RPC, headers=headers)) == "spaceweb"
        assert protocol_of(httpx.post(f"{server.url}/domains", json=RPC, headers={"Host": host[:15]})) == "site"


def test_two_servers_on_one_host_do_not_sign_each_others_members_out() -> None:
    """One jar, as a browser's: it sends both cookies to both, whose ports it does not tell apart."""
    with BesedaServer() as one, BesedaServer() as two, httpx.Client() as browser:
        for server, nick in ((one, "Alena"), (two, "Brana")):
            page = browser.post(f"{server.url}/login", data={"nick": nick, "sex": "f"})
            assert f'<li id="nav-user">{nick}</li>' in page.text
        assert len(browser.cookies) == 2
        assert '<li id="nav-user">Alena</li>' in browser.get(one.url).text
        assert "Úspěšné odhlášení" in browser.get(f"{two.url}/logout").text
        assert "nav-user" not in browser.get(two.url).text
        assert '<li id="nav-user">Alena</li>' in browser.get(one.url).text


def test_a_cookie_of_before_is_good_and_is_not_taken_away_from_its_server() -> None:
    with BesedaServer() as one, BesedaServer() as two, httpx.Client() as browser:
        handle = dict(httpx.post(f"{one.url}/login", data={"nick": "Alena", "sex": "f"}).cookies).popitem()[1]
        browser.cookies.set("beseda", handle)
        assert '<li id="nav-user">Alena</li>' in browser.get(one.url).text
        assert "nav-user" not in browser.get(two.url).text
        browser.get(f"{two.url}/logout")
        browser.post(f"{two.url}/login", data={"nick": "Brana", "sex": "f"})
        assert '<li id="nav-user">Brana</li>' in browser.get(two.url).text
        assert '<li id="nav-user">Alena</li>' in browser.get(one.url).text
        browser.get(f"{one.url}/logout")
        assert "nav-user" not in browser.get(one.url).text
        assert '<li id="nav-user">Brana</li>' in browser.get(two.url).text


def test_a_dead_cookie_hides_no_good_one() -> None:
    """Wherever the session's cookie is read; of many, only the first few are looked at."""
    with BesedaServer() as server:
        handle = dict(httpx.post(f"{server.url}/login", data={"nick": "Alena", "sex": "f"}).cookies).popitem()[1]
        own, good = f"beseda-{server.url.rpartition(':')[2]}=dead", f"beseda-9={handle}"
        for sent, finds in (
            (good, True),
            (f"beseda=dead; {good}", True),
            (f"{own}; beseda=dead; beseda-8=dead; {good}", True),
            (f"{own}; beseda=dead; beseda-7=dead; beseda-8=dead; {good}", False),
        ):
            headers = {"Cookie": sent}
            assert ('<li id="nav-user">Alena</li>' in httpx.get(server.url, headers=headers).text) is finds, sent
            stream = httpx.get(f"{server.url}/live/rooms/1", headers=headers)
            assert stream.json()["error"]["code"] == ("not_in_room" if finds else "not_signed_in"), sent


def connect(server: BesedaServer) -> socket.socket:
    host, _, port = server.url.removeprefix("http://").rpartition(":")
    return socket.create_connection((host, int(port)))


def ask(line: socket.socket, path: str, body: str, *headers: str) -> tuple[str, Any]:
    """The id of an answer and its JSON, to a request that goes out in one piece."""
    form = ("Host: localhost", "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}")
    line.sendall("\r\n".join([f"POST {path} HTTP/1.1", *form, *headers, "", body]).encode())
    answer = HTTPResponse(line)
    answer.begin()
    return answer.headers["x-request-id"], json.loads(answer.read())


def test_what_is_known_of_a_head_that_comes_again_is_nothing_of_the_rest(beseda_server: BesedaServer) -> None:
    """On one connection: what is asked of whom by the same head, as the bodies say, by who is signed in by now."""
    account = beseda_server.run(beseda_server.core.accounts.add(Application("Alena", "modry zvonek 12")))
    sids = [
        beseda_server.run(beseda_server.core.auth.sign_in("Alena", "modry zvonek 12", kind=Handle.SID, address="::1"))
        for _ in range(2)
    ]
    with connect(beseda_server) as line:
        for number in range(3):
            call = f'{{"jsonrpc":"2.0","method":"vpsOsConfig","id":"{number}"}}'
            assert ask(line, "/rpc/notAuthorized", call)[1]["id"] == str(number)
            assert ask(line, "/rpc/notAuthorized", call.replace("vps", "sps"))[1]["error"]["code"] == -32601
        checks = [(each.handle, f"method=check&sid={each.handle}") for each in (*sids, *sids)]
        for handle, check in checks:
            answer = ask(line, "/neoapi/session", check)[1]
            assert (answer["code"], answer["attributes"]["sid"]) == ("00000", handle)
        beseda_server.run(beseda_server.core.auth.sign_out(Caller("::1", account, sids[0].session)))
        codes = [ask(line, "/neoapi/session", check)[1]["code"] for _, check in checks]
        assert codes == ["01001", "00000"] * 2


def test_each_request_of_a_proxys_connection_is_of_the_client_that_it_names() -> None:
    with BesedaServer({"server.trusted_proxies": "127.0.0.1"}) as server:
        told = []
        with connect(server) as line:
            for client in ("192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.1"):
                request_id, _ = ask(line, "/neoapi/session", "method=check", f"X-Forwarded-For: {client}")
                refusal = server.run(server.core.refusals.find(request_id))
                assert refusal is not None
                told.append(refusal.address)
    assert told == ["192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.1"]
