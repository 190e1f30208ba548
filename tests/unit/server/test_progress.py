"""Whoever waits hears how far it is: in the log, and of systemd."""

import socket
import threading
from pathlib import Path

import pytest

from beseda.server.progress import BackupProgress

TOLD = {"part": "reading the database", "done": 4_000_000, "of": 5_000_000, "seconds": 0}


def test_a_backup_tells_how_many_rows_it_has_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logged: list[tuple[str, dict[str, object]]] = []
    heard = threading.Event()

    class Log:
        def warning(self, event: str, **more: object) -> None:
            logged.append((event, more))
            if more.keys() >= TOLD.keys():
                heard.set()

    monkeypatch.setattr("beseda.server.progress.structlog.get_logger", Log)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        with BackupProgress(every_s=0.001) as progress:
            progress.tell("reading the database", 4_000_000, 5_000_000)
            assert heard.wait(30)
        assert manager.recv(4096).startswith(b"STATUS=backing up before the migration: ")
    event, told = logged[-1]
    assert (event, told | {"seconds": 0}) == ("backing up before the migration", TOLD)
