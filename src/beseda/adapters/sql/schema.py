"""Bringing a database to the schema of this code, or refusing to touch it.

The migrations are Alembic's, with SQL inside; Alembic itself is loaded only when there is something to migrate. Two
numbers are kept in the database: the schema it has, and the oldest code that can still work on it. A migration runs
in one transaction on both engines, so a kill leaves the old schema; a step that cannot be undone must first write the
mark that `check` refuses.
"""

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncpg

SCHEMA = 33
"""The schema that this code writes."""
OLDEST_CODE = 11
"""The oldest SCHEMA whose code still works on a database of this one: what is older writes no journal."""
WAIT_MS = 30_000
"""How long a process waits for another that migrates the same SQLite file."""
STATE = "SELECT version, oldest_code, unfinished FROM schema_state"
OF_THE_SCHEMA = {"schema_state", "alembic_version"}
"""Tables that say which schema there is, and hold nothing else."""
POSTGRES_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"


class SchemaRefused(Exception):
    """The database was left as it is; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class SchemaState:
    """What the database says of itself: 0 and 0 when it is empty; `unfinished` names a migration cut short."""

    version: int = 0
    oldest_code: int = 0
    unfinished: str = ""


def check(state: SchemaState, tables: set[str]) -> bool:
    """Whether migrations are to run. Raises SchemaRefused."""
    if state.unfinished:
        raise SchemaRefused(
            f"The migration {state.unfinished!r} of this database was cut short. Put the backup made before it into an"
            " empty place: `beseda restore FILE`."
        )
    if state.oldest_code > SCHEMA:
        raise SchemaRefused(
            f"This database has schema {state.version} and needs code for schema {state.oldest_code} or newer;"
            f" this is code for schema {SCHEMA}. Install a newer Beseda, or put the backup made before that migration"
            " into an empty place: `beseda restore FILE`. Nothing was changed."
        )
    if state.version == 0 and tables:
        raise SchemaRefused(
            f"This database holds tables that are not Beseda's ({', '.join(sorted(tables)[:5])}). Nothing was changed."
        )
    if missing := {name for name, since in TABLES.items() if since <= state.version} - tables:
        raise SchemaRefused(
            f"This database lacks the tables {', '.join(sorted(missing))}: it was migrated or restored only in part."
            " Restore a whole backup. Nothing was changed."
        )
    return state.version < SCHEMA


TABLES = {
    "accounts": 1,
    "announcements": 32,
    "app_tokens": 1,
    "apps": 1,
    "domain_claims": 31,
    "domain_offers": 25,
    "domain_requests": 25,
    "domains": 1,
    "favourites": 1,
    "handles": 1,
    "ignores": 2,
    "invites": 1,
    "journal": 11,
    "karma_deductions": 2,
    "karma_gifts": 2,
    "karma_rankings": 2,
    "kick_lines": 2,
    "kicks": 2,
    "leases": 11,
    "ledger_books": 1,
    "ledger_entries": 1,
    "ledger_postings": 1,
    "letter_words": 14,
    "letters": 3,
    "line_words": 14,
    "mail_contacts": 3,
    "mail_copies": 3,
    "moderation_log": 2,
    "mute_lifts": 2,
    "notes": 2,
    "notifications": 4,
    "occupants": 1,
    "operator_audit": 20,
    "operator_members": 30,
    "operator_proofs": 30,
    "operator_tokens": 20,
    "personal_tokens": 13,
    "picture_reports": 2,
    "pictures": 2,
    "record_sets": 16,
    "records": 16,
    "redirects": 17,
    "recovery_codes": 28,
    "refusals": 29,
    "removed_domains": 18,
    "reports": 2,
    "room_admins": 1,
    "room_heads": 2,
    "room_lines": 2,
    "room_marks": 2,
    "room_posts": 2,
    "room_reads": 12,
    "room_stays": 12,
    "rooms": 1,
    "samples": 30,
    "search_heads": 14,
    "second_factors": 28,
    "sessions": 1,
    "shared_limits": 10,
    "sign_in_addresses": 7,
    "sign_in_failures": 10,
    "stays": 1,
    "subdomains": 17,
    "updates": 4,
    "visits": 1,
    "zone_change_records": 16,
    "zone_changes": 16,
    "zone_keys": 19,
    "zone_serials": 16,
    "zone_settings": 33,
    "zones": 16,
}
"""Tables, and the schema since which a database holds them."""


def _state(rows: Sequence[Sequence[Any]]) -> SchemaState:
    """What schema_state says; it has one row, always."""
    match [tuple(row) for row in rows]:
        case [(int(version), int(oldest_code), str(unfinished))]:
            return SchemaState(version, oldest_code, unfinished)
    return SchemaState(unfinished="unknown")


def sqlite_state(connection: sqlite3.Connection) -> tuple[SchemaState, set[str]]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    tables = {row[0] for row in rows}
    state = _state(connection.execute(STATE).fetchall()) if "schema_state" in tables else SchemaState()
    return state, tables - OF_THE_SCHEMA


def check_sqlite(path: Path) -> int:
    """Look at a file before anything is opened that might write to it; its schema, 0 for an empty database.

    Raises SchemaRefused.
    """
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=WAIT_MS / 1000)) as connection:
        state, tables = sqlite_state(connection)
        check(state, tables)
        return state.version


Done = Callable[[int], None]
"""Called with a schema when the step to it has been taken, in the transaction that is open."""


def _untold(schema: int) -> None:
    """Nobody waits."""


def migrate_sqlite(connection: sqlite3.Connection, done: Done = _untold) -> bool:
    """Bring the database to SCHEMA; whether anything was done. Who starts at the same time waits for the first.

    Raises SchemaRefused.
    """
    if not check(*sqlite_state(connection)):
        return False
    with changing_sqlite(connection) as opened:
        if due := check(*sqlite_state(connection)):
            _upgrade(opened, done)
    return due


@contextlib.contextmanager
def changing_sqlite(connection: sqlite3.Connection) -> Iterator[Any]:
    """SQLAlchemy's connection over this one, for `upgrade_to`, in one transaction; it waits for other processes."""
    from sqlalchemy import create_engine, event
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import StaticPool

    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    event.listen(engine, "begin", lambda opened: opened.exec_driver_sql("BEGIN IMMEDIATE"))
    connection.execute(f"PRAGMA busy_timeout = {WAIT_MS}")
    try:
        with engine.begin() as opened:
            yield opened
    except DBAPIError as error:
        raise error.orig or error from error
    finally:
        connection.execute("PRAGMA busy_timeout = 0")


