"""PostgreSQL servers as processes of ours, which tests kill, freeze and promote; on TCP, as several hosts are."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from beseda.testing.postgres import _programs, _run
from ports import free_port

SETTINGS = {
    "fsync": "off",  # processes are killed here, not machines
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "hot_standby": "on",
    "wal_keep_size": "256MB",
}
START_S = 60.0


class PostgresServer:
    """At `port`, the same however often it is killed and started."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs = programs
        self._folder = folder
        self.data = folder / "data"
        self.port = free_port()
        self._place = ("-h", "127.0.0.1", "-p", str(self.port))
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")

    def initialise(self) -> None:
        _run(self.programs / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")

    def copy(self, primary: "PostgresServer") -> None:
        """Become a standby of it."""
        source = f"host=127.0.0.1 port={primary.port} user=postgres"
        options = ("-d", source, "-D", self.data, "-R", "-c", "fast", "--no-sync")
        _run(self.programs / "pg_basebackup", *options)

    def start(self) -> None:
        """Returns when it answers."""
        nobody = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        settings = SETTINGS | {"unix_socket_directories": str(self._folder), "port": str(self.port)}
        options = [f"-c{name}={value}" for name, value in settings.items()]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.data, *options],
                user=nobody.pw_uid if nobody else None,
                group=nobody.pw_gid if nobody else None,
                extra_groups=[] if nobody else None,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        ends = time.monotonic() + START_S
        while not self._answers():
            assert time.monotonic() < ends, (self._folder / "log").read_text()[-2000:]
            time.sleep(0.05)

    def _answers(self) -> bool:
        ask = [str(self.programs / "pg_isready"), "-q", *self._place]
        return subprocess.run(ask, check=False).returncode == 0

    def sql(self, statement: str, database: str = "postgres") -> str:
        """By itself, as its operator."""
        command = [str(self.programs / "psql"), *self._place, "-U", "postgres", "-d", database, "-XAtc", statement]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()

    def _all(self) -> list[int]:
        assert self._process is not None
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
        return [pid, *map(int, children)]

    def _tell(self, number: signal.Signals) -> None:
        for pid in self._all():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self) -> None:
        """As when the machine loses power, but for what is on its disk."""
        if self._process is not None:
            self._tell(signal.SIGKILL)
            self._process.wait()
            self._process = None

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """It is there, and does nothing."""
        self._tell(signal.SIGSTOP)
        try:
            yield
        finally:
            self._tell(signal.SIGCONT)


@contextlib.contextmanager
def make_servers(count: int) -> Iterator[list[PostgresServer]]:
    """So many, the first one with a cluster in it, and running; all is gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="beseda-pg-"))
    servers: list[PostgresServer] = []
    try:
        programs = _programs(folder)
        servers += [PostgresServer(programs, folder / f"server{number}") for number in range(count)]
        servers[0].initialise()
        servers[0].start()
        yield servers
    finally:
        for server in servers:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def primary_and_standby() -> Iterator[tuple[PostgresServer, PostgresServer]]:
    """Nothing is acknowledged by the first that the second has not written down."""
    with make_servers(2) as (primary, standby):
        standby.copy(primary)
        standby.start()
        primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
        primary.sql("SELECT pg_reload_conf()")
        yield primary, standby


def address(*servers: PostgresServer) -> str:
    hosts = ",".join(f"127.0.0.1:{server.port}" for server in servers)
    return f"postgresql://postgres@{hosts}/postgres"
