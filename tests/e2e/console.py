"""The command line, run inside the tests' process: the same program without half a second for starting Python."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from typer.testing import CliRunner

from beseda.server.cli import app
from beseda.server.config import load_config
from beseda.testing.server import provide_database
from e2e.serving import QUICK_HASHES

FREE_PORT = {"BESEDA_SERVER_OPS_LISTEN": "127.0.0.1:0"}


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    out: str
    err: str


@contextlib.contextmanager
def logs_as_before() -> Iterator[None]:
    """A command logs to what is standard error while it runs."""
    before = structlog.get_config() if structlog.is_configured() else None
    try:
        yield
    finally:
        structlog.reset_defaults()
        if before is not None:
            structlog.configure(**before)


class Console:
    """An operator who works on one data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._runner = CliRunner()

    def begin(self) -> "Console":
        """Make the database, as `beseda serve` does; commands make none."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        provide_database(load_config(environment={}, overrides={"server.data": self.data}))
        return self

    def run(self, *words: str, stdin: str = "") -> Done:
        """As people use it."""
        with logs_as_before():
            ran = self._runner.invoke(
                app, [*words, "--data", str(self.data)], input=stdin, env=QUICK_HASHES | FREE_PORT
            )
        if ran.exception is not None and not isinstance(ran.exception, SystemExit):
            raise ran.exception
        return Done(ran.exit_code, ran.stdout, ran.stderr)

    def json(self, *words: str, stdin: str = "", code: int = 0) -> Any:
        """As programs use it: the one value that it answers."""
        done = self.run(*words, "--json", stdin=stdin)
        assert done.code == code, done
        return json.loads(done.out)
