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
