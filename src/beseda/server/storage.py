"""Opening the configured database, and bringing it to the schema of this code."""

import contextlib
import os
import re
import sqlite3
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

from beseda.adapters.secrets import Blake2Keyring
from beseda.adapters.sql.engine import Database
from beseda.adapters.sql.schema import POSTGRES_TABLES, check_sqlite, migrate_postgres, migrate_sqlite
from beseda.adapters.sql.sqlite import MEMORY, SqliteDatabase
from beseda.adapters.sql.statements import Connection
from beseda.domain.errors import StoreUnavailable
from beseda.server.config import Config, ConfigError
from beseda.server.progress import MigrationProgress

KEY_FILE = "server.key"
TIMELINE_FILE = "postgres.timeline"
"""In the data folder once a standby has been promoted; see adapters/sql/primary.py."""
SEALED = "SELECT 1 FROM handles UNION ALL SELECT 1 FROM apps UNION ALL SELECT 1 FROM invites LIMIT 1"
"""Finds anything that only the server's key can look up."""
_HOST = r"(?:[\w.-]+|\[[\w:.]+\])(?::[0-9]+)?"
_POSTGRES = re.compile(rf"postgres(?:ql)?://(?:[^/?]*@)?(?P<shown>(?:{_HOST}(?:,{_HOST})*)?(?:/[\w-]*)?)(?:\?.*)?")


def is_postgres(config: Config) -> bool:
    return config.server.database.startswith("postgres")


def sqlite_path(config: Config) -> Path:
    """The file of the database, `:memory:` for none."""
    if config.server.database:
        return Path(config.server.database.removeprefix("sqlite://"))
    return config.server.data / "beseda.db"


class NoDatabase(Exception):
    """There is none where it should be, and none was made; the message says where, and what to do."""


class Absent(Enum):
    """What is done when there is no database, or an empty one."""

    REFUSE = "refuse"
    """Nothing: whoever works on a database means one that there is."""
    MAKE = "make"
    """It is made, unless the server's key shows that there was one."""
    MAKE_NEW = "make_new"
    """It is made whatever there was; but if there is one now, it is left alone, and NoDatabase raised."""


async def open_database(config: Config, absent: Absent = Absent.MAKE) -> tuple[Database, bool]:
    """The database, migrated, and whether there was anything to migrate.

    Raises NoDatabase, SchemaRefused, StoreUnavailable.
    """
    return await (_open_postgres(config, absent) if is_postgres(config) else _open_sqlite(config, absent))


def _check_absent(config: Config, absent: Absent, *, had_key: bool, is_empty: bool) -> None:
    """Raises NoDatabase."""
    name, key = database_name(config), config.server.data / KEY_FILE
    if not is_empty:
        if absent is Absent.MAKE_NEW:
            raise NoDatabase(f"{name} holds a database already: move it away to begin afresh. Nothing was changed")
    elif absent is Absent.REFUSE:
        raise NoDatabase(f"{name} holds no database of Beseda; `beseda serve` makes one. Nothing was changed")
    elif absent is Absent.MAKE and had_key:
        raise NoDatabase(
            f"{name} holds no database, but {key} is there, so there was one: put the database back, or begin afresh"
            " with `beseda serve --new`. Nothing was changed"
        )


async def _open_sqlite(config: Config, absent: Absent) -> tuple[Database, bool]:
    path = sqlite_path(config)
    try:
        if path != MEMORY:
            _check_file(config, path, absent)
            make_private_folder(path.parent)
        database = SqliteDatabase(path, durable=config.server.durable)
        try:
            with MigrationProgress() as progress:
                return database, migrate_sqlite(database.raw, progress.done)
        except BaseException:
            await database.close()
            raise
    except sqlite3.Error as error:
        raise StoreUnavailable(reason=f"{path}: {error}") from error
    except UnicodeDecodeError as error:  # SQLite's own message quotes what it found
        raise StoreUnavailable(reason=f"{path}: is damaged: its schema is no text") from error


