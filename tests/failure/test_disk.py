"""SQLite's files are replaced, removed or moved under the server; the disk is full; a commit cannot be synced."""

import contextlib
import io
import json
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from api.live.client import cookie_of, live, register, signed_in
from beseda.testing import BesedaServer
from e2e.console import Console
from failure.test_killed import data, limit_files, sign_in, start  # noqa: F401 - a fixture

SUFFIXES = ("", "-wal", "-shm")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[BesedaServer]:
    with BesedaServer(data=tmp_path) as running:
        running.run(running.core.rooms.add("Praha"))
        register(running, "Alena", "Brana")
        yield running


def ready(ops_url: str) -> tuple[int, str]:
    """The status, and what is wrong with the database."""
    answer = httpx.get(f"{ops_url}/health/ready")
    return answer.status_code, answer.json().get("problems", {}).get("database", "")


def remove(path: Path) -> None:
    path.unlink()


def replace(path: Path) -> None:
    """As when a backup is put in its place."""
    shutil.copy(path, copy := path.with_name("copy"))
    copy.rename(path)


def move(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def put_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("harm", [remove, replace, move, put_a_folder], ids=lambda harm: str(harm.__name__))
def test_a_file_that_is_no_longer_where_it_was(
    server: BesedaServer, tmp_path: Path, harm: Callable[[Path], None], suffix: str
) -> None:
    file = tmp_path / f"beseda.db{suffix}"
    with signed_in(server, "Alena") as client:
        client.get("/Praha")
        with live(server, cookie_of(client)) as alena:
            alena.do("post", room=1, text="pred")
            harm(file)
            assert alena.refused("post", room=1, text="ztraceno") == "store_unavailable"
            assert client.post("/msg/2", data={"text": "ztraceno"}).status_code == 503
            assert [line.get("text") for line in alena.do("history", room=1)["lines"]][-1] == "pred"
    status, told = ready(server.beseda.ops_url)
    assert (status, str(file) in told) == (503, True)
    assert ("replaced" if harm in (replace, put_a_folder) else "removed") in told
    found = {each["check"]: each for each in json.loads(Console(tmp_path).run("doctor", "--json").out)}
    assert found["running server"]["ok"] is False
    assert str(file) in found["running server"]["detail"]


def test_a_file_that_comes_back(server: BesedaServer, tmp_path: Path) -> None:
    with signed_in(server, "Alena") as client:
        client.get("/Praha")
        with live(server, cookie_of(client)) as alena:
            move(tmp_path / "beseda.db")
            assert alena.refused("post", room=1, text="ztraceno") == "store_unavailable"
            (tmp_path / "elsewhere").rename(tmp_path / "beseda.db")
            assert ready(server.beseda.ops_url) == (200, "")
            assert alena.do("post", room=1, text="potom")["ok"]
            texts = [line.get("text") for line in alena.do("history", room=1)["lines"] if "text" in line]
    assert texts == ["potom"]


def picture() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (40, 40), (200, 30, 30)).save(written, "PNG")
    return written.getvalue()


def pages(client: httpx.Client, sid: str, token: str) -> dict[str, tuple[int, str]]:
    """What changes something, by name: the status by which it is refused, wherever the protocol tells it."""
    rpc = {"jsonrpc": "2.0", "method": "move", "params": {"domain": "ztraceno.ru"}}
    bearer = {"Authorization": f"Bearer {token}"}
    letter = {"method": "sendMessage", "user": "Brana", "texttT": "jiny", "sid": sid, "CK": sid[-4:]}
    posts: dict[str, dict[str, Any]] = {
        "/register": {"data": {"nick": "Cyril", "password": "kratka zima 7"}},
        "/json/getText": {"data": {"roomId": 1, "chatIndex": "1", "text": "x"}},
        "/msg/2": {"data": {"text": "x"}},
        "/note/2": {"data": {"text": "x"}},
        "/picture": {"files": {"picture": ("a.png", picture(), "image/png")}},
        "/neoapi/mail": {"data": letter},
        "/rpc/domains": {"json": rpc, "headers": bearer},
    }
    told = {}
    for path, body in posts.items():
        answer = client.post(path, **body)
        told[path] = (answer.status_code, answer.text)
    entered = client.get("/Plzen", headers={"Accept": "*/*"})
    return told | {"/Plzen": (entered.status_code, entered.text)}


