"""What a server sees coming, and calls that wait for long."""

import json
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from beseda.core import patience as waiting
from beseda.core.patience import Patience
from beseda.server import watching
from beseda.server.config import load_config
from beseda.server.metrics import Metrics
from beseda.server.watching import LOG_WORRY_BYTES, Watching, disk_worry, log_worry
from beseda.testing import BesedaServer


def test_the_log_of_sqlite_is_watched(tmp_path: Path) -> None:
    metrics = Metrics()
    watched = Watching(load_config(environment={}, overrides={"server.data": tmp_path}), metrics)
    _, size = metrics.gauges["beseda_database_log_bytes"]
    assert size() == 0
    log = tmp_path / "beseda.db-wal"
    with log.open("wb") as file:
        file.truncate(LOG_WORRY_BYTES)  # sparse: it takes no room
    assert size() == LOG_WORRY_BYTES
    assert "512 MiB" in watched.worries()["database log"]
    log.unlink()
    assert "database log" not in watched.worries()
    assert log_worry(LOG_WORRY_BYTES - 1) == ""


@pytest.mark.parametrize("database", ["sqlite://:memory:", "postgresql://db.example/beseda"])
def test_where_there_is_no_such_log_it_is_empty(tmp_path: Path, database: str) -> None:
    metrics = Metrics()
    given = {"server.data": tmp_path, "server.database": database}
    Watching(load_config(environment={}, overrides=given), metrics)
    assert metrics.gauges["beseda_database_log_bytes"][1]() == 0


def test_a_worry_is_no_reason_to_take_no_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LOG_WORRY_BYTES", 1)
    monkeypatch.setattr(watching, "FREE_MIN_BYTES", 1 << 60)
    backups = tmp_path / "data/backups"
    backups.mkdir(parents=True, mode=0o700)
    (backups / "beseda-20200102T030405Z.jsonl.gz").touch()
    with BesedaServer({"backup.every": "24h"}, data=tmp_path / "data") as server:
        server.member("Alena")
        answer = httpx.get(f"{server.beseda.ops_url}/health/ready")
        told = json.loads(answer.text)
        assert (answer.status_code, told["status"]) == (200, "degraded")
        assert "has " in told["warnings"]["database log"]
        assert "MiB are left of" in told["warnings"]["disk"]
        assert " old" in told["warnings"]["backup"]


@pytest.mark.parametrize(
    ("free_mib", "total_mib", "enough"),
    [(255, 1_000, False), (257, 1_000, True), (499, 10_000, False), (501, 10_000, True), (2_049, 10**8, True)],
)
def test_little_is_left_of_a_disk(free_mib: int, total_mib: int, enough: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = SimpleNamespace(total=total_mib << 20, free=free_mib << 20)
    monkeypatch.setattr("beseda.server.watching.shutil.disk_usage", lambda _: usage)
    told = disk_worry(Path("/srv"))
    assert told == ("" if enough else f"/srv: {free_mib} MiB are left of {total_mib}")


def test_what_a_call_waits_for_the_database_adds_up(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = [100.0]
    monkeypatch.setattr(waiting, "monotonic", lambda: now_s[0])
    call = Patience()
    for _ in range(2):
        with call:
            now_s[0] += 0.4
        now_s[0] += 30  # something else
    assert call.waited_s == pytest.approx(0.8)
