"""One server of several processes: members do not notice that they are several, nor that one of them dies."""

import asyncio
import contextlib
import itertools
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from websockets.exceptions import ConnectionClosed, InvalidStatus

from api.live.client import Live, cookie_of, live, signed_in
from beseda.testing.postgres import run_postgres
from e2e.console import Console
from e2e.serving import BESEDA, Process, environment
from e2e.test_systemd import hear, manager  # noqa: F401 - a fixture
from e2e.workers import PASSWORD, WAIT_S, only, replaced, settle, two_workers, workers_of

KEEP = httpx.Limits(keepalive_expiry=None)
pytestmark = [pytest.mark.long]


def counted(server: Process) -> dict[str, float]:
    """All samples by name, those with labels added up."""
    text, found = httpx.get(f"{server.ops_url}/metrics", timeout=WAIT_S).text, dict[str, float]()
    for sample in itertools.chain(*(family.samples for family in text_string_to_metric_families(text))):
        found[sample.name] = found.get(sample.name, 0.0) + sample.value
    return found


def server_refuses(server: Process, cookie: dict[str, str]) -> bool:
    """Within the moment in which a worker looks for what others wrote."""
    ends = time.monotonic() + WAIT_S
    while time.monotonic() < ends:
        try:
            with live(server, cookie):  # type: ignore[arg-type]
                pass
        except InvalidStatus as refusal:
            return refusal.response.status_code == 401
    return False


def health(server: Process) -> Any:
    return httpx.get(f"{server.ops_url}/health/ready", timeout=WAIT_S).json()


def talk(alena: Live, boris: Live) -> None:
    """Each hears the other, all in one order, and of each deed once; then one throws the other out."""
    for member in (alena, boris):
        room = member.do("enter", name="Praha")["room"]
        member.do("follow", room=room, after=0)
    for number in range(4):
        (alena, boris)[number % 2].do("post", room=room, text=f"{number}")
    alena.do("post", room=room, text="/kick Boris dost")
    lines = [member.take_lines(8) for member in (alena, boris)]
    assert lines[0] == lines[1]
    assert [line["seq"] for line in lines[0]] == list(range(1, 9))
    assert [line["kind"] for line in lines[0]] == ["entered", "admin", "entered", *["text"] * 4, "kicked"]
    assert boris.refused("post", room=room, text="jeste") == "not_in_room"


def be_one_server(data: Path, database: str) -> None:
    asyncio.run(settle(data, database, "Alena", "Boris"))
    with two_workers(data, BESEDA_SERVER_DATABASE=database) as server, contextlib.ExitStack() as stack:
        first, second = workers_of(server)
        alena_http, boris_http = (
            stack.enter_context(httpx.Client(base_url=server.url, timeout=WAIT_S, limits=KEEP)) for _ in range(2)
        )
        with only(server, first):
            for client in (alena_http, boris_http):
                assert client.get("/api/rooms").status_code == 200
        for nick, client in (("Alena", alena_http), ("Boris", boris_http)):
            assert 'id="nav-user"' in client.post("/login", data={"email": nick, "password": PASSWORD}).text
        with only(server, first):
            alena = stack.enter_context(live(server, cookie_of(alena_http)))  # type: ignore[arg-type]
        before = counted(server)["beseda_requests_total"]
        with only(server, second), httpx.Client(base_url=server.url) as client:
            boris = stack.enter_context(live(server, cookie_of(boris_http)))  # type: ignore[arg-type]
            for _ in range(3):
                assert client.get("/api/rooms").status_code == 200
        talk(alena, boris)
        found = counted(server)
        assert (found["beseda_workers"], found["beseda_open_sockets"]) == (2, 2)
        assert found["beseda_requests_total"] >= before + 3
        assert found["beseda_request_seconds_count"] == found["beseda_requests_total"]
        assert health(server) == {"status": "ok"}
        boris_http.get("/logout")  # at the first worker, while his socket is at the second
        assert boris.closed_with() == 1008
        assert server.stop() == 0
        assert sum(line["event"] == "stopped" for line in server.log()) == 2
        assert [line for line in server.log() if line["level"] == "error"] == []
        assert not any(Path(f"/proc/{pid}").exists() for pid in (first, second))


