"""Before a database is brought to a newer schema: a backup of it as it was."""

import contextlib
import errno
import sqlite3
from datetime import UTC, datetime

import structlog

from beseda.adapters.sql.schema import SCHEMA, SchemaRefused, SchemaState, check, postgres_state, sqlite_state
from beseda.adapters.sql.sqlite import MEMORY, read_only
from beseda.server.config import Config
from beseda.server.storage import (
    NoDatabase,
    database_name,
    is_postgres,
    make_private_folder,
    postgres_told,
    sqlite_path,
)


async def prepare_migration(config: Config) -> None:
    """Back an older database up. Raises SchemaRefused when that cannot be done; nothing is changed then."""
    state, tables, revision = await _look(config)
    if revision != f"{state.version:04}" or not check(state, tables):
        return  # empty, up to date, or what whoever opens it will complain of
    log = structlog.get_logger()
    if not config.backup.before_migration:
        log.warning("migrating without a backup", schema=state.version, to=SCHEMA)
        return
    await _back_up(config, state.version)


async def _back_up(config: Config, version: int) -> None:
    """Raises SchemaRefused."""
    from beseda.server.backup import back_up  # few starts need it
    from beseda.server.backup_files import BackupFiles
    from beseda.server.progress import BackupProgress
    from beseda.server.restore import BackupRefused

    log, now, files = structlog.get_logger(), datetime.now(UTC), BackupFiles(config)
    path = files.before_migration(now, version, SCHEMA)
    log.info("backing up before the migration", file=str(path), schema=version, to=SCHEMA)
    try:
        make_private_folder(files.folder)
        with BackupProgress() as progress:
            report = await back_up(config, path, progress=progress.tell, now=now)
    except (OSError, sqlite3.Error, BackupRefused) as error:
        full = isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
        full = full or getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL
        reason = f"there is no room in {files.folder}" if full else str(error)
        raise SchemaRefused(
            f"This database has schema {version}, and before it is brought to {SCHEMA} a backup is made, which"
            f" failed: {reason}. Mend that, or name another place (backup.folder), or do without"
            " (backup.before_migration = false). Nothing was changed."
        ) from error
    if report.problems:
        log.warning("the database is not in order", problems=report.problems)


async def plan(config: Config) -> dict[str, object]:
    """What opening the database would do. Raises NoDatabase, SchemaRefused, StoreUnavailable."""
    state, tables, _ = await _look(config)
    if not state.version:
        raise NoDatabase(f"{database_name(config)} holds no database of Beseda. Nothing was changed")
    due = check(state, tables)
    return {
        "schema": state.version,
        "to": SCHEMA if due else state.version,
        "due": due,
        "backup_before": due and config.backup.before_migration,
    }


Found = tuple[SchemaState, set[str], str]
"""What schema_state says, the tables, and the last migration that was run."""
NOTHING: Found = (SchemaState(), set(), "")
REVISION = "SELECT max(version_num) FROM alembic_version"


async def _look(config: Config) -> Found:
    """What there is; nothing where whoever opens it says what is wrong."""
    if is_postgres(config):
        return await _look_at_postgres(config)
    path = sqlite_path(config)
    if path == MEMORY or not path.is_file():
        return NOTHING
    try:
        with contextlib.closing(read_only(path)) as connection:
            state, tables = sqlite_state(connection)
            return (state, tables, connection.execute(REVISION).fetchone()[0]) if state.version else NOTHING
    except (sqlite3.Error, UnicodeDecodeError):
        return NOTHING


async def _look_at_postgres(config: Config) -> Found:
    from beseda.adapters.sql.primary import connect

    with postgres_told(config):
        connection = await connect(config.server.database)
        try:
            state, tables = await postgres_state(connection)
            return (state, tables, await connection.fetchval(REVISION)) if state.version else NOTHING
        finally:
            await connection.close()
