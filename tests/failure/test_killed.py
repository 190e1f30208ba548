"""The server is killed, or its disk is full: what it acknowledged is there, once, and it goes on."""

import asyncio
import contextlib
import http.client
import itertools
import json
import resource
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from awake import awake_s
from beseda.core.accounts import Application
from beseda.server.bootstrap import open_core
from beseda.server.config import load_config
from e2e.serving import QUICK_HASHES, Process

CLIENTS = 8
KILLS = 20
START_S = 2.0
PASSWORD = "kratka zima 7"


class Client:
    """A SpaceWeb client that puts domains on Alena's account, and knows which were acknowledged."""

    def __init__(self, number: int) -> None:
        self._names = (f"c{number}-{count}.ru" for count in itertools.count())
        self._open: str | None = None
        """Asked for, and not answered when the server died."""
        self.acknowledged: list[str] = []

    def ask(self, connection: http.client.HTTPConnection, token: str) -> None:
        """Add a domain; the one that was not answered once more, which may find that it is there."""
        again = self._open is not None
        self._open = self._open or next(self._names)
        answer = call(connection, "domains", "move", {"domain": self._open}, token)
        assert answer.get("result") == 1 or again, answer
        self.acknowledged.append(self._open)
        self._open = None


def call(
    connection: http.client.HTTPConnection, name: str, method: str, params: dict[str, Any], token: str = ""
) -> dict[str, Any]:
    """The answer to a JSON-RPC call."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    connection.request("POST", f"/rpc/{name}", body, {"Authorization": f"Bearer {token}"} if token else {})
    answer = json.loads(connection.getresponse().read())
    assert isinstance(answer, dict)
    return answer


def connect(server: Process) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=30)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with one member."""

    async def prepare() -> None:
        async with open_core(load_config(environment={}, overrides={"server.data": tmp_path})) as parts:
            await parts.core.accounts.add(Application("Alena", PASSWORD))

    asyncio.run(prepare())
    return tmp_path


def start(data: Path) -> Process:
    return Process("serve", "--data", str(data), "--listen", "127.0.0.1:0", settings=QUICK_HASHES)


def sign_in(server: Process) -> str:
    with contextlib.closing(connect(server)) as connection:
        token = call(connection, "notAuthorized", "getToken", {"login": "Alena", "password": PASSWORD})["result"]
    assert isinstance(token, str)
    return token


def kill_while_writing(server: Process, clients: list[Client], token: str, after: int) -> None:
    """Let all write at once; the server is killed when it has acknowledged so many, in the middle of others."""
    enough = threading.Semaphore(0)

    def write(client: Client) -> None:
        with contextlib.closing(connect(server)) as connection, contextlib.suppress(OSError, http.client.HTTPException):
            while True:
                client.ask(connection, token)
                enough.release()

    threads = [threading.Thread(target=write, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for _ in range(after):
        assert enough.acquire(timeout=30)
    server.kill()
    for thread in threads:
        thread.join()


def check(data: Path, clients: list[Client]) -> None:
    """All that was acknowledged is there, and nothing twice."""
    with contextlib.closing(sqlite3.connect(data / "beseda.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        names = [name for (name,) in database.execute("SELECT name FROM domains NOT INDEXED")]
    assert len(set(names)) == len(names)
    acknowledged = [name for client in clients for name in client.acknowledged]
    assert len(set(acknowledged)) == len(acknowledged)
    assert set(acknowledged) <= set(names)
    assert len(names) - len(acknowledged) <= CLIENTS


@pytest.mark.long
def test_killed_while_eight_clients_write(data: Path) -> None:
    clients, token = [Client(number) for number in range(CLIENTS)], ""
    for round_number in range(KILLS + 1):
        began = awake_s()
        server = start(data)
        try:
            assert awake_s() - began < START_S
            check(data, clients)
            token = token or sign_in(server)
            if round_number < KILLS:
                kill_while_writing(server, clients, token, after=5 + 7 * round_number)
        finally:
            server.kill()
    assert all(len(client.acknowledged) > KILLS for client in clients)


@pytest.fixture
def server(data: Path) -> Iterator[Process]:
    server = start(data)
    yield server
    server.kill()


def limit_files(server: Process, size_bytes: int) -> None:
    """As on a full disk: the server cannot make any file longer than that."""
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (size_bytes, resource.RLIM_INFINITY))


@pytest.mark.long
@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux can limit the files of another process")
def test_a_full_disk_is_refused_and_forgotten_when_there_is_room(data: Path, server: Process) -> None:
    token, client = sign_in(server), Client(0)
    with contextlib.closing(connect(server)) as connection:
        client.ask(connection, token)
        limit_files(server, (data / "beseda.db-wal").stat().st_size)
        refused = call(connection, "domains", "move", {"domain": "vzor.ru"}, token)
        listed = call(connection, "domains", "index", {}, token)
        limit_files(server, resource.RLIM_INFINITY)
        client.ask(connection, token)
        again = call(connection, "domains", "index", {}, token)
    assert refused["error"]["data"] == []
    assert "result" not in refused
    assert [domain["fqdn"] for domain in listed["result"]] == client.acknowledged[:1]
    assert [domain["fqdn"] for domain in again["result"]] == client.acknowledged
    check(data, [client])
