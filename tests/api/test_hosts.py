"""One port: the protocol of a request is found by its path, or by its host name."""

import httpx
import pytest

from beseda.testing import BesedaServer

HOSTS = {
    "hosts.chatcz": "chat.example.org",
    "hosts.spaces": "spaces.example.org",
    "hosts.spaceweb": "api.example.org:8443",
}
RPC = {"jsonrpc": "2.0", "method": "index"}


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
        ("spaces.example.org:80", "/api/rooms", "spaces"),
        ("Spaces.Example.org.:80", "/api/rooms", "spaces"),
        ("api.example.org", "/domains", "site"),
        ("API.example.org.:8443", "/domains", "spaceweb"),
        ("nonsense:port", "/rpc/domains", "spaceweb"),
        ("spaces.example.org", "/neoapi/session", "spaces"),
        ("spaces.example.org", "/api/rooms", "spaces"),
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
