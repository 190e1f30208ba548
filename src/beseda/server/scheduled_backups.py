"""The backups that a server makes of itself: a process of their own, whatever it takes, and one at a time."""

import asyncio
import contextlib
import json
import math
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from beseda.adapters.sql.sqlite import MEMORY
from beseda.server.backup_files import BackupFiles
from beseda.server.config import Config
from beseda.server.priority import give_way
from beseda.server.services import Chore, Service
from beseda.server.storage import is_postgres, make_private_folder, sqlite_path

FIRST_AFTER = timedelta(minutes=10)
"""How long after a start the first is due where there is none, or an overdue one: a start has enough to do."""
LOOK_EVERY = timedelta(minutes=1)


class ScheduledBackups:
    """`service` runs it. Time is the machine's: names of files are read by people."""

    def __init__(self, config: Config, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._config = config
        self._now = now
        self._began = now()
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self.files = BackupFiles(config)
        self.failed = 0
        self.trouble = ""
        """Why the last one was not made."""

    def service(self) -> Service:
        return Service(chores=(Chore(self.look, LOOK_EVERY),), stop=self.stop)

    @property
    def wanted(self) -> bool:
        return self.files.every is not None and (is_postgres(self._config) or sqlite_path(self._config) != MEMORY)

    @property
    def age_s(self) -> float:
        """Of the newest; NaN when there is none."""
        newest = self.files.newest()
        return (self._now() - newest).total_seconds() if newest else math.nan

    def warnings(self) -> dict[str, str]:
        """What the operator should know of; empty when all is well."""
        told = self.files.complaint(self._now(), self._began) if self.wanted else ""
        told = "; ".join(filter(None, (told, self.trouble and f"the last one failed: {self.trouble}")))
        return {"backup": told} if told else {}

    async def look(self) -> None:
        """Begin one if it is due; it goes on by itself."""
        if self.wanted and self._now() >= self._due():
            self.begin()

    @property
    def under_way(self) -> bool:
        return self._task is not None

    def begin(self) -> bool:
        """Make one now; whether it was begun, and is not under way already. It goes on by itself."""
        if self._task is not None:
            return False
        self._task = asyncio.create_task(self._run())
        return True

    async def settle(self) -> None:
        """The one that is under way is made, or not."""
        if self._task is not None:
            await asyncio.wait((self._task,))

    def _due(self) -> datetime:
        newest, every = self.files.newest(), self.files.every or timedelta.max
        return max(newest + every if newest else self._began, self._began + min(FIRST_AFTER, every))

    async def _run(self) -> None:
        log, began = structlog.get_logger(), time.monotonic()
        try:
            report = await self.make()
            gone = self.files.rotate()
            self.trouble = ""
            log.info("backed up", **report, seconds=round(time.monotonic() - began, 1), removed=len(gone))
        except (OSError, ValueError) as error:
            self.failed += 1
            self.trouble = str(error)
            log.error("no backup could be made", reason=self.trouble)
        finally:
            self._task = None

    async def make(self) -> dict[str, object]:
        """Write one now; what the command said of it. Raises OSError, ValueError with the reason."""
        make_private_folder(self.files.folder)
        path, secret = self.files.next_path(self._now()), self._config.backup.passphrase_file
        command = [sys.executable, "-m", "beseda", "backup", str(path), "--json", *(["--with-key"] if secret else [])]
        self._process = await asyncio.create_subprocess_exec(
            *command,
            env=_environment(self._config),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        give_way(self._process.pid)
        passphrase = await asyncio.to_thread(Path(secret).read_bytes) if secret else b""
        out, complaints = await self._process.communicate(passphrase)
        told = _read(out)
        if self._process.returncode and not path.exists():
            raise ValueError(str(told.get("message") or complaints.decode(errors="replace").strip()[-300:] or "killed"))
        if told.get("problems"):
            structlog.get_logger().error("the database is not in order", problems=told["problems"])
        return {name: told[name] for name in ("file", "rows", "size_bytes", "verified") if name in told}

    async def stop(self, drain_s: float) -> None:
        """One that is under way is given up: it leaves nothing that looks like a backup."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
        if self._task is not None:
            await asyncio.wait((self._task,), timeout=drain_s)


def _environment(config: Config) -> dict[str, str]:
    """That of this process, but for settings: all that a backup needs of them, wherever they came from."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BESEDA_")}
    return clean | {"BESEDA_SERVER_DATA": str(config.server.data), "BESEDA_SERVER_DATABASE": config.server.database}


def _read(out: bytes) -> dict[str, object]:
    try:
        told = json.loads(out)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