@pytest.mark.long
@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux can limit the files of another process")
def test_a_full_disk_is_told_by_every_page_and_by_ready(data: Path) -> None:  # noqa: F811
    server = start(data)
    try:
        console = Console(data)
        console.json("account", "add", "Brana")
        console.json("room", "add", "Praha")
        token = sign_in(server)
        with httpx.Client(base_url=server.url, timeout=30) as client:
            client.post("/login", data={"email": "Alena", "password": "kratka zima 7"})
            client.get("/Praha")
            form = {"method": "login", "login": "Alena", "password": "kratka zima 7"}
            with httpx.Client(base_url=server.url, timeout=30) as other:
                sid = str(other.post("/neoapi/session", data=form).json()["attributes"]["sid"])
            assert ready(server.ops_url) == (200, "")
            limit_files(server, (data / "beseda.db-wal").stat().st_size)
            told = pages(client, sid, token)
            for path in ("/register", "/msg/2", "/note/2", "/picture", "/Plzen"):
                assert told[path][0] == 503, path
            assert '"refused":503' in told["/json/getText"][1].replace(" ", "")
            assert '"code":"00010"' in told["/neoapi/mail"][1]
            assert "-32003" in told["/rpc/domains"][1]
            assert "Server teď nemůže nic uložit" in told["/register"][1]
            for _ in range(2):
                status, why = ready(server.ops_url)
                assert (status, why) == (503, "disk I/O error")
            assert json.loads(Console(data).run("doctor", "--json").out)[-1]["ok"] is False
            limit_files(server, resource.RLIM_INFINITY)
            assert ready(server.ops_url) == (200, "")
            told = pages(client, sid, token)
            assert [status for status, _ in told.values() if status not in (200, 303)] == []
            assert '"code":"00000"' in told["/neoapi/mail"][1]
    finally:
        server.kill()


UNSYNCED = """
import asyncio, ctypes, struct, sys
from pathlib import Path
from beseda.adapters.sql.engine import SqlStore
from beseda.adapters.sql.sqlite import SqliteDatabase
from beseda.domain.errors import BesedaError
from beseda.adapters.sql.schema import migrate_sqlite
from datetime import UTC, datetime

AT = datetime(2026, 11, 20, tzinfo=UTC)

def break_syncing():
    "Every fsync and fdatasync of this process fails from now on, as on a broken disk."
    load, equal, allow, fail = (0x20, 0, 0, 0), 0x15, (0x06, 0, 0, 0x7FFF0000), (0x06, 0, 0, 0x00050000 | 5)
    rules = [load, (equal, 2, 0, 74), (equal, 1, 0, 75), allow, fail]
    program = b"".join(struct.pack("HBBI", *rule) for rule in rules)
    buffer = ctypes.create_string_buffer(program)
    filter_ = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(rules), ctypes.addressof(buffer)))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(38, 1, 0, 0, 0) == 0
    assert libc.syscall(317, 1, 1, filter_) == 0, ctypes.get_errno()

async def insert(store, name):
    try:
        async with store.unit() as unit:
            await unit.accounts.add_invite(name, 1, AT)
    except BesedaError as error:
        return error.code
    return "ok"

async def main():
    database = SqliteDatabase(Path(sys.argv[1]))
    migrate_sqlite(database.raw)
    store = SqlStore(database, lambda events: None)
    told, before = [await insert(store, "pred")], store.node
    break_syncing()
    told += [await insert(store, "ztraceno"), await insert(store, "taky"), store.trouble, store.node != before]
    print(*told, sep="|")

asyncio.run(main())
"""


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel makes syncing fail by seccomp")
def test_a_commit_that_cannot_be_synced_may_be_there(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", UNSYNCED, str(tmp_path / "beseda.db")], capture_output=True, text=True, check=True
    )
    assert done.stdout == "ok|outcome_unknown|outcome_unknown|disk I/O error|True\n"
    with contextlib.closing(sqlite3.connect(tmp_path / "beseda.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        there = {name for (name,) in database.execute("SELECT digest FROM invites")}
    assert {"pred"} <= there <= {"pred", "ztraceno", "taky"}
