"""Backups: one file from either engine, written while members write, and put back into either engine.

The file is read in one snapshot, synced, then restored into a temporary SQLite database and looked at before it gets
its name: whatever has the name of a backup is one. A restored database appears whole or not at all.
"""

import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from beseda import __version__
from beseda.adapters.passphrases import seal
from beseda.adapters.sql.dump import FORMAT, DumpRefused, DumpWriter, Head, SealedKey, Writable
from beseda.adapters.sql.dump_sqlite import SqliteSource, sqlite_source
from beseda.adapters.sql.schema import SCHEMA
from beseda.adapters.sql.sqlite import MEMORY
from beseda.server.config import Config
from beseda.server.progress import Progress, say_nothing
from beseda.server.restore import BackupRefused, Report, examine
from beseda.server.storage import (
    KEY_FILE,
    NoDatabase,
    database_name,
    is_postgres,
    postgres_told,
    publish,
    read_key,
    sqlite_path,
)

if TYPE_CHECKING:
    from beseda.adapters.sql.dump_postgres import PostgresSource

    Source = SqliteSource | PostgresSource

PASSPHRASE_MIN = 8
SYNC_EVERY_BYTES = 8 * 1024 * 1024


async def back_up(
    config: Config, target: Path, *, passphrase: str = "", progress: Progress = say_nothing, now: datetime | None = None
) -> Report:
    """Write what the database holds at this moment; `passphrase` encrypts the server's key, which "" leaves out.

    Raises BackupRefused, NoDatabase, ConfigError, StoreUnavailable, OSError.
    """
    key = _sealed_key(config, passphrase) if passphrase else None
    made = (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    with _draft(target) as (file, path):
        synced = _Synced(file)
        await write(config, synced, made, key, progress)
        synced.flush()
        report = examine(path, shown=target, progress=progress)
        try:
            publish(path, target)
        except FileExistsError as error:
            raise BackupRefused(f"{target} is there already: a backup replaces nothing") from error
    return report


class _Synced:
    """A file that is synced again and again while it is written: all of it at once would hold up every commit."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left_bytes = SYNC_EVERY_BYTES

    def write(self, content: bytes) -> int:
        self._left_bytes -= len(content)
        if self._left_bytes < 0:
            self.flush()
        return self._file.write(content)

    def flush(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._left_bytes = SYNC_EVERY_BYTES


async def write(
    config: Config, file: Writable, made: str, key: SealedKey | None = None, progress: Progress = say_nothing
) -> None:
    """All that the database holds at this moment, into an open file. Raises as `back_up` does."""
    async with _source(config) as source:
        if source.state.version > SCHEMA:
            raise BackupRefused(
                f"{database_name(config)} has schema {source.state.version}, this is code for schema {SCHEMA}:"
                " use the Beseda that it belongs to"
            )
        head = Head(
            beseda="backup",
            format=FORMAT,
            schema=source.state.version,
            version=__version__,
            made=made,
            engine=source.engine,
            key=key,
        )
        await _write_tables(source, DumpWriter(file, head), progress)


async def _write_tables(source: "Source", writer: DumpWriter, progress: Progress) -> None:
    tables, done = await source.tables(), 0
    total = 0 if progress is say_nothing else sum([await source.count(table) for table in tables])
    for table in tables:
        writer.begin(table)
        try:
            async for rows in source.rows(table):
                writer.add(rows)
                done += len(rows)
                progress("reading the database", done, total)
        except DumpRefused as error:
            raise BackupRefused(f"the database cannot be backed up: {error}") from error
    writer.end()


@contextlib.contextmanager
def _draft(target: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A file beside the target under another name, which it loses at the end. What a kill leaves the next one takes."""
    if os.path.lexists(target):
        raise BackupRefused(f"{target} is there already: a backup replaces nothing")
    path = target.with_name(f"{target.name}.part")
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupRefused(f"{target} is being written by somebody else") from error
        file.truncate()
        try:
            yield file, path
        finally:
            path.unlink(missing_ok=True)


@contextlib.asynccontextmanager
async def _source(config: Config) -> "AsyncIterator[Source]":
    """A snapshot of the configured database. Raises NoDatabase when there is none."""
    none = NoDatabase(f"{database_name(config)} holds no database of Beseda: there is nothing to back up")
    if is_postgres(config):
        from beseda.adapters.sql.dump_postgres import postgres_source

        async with contextlib.AsyncExitStack() as stack:
            with postgres_told(config):
                postgres = await stack.enter_async_context(postgres_source(config.server.database))
            if not postgres.state.version:
                raise none
            yield postgres
        return
    path = sqlite_path(config)
    if path == MEMORY or not path.exists():
        raise none
    async with sqlite_source(path) as sqlite:
        if not sqlite.state.version:
            raise none
        yield sqlite


def _sealed_key(config: Config, passphrase: str) -> SealedKey:
    """The server's key as it is kept in a backup."""
    if len(passphrase) < PASSPHRASE_MIN:
        raise BackupRefused(f"the passphrase has fewer than {PASSPHRASE_MIN} characters")
    path = config.server.data / KEY_FILE
    read_key(path)
    return SealedKey(*seal(path.read_bytes(), passphrase))
