"""The file for who is to help: it tells much, and no secret."""

import json
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import pytest

from beseda.server.config import Config, load_config, settings
from beseda.server.start import Place
from beseda.server.support import LINE_MAX, LINES, TOLD, configuration, last_lines, write_bundle
from beseda.testing import BesedaServer

SECRET = "geheim-7f3a"


def opened(file: Path) -> dict[str, str]:
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        return {Path(name).name: archive.read(name).decode() for name in archive.namelist()}


@pytest.mark.long
def test_of_a_server_that_runs(tmp_path: Path) -> None:
    with BesedaServer(data=tmp_path / "data") as server:
        server.member("Alena")
        place = Place(data=tmp_path / "data")
        told = write_bundle(place, tmp_path / "support.zip", None)
        found = opened(tmp_path / "support.zip")
        assert {"versions.json", "doctor.json", "configuration.json", "health.json", "metrics.txt"} <= found.keys()
        assert sorted(found) == told["parts"]
        assert json.loads(found["health.json"])["status"] in ("ok", "degraded")
        assert "beseda_open_connections" in found["metrics.txt"]
        assert json.loads(found["versions.json"])["packages"]["starlette"]
        assert all(finding["ok"] is not None for finding in json.loads(found["doctor.json"]))
        whole = "".join(found.values())
        key = (tmp_path / "data" / "server.key").read_text().strip()
        assert len(key) > 20
        assert key not in whole
        assert "Alena" not in whole
    assert stat.S_IMODE((tmp_path / "support.zip").stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write_bundle(place, tmp_path / "support.zip", None)


def test_no_secret_of_any_setting_is_told() -> None:
    """Every text, list and table holds one, but for those that the list says hold none."""
    config = Config()
    for section in fields(Config):
        for each in fields(getattr(config, section.name)):
            if f"{section.name}.{each.name}" in TOLD:
                continue
            held = filled(getattr(getattr(config, section.name), each.name))
            if held is not None:
                object.__setattr__(getattr(config, section.name), each.name, held)
    assert SECRET in repr(config)
    told = configuration(config)
    assert SECRET not in repr(told)
    assert told["dns.secondaries"] == told["server.bus"] == told["accounts.oauth"] == "(set)"
    assert settings().keys() <= told.keys()


def filled(value: object) -> object:
    if isinstance(value, list):
        return [f"{SECRET}:{SECRET}@192.0.2.1"]
    if isinstance(value, Mapping):
        return {SECRET: SECRET}
    return f"postgresql://me:{SECRET}@db.example/beseda?password={SECRET}" if type(value) is str else None


def test_a_configuration_that_is_wrong_is_told_as_such(tmp_path: Path) -> None:
    file = tmp_path / "beseda.toml"
    file.write_text(f'[server]\ndatabase = "{SECRET}"\n')
    write_bundle(Place(data=tmp_path, config=file), tmp_path / "support.zip", None)
    found = opened(tmp_path / "support.zip")
    assert "server.database" in json.loads(found["configuration.json"])["error"]
    assert SECRET not in "".join(found.values())


def test_the_log_is_told_from_its_end(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"\xff broken\n" + b"".join(b"line %d\n" % number for number in range(2 * LINES)) + b"x" * 10_000)
    lines = last_lines(log).splitlines()
    assert (len(lines), lines[-2], len(lines[-1])) == (LINES, f"line {2 * LINES - 1}", LINE_MAX)
    with pytest.raises(FileNotFoundError):
        last_lines(tmp_path / "none")


def test_what_is_told_is_a_setting() -> None:
    assert settings().keys() >= TOLD
    assert configuration(load_config(environment={}))["server.drain_s"] == 10