def _check_file(config: Config, path: Path, absent: Absent) -> None:
    """Look at the file, before anything is opened that might write to it.

    At the key before that: who starts at the same time makes the database first, and then the key.
    """
    if path.exists() and not path.is_file():
        raise StoreUnavailable(reason=f"{path}: is no file")
    had_key = (config.server.data / KEY_FILE).exists()
    is_empty = not path.exists() or check_sqlite(path) == 0
    _check_absent(config, absent, had_key=had_key, is_empty=is_empty)
    if path.exists() and not os.access(path, os.W_OK):
        raise StoreUnavailable(reason=f"{path}: may not be written")


async def _open_postgres(config: Config, absent: Absent) -> tuple[Database, bool]:
    from beseda.adapters.sql.postgres import open_postgres

    dsn = config.server.database
    had_key = (config.server.data / KEY_FILE).exists()
    with postgres_told(config):
        database = await open_postgres(dsn, config.server.data / TIMELINE_FILE)
        try:
            is_empty = not await database.reader.fetch(POSTGRES_TABLES)
            _check_absent(config, absent, had_key=had_key, is_empty=is_empty)
            with MigrationProgress() as progress:
                return database, await migrate_postgres(dsn, progress.done)
        except BaseException:
            await database.close()
            raise


@contextlib.contextmanager
def postgres_told(config: Config) -> Iterator[None]:
    """What goes wrong with PostgreSQL before there is a Database, as one: ConfigError or StoreUnavailable."""
    import asyncpg

    try:
        yield
    except ValueError as error:
        raise ConfigError("server.database: is no address of a PostgreSQL database") from error
    except (StoreUnavailable, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        cause = str(error.__cause__ or error) or "does not answer"
        raise StoreUnavailable(reason=f"{database_name(config)}: {cause}") from error


def database_name(config: Config) -> str:
    """Where the data is, as it may be shown: without user and password."""
    if not is_postgres(config):
        return str(sqlite_path(config))
    match = _POSTGRES.fullmatch(config.server.database)
    return f"postgresql://{match['shown'] if match else '...'}"


def make_private_folder(folder: Path) -> None:
    """Only its owner may look inside; one that exists is left as it is."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


async def load_keyring(config: Config, reader: Connection) -> Blake2Keyring:
    """The server's key, made at the first start and readable by its owner alone.

    A database that was used with a key is not used with another: ConfigError, as for a file that holds no key.
    """
    path = config.server.data / KEY_FILE
    make_private_folder(config.server.data)
    if not path.exists():
        if await reader.fetch_row(SEALED):
            raise ConfigError(
                f"{path} is missing: restore it from a backup, or copy it from another node. To go on with a new key"
                " (all sessions, API keys and invitations end), put 64 hexadecimal digits into it"
            )
        _make_key(path)
    return read_key(path)


def read_key(path: Path) -> Blake2Keyring:
    """Raises ConfigError when it is none."""
    try:
        return Blake2Keyring(bytes.fromhex(path.read_text("ascii").strip()))
    except ValueError as error:
        raise ConfigError(f"{path} is no key of a server: restore it from a backup") from error


def _make_key(path: Path) -> None:
    write_key(path, (os.urandom(32).hex() + "\n").encode("ascii"))


def write_key(path: Path, text: bytes) -> None:
    """Another process may be doing the same: whoever is first to give the file its name wins."""
    draft = path.with_name(f"{KEY_FILE}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    sync_folder(path.parent)


def publish(draft: Path, path: Path) -> None:
    """Give a file its name, in place of none: FileExistsError when there is one already."""
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:  # a disk that knows no links, such as FAT or a share of Windows
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        draft.rename(path)
    with contextlib.suppress(OSError):  # nor do those sync folders
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """So that a name which was given in it outlives a power failure."""
    opened = os.open(folder, os.O_RDONLY)
    os.fsync(opened)
    os.close(opened)
