"""Opening the configured database, and bringing it to the schema of this code."""

import contextlib
import os
from pathlib import Path

from beseda.adapters.secrets import Blake2Keyring
from beseda.adapters.sql.engine import Database
from beseda.adapters.sql.schema import migrate_postgres, migrate_sqlite
from beseda.adapters.sql.sqlite import MEMORY, SqliteDatabase
from beseda.server.config import Config

KEY_FILE = "server.key"


def is_postgres(config: Config) -> bool:
    return config.server.database.startswith("postgres")


def sqlite_path(config: Config) -> Path:
    """The file of the database, `:memory:` for none."""
    if config.server.database:
        return Path(config.server.database.removeprefix("sqlite://"))
    return config.server.data / "beseda.db"


async def open_database(config: Config) -> tuple[Database, bool]:
    """The database, migrated, and whether there was anything to migrate.

    Raises SchemaRefused, StoreUnavailable.
    """
    if is_postgres(config):
        from beseda.adapters.sql.postgres import open_postgres

        database = await open_postgres(config.server.database)
        try:
            return database, await migrate_postgres(config.server.database)
        except BaseException:
            await database.close()
            raise
    path = sqlite_path(config)
    if path != MEMORY:
        make_private_folder(path.parent)
    sqlite = SqliteDatabase(path, durable=config.server.durable)
    try:
        return sqlite, migrate_sqlite(sqlite.raw)
    except BaseException:
        await sqlite.close()
        raise


def make_private_folder(folder: Path) -> None:
    """Only its owner may look inside; one that exists is left as it is."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def load_keyring(config: Config) -> Blake2Keyring:
    """The server's key, made at the first start and readable by its owner alone."""
    path = config.server.data / KEY_FILE
    make_private_folder(config.server.data)
    if not path.exists():
        _make_key(path)
    try:
        return Blake2Keyring(bytes.fromhex(path.read_text("ascii").strip()))
    except ValueError as error:
        raise RuntimeError(f"{path} is no key of this server: restore it from a backup") from error


def _make_key(path: Path) -> None:
    """Another process may be doing the same: whoever is first to give the file its name wins."""
    draft = path.with_name(f"{KEY_FILE}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(os.urandom(32).hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
