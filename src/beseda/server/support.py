"""What somebody who is to help wants to know of a server, in one file: nothing secret, and nobody's name or words.

Settings are told by a list of those that may be; of a text that is not in it, only that it is set.
"""

import io
import json
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from http.client import HTTPException
from importlib.metadata import distributions
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from beseda import __version__
from beseda.adapters.sql.schema import SCHEMA
from beseda.server.config import Config, ConfigError, settings
from beseda.server.doctor import examine
from beseda.server.health import find_running
from beseda.server.progress import Progress, say_nothing
from beseda.server.start import Place
from beseda.server.storage import database_name

TOLD = frozenset(
    {
        "accounts.phone_region",
        "accounts.registration",
        "admin.listen",
        "backup.every",
        "backup.folder",
        "dns.listen",
        "dns.rate_limit_exempt",
        "domains.ownership",
        "hosts.chatcz",
        "hosts.spaces",
        "hosts.spaceweb",
        "log.format",
        "log.level",
        "server.data",
        "server.limits",
        "server.listen",
        "server.ops_listen",
        "server.trusted_proxies",
    }
)
"""Settings of texts, lists and paths that hold no secret. Numbers, and what is on or off, never do."""
ABOUT_PEOPLE = frozenset({"e-mails", "phones", "room names"})
"""Checks whose findings name members, or rooms."""
LINES, LINE_MAX = 1_000, 4_000
ASK_S = 5


def write_bundle(place: Place, file: Path, log: Path | None, progress: Progress = say_nothing) -> dict[str, object]:
    """Make the ZIP, which nobody else may read; what is in it. Raises OSError, also for a file that is there."""
    parts = dict(_parts(place, log, progress))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(f"beseda-support/{name}", text)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(made.getvalue())
    return {"file": str(file), "size_bytes": len(made.getvalue()), "parts": sorted(parts)}


def _parts(place: Place, log: Path | None, progress: Progress) -> Iterator[tuple[str, str]]:
    yield "versions.json", _json(versions())
    yield "doctor.json", _json([_finding(each.record()) for each in examine(place.load, progress)])
    try:
        config = place.load()
    except ConfigError as error:
        yield "configuration.json", _json({"error": str(error)})
    else:
        yield "configuration.json", _json(configuration(config))
        if url := find_running(config.server.data):
            yield "health.json", _ask(f"{url}/health/ready")
            yield "metrics.txt", _ask(f"{url}/metrics")
    if lines := last_lines(log):
        yield "log.txt", lines


def versions() -> dict[str, object]:
    """Of all that runs here."""
    return {
        "beseda": __version__,
        "schema": SCHEMA,
        "python": sys.version,
        "platform": platform.platform(),
        "cpus": os.cpu_count(),
        "sqlite": sqlite3.sqlite_version,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "packages": dict(sorted((each.name, each.version) for each in distributions())),
    }


def configuration(config: Config) -> dict[str, object]:
    """Settings by key: those that may be told, and of the others whether they are as they come."""
    told: dict[str, object] = {"database": database_name(config)}
    for key, setting in settings().items():
        section, _, name = key.partition(".")
        value = getattr(getattr(config, section), name)
        if isinstance(value, bool | int) or value == setting.default:
            told[key] = value
        else:
            told[key] = value if key in TOLD else "(set)"
    return told


def _finding(record: dict[str, object]) -> dict[str, object]:
    return record | {"detail": "(names members or rooms)"} if record["check"] in ABOUT_PEOPLE else record


def _ask(url: str) -> str:
    """The answer of the operator's listener, whatever its status; why there was none."""
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=ASK_S) as answer:
            return str(answer.read().decode())
    except HTTPError as answer:
        return answer.read().decode()
    except (OSError, HTTPException) as error:
        return _json({"error": f"{url}: {error}"})


def last_lines(log: Path | None) -> str:
    """The end of the log: of a file, or of the journal of the unit `beseda`; "" where there is none.

    Raises OSError for a file that cannot be read.
    """
    if log is not None:
        with log.open(encoding="utf-8", errors="replace") as lines:
            return "".join(line[:LINE_MAX].rstrip("\n") + "\n" for line in deque(lines, LINES))
    journal = shutil.which("journalctl")
    if journal is None:
        return ""
    with suppress(OSError, subprocess.SubprocessError):
        command = [journal, "--unit", "beseda", "--lines", str(LINES), "--output", "cat", "--no-pager", "--quiet"]
        return subprocess.run(command, capture_output=True, text=True, timeout=ASK_S, check=False).stdout  # noqa: S603
    return ""


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n"
