"""What is in a backup, and putting it back into a database of either engine that holds nothing yet."""

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from beseda.adapters.passphrases import WrongPassphrase, unseal
from beseda.adapters.sql.dump import DumpReader, DumpRefused, Sums
from beseda.adapters.sql.dump_sqlite import load_sqlite
from beseda.adapters.sql.files import SUFFIXES
from beseda.adapters.sql.invariants import INVARIANTS
from beseda.adapters.sql.schema import SCHEMA, SchemaRefused, check_sqlite
from beseda.adapters.sql.sqlite import MEMORY
from beseda.server.config import Config
from beseda.server.progress import Progress, Watched, say_nothing
from beseda.server.storage import (
    KEY_FILE,
    is_postgres,
    make_private_folder,
    postgres_told,
    publish,
    sqlite_path,
    write_key,
)


class BackupRefused(Exception):
    """Nothing was written or put back; the message says why."""


@dataclass(frozen=True, slots=True)
class Report:
    """What is in a backup. `problems` are what is wrong with the database itself, which the backup keeps as it is."""

    file: str
    made: str
    schema: int
    engine: str
    tables: int
    rows: int
    content: str
    size_bytes: int
    with_key: bool
    verified: bool
    problems: list[str]

    def record(self) -> dict[str, object]:
        return asdict(self)


@contextlib.contextmanager
def _reading(path: Path, shown: Path, what: str, progress: Progress) -> Iterator[DumpReader]:
    """The backup in a file. What is wrong with it is BackupRefused, with the file's name."""
    try:
        with path.open("rb") as file:
            dump = DumpReader(Watched(file, path, what, progress))
            if dump.head.schema > SCHEMA:
                raise DumpRefused(
                    f"was made by a newer Beseda ({dump.head.version}, schema {dump.head.schema}; this is code for"
                    f" schema {SCHEMA}): install that one"
                )
            yield dump
    except DumpRefused as error:
        raise BackupRefused(f"{shown} {error}") from error


def examine(path: Path, *, shown: Path | None = None, progress: Progress = say_nothing) -> Report:
    """Restore a backup into a temporary database beside it, and look at that. Raises BackupRefused, OSError."""
    os.environ.setdefault("SQLITE_TMPDIR", str(path.absolute().parent))  # where there is room for backups
    reading = _reading(path, shown or path, "putting it back to look at it", progress)
    with reading as dump, contextlib.closing(sqlite3.connect("", isolation_level=None)) as found:
        load_sqlite(found, dump, version=dump.head.schema)
        report = _report(dump, path, _wrong(found, dump.head.schema))
        return replace(report, file=str(shown or path))


def _wrong(connection: sqlite3.Connection, schema: int) -> list[str]:
    asked = (each for each in INVARIANTS if each.since <= schema)
    return [problem for each in asked for problem in each.broken_by(connection.execute(each.wrong).fetchone()[0])]


def _report(dump: DumpReader, path: Path, problems: list[str]) -> Report:
    head, sums = dump.head, dump.sums or Sums({}, {}, "")
    return Report(
        file=str(path),
        made=head.made,
        schema=head.schema,
        engine=head.engine,
        tables=len(sums.rows),
        rows=sum(sums.rows.values()),
        content=sums.content,
        size_bytes=os.stat(path).st_size,
        with_key=head.key is not None,
        verified=not problems,
        problems=problems,
    )


async def restore(
    config: Config,
    path: Path,
    *,
    passphrase: str = "",
    now: datetime | None = None,
    progress: Progress = say_nothing,
) -> Report:
    """Fill the configured database, which must hold nothing, and bring it to the schema of this code.

    With a passphrase the server's key is put back too, where there is none. With `now` it takes the place of a server
    that went on: serials of zones are raised above all that it can have served. Raises BackupRefused, SchemaRefused,
    StoreUnavailable, OSError; the database is then as it was.
    """
    with _reading(path, path, "putting it back", progress) as dump:
        key = _key(config, dump, passphrase)
        if is_postgres(config):
            from beseda.adapters.sql.dump_postgres import load_postgres

            with postgres_told(config):
                problems = await load_postgres(config.server.database, dump, now=now)
        else:
            problems = await asyncio.to_thread(_restore_sqlite, sqlite_path(config), dump, now)
        if key:
            make_private_folder(config.server.data)
            write_key(config.server.data / KEY_FILE, key)
        return _report(dump, path, problems)


def _key(config: Config, dump: DumpReader, passphrase: str) -> bytes:
    """The server's key as it is to be written; b"" when none is."""
    if not passphrase:
        return b""
    if dump.head.key is None:
        raise BackupRefused("the backup holds no server key: restore it without a passphrase")
    try:
        key = unseal(dump.head.key.salt, dump.head.key.nonce, dump.head.key.sealed, passphrase)
    except WrongPassphrase as error:
        raise BackupRefused("the passphrase is not the one under which the server's key was sealed") from error
    path = config.server.data / KEY_FILE
    if path.exists() and path.read_bytes() != key:
        raise BackupRefused(f"{path} is another key than the backup's: move it away, or restore without a passphrase")
    return b"" if path.exists() else key


def _restore_sqlite(path: Path, dump: DumpReader, now: datetime | None) -> list[str]:
    """Beside its place, where it is then put; a kill leaves a file that the next restore writes anew."""
    if path == MEMORY:
        raise BackupRefused("a database in memory would be gone at once")
    make_private_folder(path.parent)
    _check_holds_nothing(path)
    draft = path.with_name(f"{path.name}.restoring")
    draft.unlink(missing_ok=True)
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with contextlib.closing(sqlite3.connect(draft, isolation_level=None)) as connection:
            load_sqlite(connection, dump, now=now)
            problems = _wrong(connection, SCHEMA)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        _check_holds_nothing(path)
        path.unlink(missing_ok=True)
        try:
            publish(draft, path)
        except FileExistsError as error:
            raise BackupRefused(f"{path} has been made meanwhile. Nothing was changed") from error
    finally:
        draft.unlink(missing_ok=True)
    return problems


def _check_holds_nothing(path: Path) -> None:
    if path.exists() and (path.stat().st_size and check_sqlite(path)):
        raise SchemaRefused(f"{path} holds a database already: name another place, or move it away.")
    for log in (path.with_name(path.name + suffix) for suffix in SUFFIXES[1:]):
        if log.exists():
            raise SchemaRefused(f"{log} is there: its database is in use, or was moved away without it.")
