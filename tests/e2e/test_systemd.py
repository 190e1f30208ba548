"""The server under systemd: what it tells its manager, the sockets that it is given, and how little it may do."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from beseda.server.systemd import passed_socket, watchdog_s
from e2e.serving import BESEDA, QUICK_HASHES, environment, started
from ports import free_port

UNITS = Path(__file__).parents[2] / "packaging/systemd"
EXPOSURE_MAX = 2.0


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """Where systemd listens to what services say."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)
        yield manager


def hear(manager: socket.socket, wanted: str) -> list[str]:
    """All that is said until this is."""
    said: list[str] = []
    while wanted not in said:
        said += manager.recv(4096).decode().splitlines()
    return said


@pytest.mark.long
def test_it_says_when_it_is_ready_that_it_lives_and_that_it_stops(manager: socket.socket, tmp_path: Path) -> None:
    told = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"} | QUICK_HASHES
    with started("serve", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0", settings=told) as process:
        assert f"STATUS=listens on {process.url}" in hear(manager, "READY=1")
        hear(manager, "WATCHDOG=1")
        assert process.stop() == 0
        hear(manager, "STOPPING=1")


def test_only_the_process_that_is_meant_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "60000000")
    assert watchdog_s() == 30
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid() + 1))
    assert watchdog_s() == 0
    monkeypatch.setenv("LISTEN_FDS", "1")
    monkeypatch.setenv("LISTEN_PID", str(os.getpid() + 1))
    assert passed_socket("server.listen") is None


@pytest.mark.long
@pytest.mark.skipif(not shutil.which("systemd-socket-activate"), reason="comes with systemd")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_systemd_holds_its_address(tmp_path: Path, workers: str) -> None:
    """The configured address is none that it could listen on; the first request starts it."""
    port = free_port()
    command = ["systemd-socket-activate", "-l", f"127.0.0.1:{port}", "--fdname=http"]
    settings = environment(QUICK_HASHES | {"BESEDA_SERVER_WORKERS": workers})
    passed = [f"-E{name}={value}" for name, value in settings.items()]
    serve = [*BESEDA, "serve", "--data", str(tmp_path), "--listen", "192.0.2.1:1"]
    with subprocess.Popen([*command, *passed, *serve], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as running:
        try:
            assert running.stderr is not None
            assert b"istening on" in running.stderr.readline()
            assert httpx.get(f"http://127.0.0.1:{port}/api/rooms", timeout=60).json()["status"] == 200
        finally:
            running.terminate()
            running.communicate(timeout=30)


@pytest.mark.long
@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="comes with systemd")
def test_the_unit_is_in_order_and_may_do_little(tmp_path: Path) -> None:
    for unit in UNITS.glob("beseda.*"):
        text = unit.read_text("utf-8").replace("/usr/bin/beseda", sys.executable)
        (tmp_path / unit.name).write_text(text, "utf-8")
    service = str(tmp_path / "beseda.service")
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", service, str(tmp_path / "beseda.socket")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", service], capture_output=True, text=True, check=False
    )
    exposure = re.search(r"Overall exposure level for beseda.service: ([0-9.]+)", judged.stdout)
    assert exposure is not None, judged.stderr
    assert float(exposure[1]) < EXPOSURE_MAX
