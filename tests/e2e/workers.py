"""A server of several workers, and which of them takes a connection."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from beseda.core.accounts import Application
from beseda.server.bootstrap import open_core
from beseda.server.config import load_config
from e2e.serving import QUICK_HASHES, Process, started

PASSWORD = "kratka zima 7"
WAIT_S = 60.0


async def settle(data: Path, database: str, *nicks: str) -> None:
    """A room, and members who may enter it."""
    config = load_config(environment={}, overrides={"server.data": data, "server.database": database})
    async with open_core(config) as parts:
        await parts.core.rooms.add("Praha")
        for nick in nicks:
            await parts.core.accounts.add(Application(nick, PASSWORD))


@contextlib.contextmanager
def two_workers(data: Path, **settings: str) -> Iterator[Process]:
    given = QUICK_HASHES | {"BESEDA_SERVER_WORKERS": "2", "BESEDA_BACKUP_EVERY": ""} | settings
    with started("serve", "--data", str(data), "--listen", "127.0.0.1:0", settings=given) as process:
        process.wait_for("all workers are ready")
        yield process


def workers_of(process: Process) -> list[int]:
    """Their process ids, the oldest first."""
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii").split()]


def starts(process: Process) -> int:
    """How many workers have become ready so far."""
    return sum('"event": "started"' in line for line in process.lines)


@contextlib.contextmanager
def replaced(process: Process) -> Iterator[None]:
    """Waits at the end until one more worker is there and ready than before."""
    before, ends = starts(process), time.monotonic() + WAIT_S
    yield
    while starts(process) == before:
        assert time.monotonic() < ends
        time.sleep(0.02)


@contextlib.contextmanager
def only(process: Process, worker: int) -> Iterator[None]:
    """The others take no connections meanwhile, and do nothing else: one may stand amid a commit, so nothing is to be
    written."""
    others = [pid for pid in workers_of(process) if pid != worker]
    for pid in others:
        os.kill(pid, signal.SIGSTOP)
        while Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "T":
            time.sleep(0.001)
    try:
        yield
    finally:
        for pid in others:
            os.kill(pid, signal.SIGCONT)
