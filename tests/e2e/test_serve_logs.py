"""What a server logs: who signed in and who did not, each with its request; never a secret, never two lines for one."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from e2e.console import Console
from e2e.serving import QUICK_HASHES, Process, started

DEBUG = QUICK_HASHES | {"BESEDA_LOG_LEVEL": "debug"}
EVIL_NICK = 'Zlo\r\n{"event": "authenticated"}\x1b[2J'


@pytest.fixture
def console(tmp_path: Path) -> Console:
    return Console(tmp_path / "data").begin()


def serve(console: Console) -> Any:
    return started("serve", "--data", str(console.data), "--listen", "127.0.0.1:0", settings=DEBUG)


def sign_in(server: Process, login: str, password: str) -> httpx.Response:
    return httpx.post(f"{server.url}/neoapi/session", data={"method": "login", "login": login, "password": password})


def lines_of(server: Process, answer: httpx.Response) -> list[dict[str, Any]]:
    """What was logged in the course of one request."""
    return [line for line in server.log() if line.get("request_id") == answer.headers["x-request-id"]]


@pytest.mark.long
def test_signing_in_is_logged_with_its_request(console: Console) -> None:
    password = console.json("account", "add", "Alena")["password"]
    with serve(console) as server:
        right, wrong = sign_in(server, "Alena", password), sign_in(server, "Alena", "kratka zima 7")
        unknown = sign_in(server, "Nikdo", "kratka zima 7")
        assert server.stop() == 0
        signed_in, request = lines_of(server, right)
        assert (signed_in["event"], signed_in["account_id"], signed_in["address"]) == ("authenticated", 1, "127.0.0.1")
        assert (request["event"], request["level"], request["outcome"]) == ("request", "debug", "00000")
        for answer in (wrong, unknown):
            refused, request = lines_of(server, answer)
            assert (refused["event"], refused["reason"]) == ("authentication refused", "wrong_credentials")
            assert re.fullmatch("[0-9a-f]{16}", refused["name"])
            assert (request["level"], request["protocol"]) == ("info", "spaces")
        assert lines_of(server, wrong)[0]["name"] != lines_of(server, unknown)[0]["name"]


def secrets_of_a_day(server: Process, console: Console) -> list[str]:
    """Use all that is secret, in every protocol, rightly and wrongly; all of it."""
    alena = console.json("account", "add", "Alena")["password"]
    boris = console.json("account", "add", "Boris", "--password-stdin", stdin="drevena lzice 9\n") and "drevena lzice 9"
    key = console.json("app", "add", "Brana")["api_key"]
    token = console.json("app", "grant", "Brana", "Alena")["token"]
    invite = console.json("invite", "add")["code"]
    secrets = [alena, boris, key, token, invite, "spatne heslo 5", (console.data / "server.key").read_text().strip()]
    with httpx.Client(base_url=server.url, follow_redirects=True) as client:
        renewed = client.post("/api/token", json={"tokenOld": token, "apiKey": key}).json()["token"]
        client.put("/api/login", json={"token": renewed, "apiKey": key})
        client.put("/api/login", json={"token": "spatne heslo 5", "apiKey": key})
        client.post("/login", data={"email": "Boris", "password": boris})
        client.post("/login", data={"email": "Boris", "password": "spatne heslo 5"})
        client.get("/Praha", params={"password": "spatne heslo 5"})
        client.post("/register", data={"nick": "Cyril", "password": "spatne heslo 5", "invite": invite})
        secrets += [renewed, *(cookie.value or "" for cookie in client.cookies.jar)]
    attributes = sign_in(server, "Alena", alena).json()["attributes"]
    httpx.get(f"{server.url}/api/session/check", params={"sid": attributes["sid"]})
    httpx.post(f"{server.url}/neoapi/session", content=b"sid=" + attributes["sid"].encode() + b"&method=\xff\x00")
    call = {"jsonrpc": "2.0", "method": "getToken", "params": {"login": "Boris", "password": boris}}
    bearer = httpx.post(f"{server.url}/rpc/notAuthorized", json=call).json()["result"]
    for answer in (f"Bearer {bearer}", f"Bearer {alena}"):
        httpx.post(f"{server.url}/rpc/domains", json={"jsonrpc": "2.0"}, headers={"Authorization": answer})
    return [*secrets, attributes["sid"], attributes["channel_id"], bearer]


def test_no_secret_is_logged_or_kept_in_the_clear(console: Console) -> None:
    console.run("migrate")
    with serve(console) as server:
        secrets = secrets_of_a_day(server, console)
        assert server.stop() == 0
    logged = "".join(server.lines) + server.printed
    assert len(server.log()) > 15
    assert all(secrets)
    assert [secret for secret in secrets if secret in logged] == []
    kept = b"".join(file.read_bytes() for file in console.data.glob("beseda.db*"))
    assert [secret for secret in secrets if secret.encode() in kept] == []


@pytest.mark.long
def test_names_that_only_look_like_log_lines_break_none(console: Console) -> None:
    with serve(console) as server:
        sign_in(server, EVIL_NICK, "kratka zima 7")
        httpx.get(f"{server.url}/{EVIL_NICK.encode().hex('%')}")
        httpx.get(f"{server.url}/%0d%0a%1b[2Jevent")
        httpx.post(f"{server.url}/login", data={"nick": EVIL_NICK, "sex": "m"})
        call = {"jsonrpc": "2.0", "method": EVIL_NICK, "params": {EVIL_NICK: EVIL_NICK}}
        httpx.post(f"{server.url}/rpc/{EVIL_NICK.encode().hex('%')}", json=call)
        assert server.stop() == 0
    assert all(line == json.dumps(json.loads(line), ensure_ascii=True) + "\n" for line in server.lines if line)
    assert "\x1b" not in "".join(server.lines)
    assert not [line for line in server.log() if line["event"] == "authenticated"]
