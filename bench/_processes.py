"""Servers as processes on the first core; the rest of the machine is for who loads them."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

CORES = sorted(os.sched_getaffinity(0))
ENVIRONMENT = {
    "BESEDA_LOG_LEVEL": "error",
    "BESEDA_SERVER_MAX_CONNECTIONS": "20000",
    "BESEDA_SERVER_MAX_CONNECTIONS_PER_ADDRESS": "20000",
    "BESEDA_SERVER_OPS_LISTEN": "",
    "BESEDA_BACKUP_EVERY": "",
    "BESEDA_SERVER_LIMITS": ",".join(
        f"{name}=100000000/0.001" for name in ("socket_frame", "room_line", "letter_send")
    ),
}
"""A few clients speak for many."""
START_S = 60


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def stay_off_the_servers_core() -> None:
    if len(CORES) > 1:
        os.sched_setaffinity(0, CORES[1:])


@contextlib.contextmanager
def process(
    *command: str, port: int, cores: Sequence[int] = CORES[:1], settings: Mapping[str, str] | None = None
) -> Iterator[int]:
    """A process on the first core, or on these, that listens at the port; its pid."""
    running = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        env=os.environ | ENVIRONMENT | dict(settings or {}),
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )
    try:
        for _ in range(START_S * 500):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert running.poll() is None, f"{command} has ended"
            time.sleep(0.002)
        yield running.pid
    finally:
        running.terminate()
        running.wait()


def server(*arguments: str, port: int) -> contextlib.AbstractContextManager[int]:
    """The same for Python with these arguments."""
    return process(sys.executable, *arguments, port=port)


def family(pid: int) -> list[int]:
    """The process and those it has started, which some servers work in."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(each for child in children for each in family(int(child)))]


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and those it has started so far (proc(5), /proc/pid/stat)."""
    ticks = 0
    for each in family(pid):
        fields = Path(f"/proc/{each}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_kib(pid: int, kind: str = "Pss") -> int:
    """What a process and its children take of memory, shared pages by part (proc(5), Pss in smaps_rollup).

    `Anonymous` is what is theirs alone: no other process that comes or goes changes it.
    """
    total = 0
    for each in family(pid):
        for line in Path(f"/proc/{each}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith(f"{kind}:"):
                total += int(line.split()[1])
    return total