def test_several_workers_are_one_server(tmp_path: Path) -> None:
    be_one_server(tmp_path, "")


def test_so_they_are_on_postgresql(tmp_path: Path) -> None:
    with run_postgres() as database:
        be_one_server(tmp_path, database.format("postgres"))


def test_one_that_dies_is_replaced_and_the_others_go_on(tmp_path: Path) -> None:
    """First the one that has the operator's listener, then the other."""
    asyncio.run(settle(tmp_path, "", "Alena", "Boris"))
    with two_workers(tmp_path) as server:
        with signed_in(server, "Alena") as http:  # type: ignore[arg-type]
            cookie = cookie_of(http)
        for number in (0, 1):
            workers = workers_of(server)
            calls = counted(server)["beseda_requests_total"]
            with only(server, workers[number]):
                dying = connected = live(server, cookie)  # type: ignore[arg-type]
                alena = connected.__enter__()
            room = alena.do("enter", name="Praha")["room"]
            seq = alena.do("post", room=room, text=f"{number}")["line"]["seq"]
            with replaced(server):
                os.kill(workers[number], signal.SIGKILL)
                with pytest.raises(ConnectionClosed):
                    alena.do("post", room=room, text="pozde")
                dying.__exit__(None, None, None)
                with live(server, cookie) as again:  # type: ignore[arg-type]
                    again.do("follow", room=room, after=seq - 1)
                    assert again.take_lines(1)[0]["text"] == f"{number}"
            others = workers_of(server)
            assert (len(others), workers[number] in others) == (2, False)
            assert counted(server)["beseda_workers"] == 2
            assert counted(server)["beseda_requests_total"] >= calls * number
            assert health(server) == {"status": "ok"}
        assert Console(tmp_path).run("account", "block", "Alena").code == 0
        assert server_refuses(server, cookie)
        server.tell(signal.SIGKILL)  # nobody watches over them any more: they end by themselves
        ends = time.monotonic() + WAIT_S
        while any(Path(f"/proc/{pid}").exists() for pid in others):
            assert time.monotonic() < ends
            time.sleep(0.05)


def test_systemd_hears_of_all_as_of_one_and_who_hangs_is_replaced(manager: socket.socket, tmp_path: Path) -> None:  # noqa: F811
    told = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "6000000"}
    with two_workers(tmp_path / "data", **told) as server:
        said = hear(manager, "READY=1")
        assert said.count("READY=1") == 1
        assert f"STATUS=listens on {server.url}, 2 workers" in said
        hear(manager, "WATCHDOG=1")
        workers = workers_of(server)
        with replaced(server):
            os.kill(workers[1], signal.SIGSTOP)
            server.wait_for("a worker hangs")
        assert (workers_of(server)[0], workers[1] in workers_of(server)) == (workers[0], False)
        hear(manager, "WATCHDOG=1")
        assert server.stop() == 0
        assert "READY=1" not in hear(manager, "STOPPING=1")


def test_what_cannot_be_shared_or_begun_is_told_once(tmp_path: Path) -> None:
    def refusal(**settings: str) -> str:
        command = [*BESEDA, "serve", "--data", str(tmp_path), "--listen", "127.0.0.1:0"]
        env = environment({"BESEDA_SERVER_WORKERS": "3", **settings})
        ran = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
        assert (ran.returncode, ran.stdout) == (1, "")
        return ran.stderr

    assert "a database in memory is one process's alone" in refusal(BESEDA_SERVER_DATABASE="sqlite://:memory:")
    (tmp_path / "beseda.db").write_text("no database at all, but long enough to be looked at" * 100)
    assert refusal().count("file is not a database") == 1
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert "BESEDA_SERVER_OPS_LISTEN names another" in refusal(BESEDA_SERVER_OPS_LISTEN=address)
