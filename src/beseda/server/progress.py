"""How far a migration is: told in the log, and to systemd, for as long as it takes."""

import threading
from time import monotonic
from types import TracebackType
from typing import Self

import structlog

from beseda.adapters.sql.schema import SCHEMA
from beseda.server.systemd import notify

EVERY_S = 5.0
"""Whoever waits wants to know that something still happens; what is done sooner needs no word."""


class MigrationProgress:
    """`with MigrationProgress() as progress:` a migration that calls `progress.done` after each of its steps."""

    def __init__(self, every_s: float = EVERY_S) -> None:
        self._every_s = every_s
        self._schema = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tell, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def done(self, schema: int) -> None:
        """This step is, in the transaction that is open."""
        self._schema = schema

    def _tell(self) -> None:
        began, log = monotonic(), structlog.get_logger()
        while not self._over.wait(self._every_s):
            seconds = round(monotonic() - began)
            log.warning("migrating", done=self._schema, to=SCHEMA, seconds=seconds)
            notify(f"STATUS=migrating to schema {SCHEMA}, {self._schema} is done, for {seconds} s")
