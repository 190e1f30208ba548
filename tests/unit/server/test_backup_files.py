"""The backups that the server makes by itself: which are due, which go, and when somebody should look."""

import asyncio
import math
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from beseda.server.backup_files import BackupFiles
from beseda.server.bootstrap import open_core
from beseda.server.config import Config, load_config
from beseda.server.restore import examine
from beseda.server.scheduled_backups import ScheduledBackups

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def configured(folder: Path, **settings: object) -> Config:
    overrides = {f"backup.{name}": value for name, value in settings.items()}
    return load_config(environment={}, overrides={"server.data": folder, **overrides})


def put(files: BackupFiles, at: datetime) -> Path:
    files.folder.mkdir(exist_ok=True)
    path = files.next_path(at)
    path.touch()
    return path


def test_the_oldest_go_and_nothing_else(tmp_path: Path) -> None:
    files = BackupFiles(configured(tmp_path, keep=2))
    assert (files.regular(), files.newest()) == ([], None)
    paths = [put(files, NOW - age * HOUR) for age in (3, 1, 2, 0)]
    others = [
        files.before_migration(NOW - 99 * HOUR, 1, 9),
        files.folder / "mine.jsonl.gz",
        paths[0].with_suffix(".part"),
    ]
    for other in others:
        other.touch()
    assert sorted(files.rotate()) == sorted([paths[0], paths[2]])
    assert set(files.folder.iterdir()) == {paths[1], paths[3], *others}
    assert files.newest() == NOW


def test_a_complaint_comes_when_one_is_overdue(tmp_path: Path) -> None:
    files = BackupFiles(configured(tmp_path, every="24h"))
    assert files.complaint(NOW, since=NOW - 35 * HOUR) == ""
    assert "there is none" in files.complaint(NOW, since=NOW - 37 * HOUR)
    put(files, NOW - 35 * HOUR)
    assert files.complaint(NOW, since=NOW - 99 * HOUR) == ""
    assert "37 h old" in files.complaint(NOW + 2 * HOUR, since=NOW)
    assert BackupFiles(configured(tmp_path, every="")).complaint(NOW + 999 * HOUR, since=NOW) == ""


class Server(ScheduledBackups):
    """Notes what it would make."""

    def __init__(self, config: Config) -> None:
        self.at = NOW
        self.made: list[datetime] = []
        super().__init__(config, now=lambda: self.at)

    async def make(self) -> dict[str, object]:
        if self.at.hour == 23:
            raise ValueError("the disk is full")
        self.made.append(self.at)
        put(self.files, self.at)
        return {}


def test_they_are_made_in_time(tmp_path: Path) -> None:
    async def live() -> Server:
        server = Server(configured(tmp_path, every="6h", keep=3))
        assert math.isnan(server.age_s)
        for _ in range(36 * 60):
            server.at += timedelta(minutes=1)
            await server.look()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        return server

    server = asyncio.run(live())
    first = NOW + timedelta(minutes=10)
    assert server.made[:2] == [first, first + 6 * HOUR]
    assert len(server.files.regular()) == 3
    assert server.age_s < 6 * 3600


def test_one_that_fails_is_told_and_tried_again(tmp_path: Path) -> None:
    async def live() -> Server:
        server = Server(configured(tmp_path))
        server.at = datetime(2026, 11, 27, 23, 0, tzinfo=UTC)
        await server.look()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert server.warnings() == {"backup": "the last one failed: the disk is full"}
        server.at += HOUR
        await server.look()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return server

    server = asyncio.run(live())
    assert (server.failed, len(server.made), server.warnings()) == (1, 1, {})


def test_one_gives_way_to_all_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also to those of other sessions, such as those of PostgreSQL."""
    beseda = tmp_path / "beseda"
    told = '{"file": "%s", "rows": "%s"}'
    beseda.write_text(f"#!/bin/sh\ncat\nprintf '{told}' \"$(nice)\" \"$(cut -d' ' -f3 /proc/$$/autogroup)\"\n")
    beseda.chmod(0o700)
    monkeypatch.setattr("sys.executable", str(beseda))
    made = asyncio.run(ScheduledBackups(configured(tmp_path)).make())
    assert made == {"file": "15", "rows": "15" if Path("/proc/self/autogroup").exists() else ""}


@pytest.mark.long
def test_so_does_one_that_is_begun_by_hand(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "beseda", "backup", str(tmp_path / "b.jsonl.gz"), "--with-key"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=tmp_path) as backup:  # which waits for a passphrase
        while backup.poll() is None and os.getpriority(os.PRIO_PROCESS, backup.pid) < 15:
            time.sleep(0.01)
        assert backup.poll() is None
        backup.kill()


@pytest.mark.long
def test_one_is_a_process_of_its_own(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("seven quiet stones\n")
    config = configured(tmp_path / "data", passphrase_file=str(secret))

    async def live() -> dict[str, object]:
        async with open_core(config):
            return await ScheduledBackups(config, now=lambda: NOW).make()

    told = asyncio.run(live())
    report = examine(BackupFiles(config).next_path(NOW))
    assert (told["verified"], told["rows"], report.with_key) == (True, report.rows, True)
    assert BackupFiles(config).folder.stat().st_mode & 0o777 == 0o700