async def postgres_state(connection: "asyncpg.Connection") -> tuple[SchemaState, set[str]]:
    rows = await connection.fetch(POSTGRES_TABLES)
    tables = {row[0] for row in rows}
    state = _state(await connection.fetch(STATE)) if "schema_state" in tables else SchemaState()
    return state, tables - OF_THE_SCHEMA


async def migrate_postgres(dsn: str, done: Done = _untold) -> bool:
    """As `migrate_sqlite`."""
    async with changing_postgres(dsn) as (state, tables, begin):
        if due := check(state, tables):
            async with begin() as opened:
                await opened.run_sync(_upgrade, done)
        return due


@contextlib.asynccontextmanager
async def changing_postgres(
    dsn: str,
) -> AsyncIterator[tuple[SchemaState, set[str], Callable[[], contextlib.AbstractAsyncContextManager[Any]]]]:
    """What there is, which nobody else changes meanwhile, and what opens a transaction for `upgrade_to`."""
    from beseda.adapters.sql.primary import connect

    connection = await connect(dsn)
    try:
        if (encoding := await connection.fetchval("SHOW server_encoding")) != "UTF8":
            raise SchemaRefused(f"This database keeps text as {encoding}; Beseda needs one made with ENCODING 'UTF8'.")
        await connection.execute("SELECT pg_advisory_lock(hashtext('beseda schema'))")
        state, tables = await postgres_state(connection)
        yield state, tables, lambda: _begin_postgres(dsn)
    finally:
        await connection.close()


@contextlib.asynccontextmanager
async def _begin_postgres(dsn: str) -> AsyncIterator[Any]:
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    from beseda.adapters.sql.primary import connect

    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: connect(dsn), poolclass=NullPool)
    try:
        async with engine.begin() as opened:
            yield opened
    except DBAPIError as error:  # SQLAlchemy's, around its driver's, around asyncpg's
        raise (error.orig and error.orig.__cause__) or error from error
    finally:
        await engine.dispose()


def upgrade_to(connection: Any, version: int) -> None:
    """Bring an older or empty database, in the transaction that is open, to this schema. Raises SchemaRefused."""
    _upgrade(connection, revision=f"{version:04}")


def _upgrade(connection: Any, done: Done = _untold, revision: str = "head") -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes.update(connection=connection, done=done)
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise SchemaRefused(f"This database cannot be migrated: {error}. Nothing was changed.") from error
    version = SCHEMA if revision == "head" else int(revision)
    connection.exec_driver_sql("DELETE FROM schema_state")
    connection.exec_driver_sql(
        f"INSERT INTO schema_state (version, oldest_code, unfinished) VALUES ({version}, {OLDEST_CODE}, '')"
    )
