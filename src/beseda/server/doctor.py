"""Looks whether all is well where the server runs. Reads only, but for one file that measures the disk."""

import asyncio
import json
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from beseda.adapters.passwords import Argon2Hasher
from beseda.adapters.phones import Phones
from beseda.adapters.sql.invariants import BOOKS_WRONG
from beseda.adapters.sql.schema import SCHEMA, SchemaRefused, SchemaState, check, sqlite_state
from beseda.adapters.sql.sqlite import MEMORY
from beseda.domain.errors import PhoneInvalid, RoomNameInvalid
from beseda.domain.rooms import check_name
from beseda.server.backup_files import BackupFiles
from beseda.server.config import Config, ConfigError, split_address
from beseda.server.health import find_running
from beseda.server.progress import Progress, say_nothing
from beseda.server.storage import KEY_FILE, database_name, is_postgres, read_key, sqlite_path
from beseda.server.watching import disk_worry

WRITTEN = datetime(2026, 11, 1, tzinfo=UTC)
"""When this code was: no clock is right that says earlier."""
SYNC_MAX_MS = 100
ASK_S = 5
HASH_MS = range(20, 121)
"""How long one hash should take (OWASP password storage)."""
NEWEST = (
    "SELECT max(at_ms) FROM (SELECT max(accessed_ms) AS at_ms FROM accounts UNION SELECT max(seen_ms) FROM sessions) n"
)
ROOM_NAMES = "SELECT name, look_key FROM rooms WHERE closed_ms IS NULL ORDER BY id"
EMAILS = "SELECT nick, email FROM accounts WHERE email_key LIKE '<%' ORDER BY id"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
PHONES = "SELECT nick, phone FROM accounts WHERE phone IS NOT NULL ORDER BY id"
BEHIND = (
    "SELECT coalesce(sum(h.head_seq - coalesce(s.seq, 0)), 0) FROM room_heads h"
    " LEFT JOIN search_heads s ON s.room_id = h.room_id WHERE h.head_seq > coalesce(s.seq, 0)"
)
QUERIES = (NEWEST, BOOKS_WRONG, EMAILS, PHONES, ROOM_NAMES, BEHIND)
READING, TICK = "looking at the database", 1_000_000
"""What is said while it is read, on SQLite after so many of its instructions."""
TOLD_MAX = 100
"""Members or rooms that one finding names."""


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    ok: bool
    detail: str

    def record(self) -> dict[str, object]:
        return asdict(self)


def examine(load: Callable[[], Config], progress: Progress = say_nothing) -> Iterator[Finding]:
    """All findings, in the order in which one may explain the next."""
    try:
        config = load()
    except ConfigError as error:
        yield Finding("configuration", False, str(error))
        return
    yield Finding("configuration", True, "understood")
    yield _clock(datetime.now(UTC))
    yield _hashing(config)
    yield _folder(config.server.data)
    yield _key(config)
    yield from _admin(config)
    yield from asyncio.run(_postgres(config, progress)) if is_postgres(config) else _sqlite(config, progress)
    yield from _room_and_backups(config)
    yield from _running(config.server.data)


def _room_and_backups(config: Config) -> Iterator[Finding]:
    """Neither keeps a server from working."""
    if worry := disk_worry(config.server.data):
        yield Finding("disk", True, f"Warning: {worry}")
    files = BackupFiles(config)
    newest, now = files.newest(), datetime.now(UTC)
    if files.every is None:
        yield Finding("backups", True, "Hint: backup.every is off: make your own")
    elif newest is None:
        yield Finding("backups", True, f"none yet in {files.folder}")
    else:
        told = f"the newest of {len(files.regular())} in {files.folder} is of {newest:%Y-%m-%d %H:%M} UTC"
        yield Finding("backups", True, f"Warning: {told}" if files.complaint(now, now) else told)


def _clock(now: datetime) -> Finding:
    return Finding("clock", now >= WRITTEN, f"says {now:%Y-%m-%d %H:%M:%S} UTC")


def _hashing(config: Config) -> Finding:
    hasher = Argon2Hasher(memory_kib=config.accounts.hash_memory_kib, passes=config.accounts.hash_passes)
    try:
        ms = median(asyncio.run(_time_hashes(hasher)))
    finally:
        hasher.close()
    bounds, settings = f"{HASH_MS.start} to {HASH_MS.stop - 1} ms", "accounts.hash_memory_kib or hash_passes"
    advice = ""
    if round(ms) < HASH_MS.start:  # a fast machine is no fault
        advice = f". Hint: raise {settings}, for {bounds} slow down who guesses"
    elif round(ms) >= HASH_MS.stop:
        advice = f", not {bounds}: lower {settings}"
    return Finding("password hashing", round(ms) < HASH_MS.stop, f"takes {ms:.0f} ms{advice}")


async def _time_hashes(hasher: Argon2Hasher) -> list[float]:
    times = []
    for _ in range(5):
        began = perf_counter()
        await hasher.verify(None, "any password")
        times.append((perf_counter() - began) * 1000)
    return times


def _folder(folder: Path) -> Finding:
    if not folder.exists():
        return Finding("data folder", True, f"{folder} will be made at the first start")
    try:
        ms = _time_syncs(folder)
    except OSError as error:
        return Finding("data folder", False, f"{folder}: {error.strerror}")
    slow = f", more than {SYNC_MAX_MS}: every answer to a change waits for one" if ms > SYNC_MAX_MS else ""
    return Finding("data folder", not slow, f"{folder}: writing through to the disk takes {ms:.1f} ms{slow}")


def _time_syncs(folder: Path) -> float:
    """Milliseconds of a typical fsync of a few kilobytes."""
    times = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(20):
            began = perf_counter()
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
            times.append((perf_counter() - began) * 1000)
    return median(times)


def _key(config: Config) -> Finding:
    path = config.server.data / KEY_FILE
    if not path.exists():
        lost = not is_postgres(config) and sqlite_path(config).exists()
        told = "is missing, though there is a database: restore it" if lost else "will be made at the first start"
        return Finding("server key", not lost, f"{path} {told}")
    try:
        read_key(path)
    except ConfigError as error:
        return Finding("server key", False, str(error))
    except OSError as error:
        return Finding("server key", False, f"{path}: {error.strerror}")
    mode = path.stat().st_mode & 0o777
    return Finding("server key", not mode & 0o077, f"{path} has mode {mode:o}" + ("" if mode == 0o600 else ", not 600"))


def _admin(config: Config) -> Iterator[Finding]:
    """The admin's pages and API are off the public address by default; whoever changes that should know."""
    key = "admin.listen" if config.admin.listen else "server.ops_listen"
    address = config.admin.listen or config.server.ops_listen
    if address and split_address(key, address)[0] not in LOOPBACK:
        told = f"Warning: others on the network reach the admin's pages and API at {address} ({key})"
        yield Finding("admin", True, told)


def _running(folder: Path) -> Iterator[Finding]:
    """What the server says that runs on this folder, if one does: some things only it can know."""
    url = find_running(folder)
    if not url:
        return
    try:
        told = _get(f"{url}/health/ready")
    except (OSError, ValueError):
        yield Finding("running server", True, f"{url} does not answer: it was killed, or runs elsewhere")
        return
    wrong = "; ".join(f"{part}: {text}" for part, text in told.get("problems", {}).items())
    yield Finding("running server", not wrong, wrong or f"is ready at {url}")
    for part, text in {**told.get("slowed", {}), **told.get("warnings", {})}.items():
        yield Finding(part, True, f"Warning: {text}")


def _get(url: str) -> dict[str, dict[str, str]]:
    """The JSON at an address of this machine, whatever the status. Raises OSError, ValueError."""
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=ASK_S) as answer:
            told = json.load(answer)
    except HTTPError as error:
        with error:
            told = json.load(error)
    except HTTPException as error:
        raise OSError(str(error)) from error
    if not isinstance(told, dict):
        raise ValueError(url)
    return told


def _sqlite(config: Config, progress: Progress) -> Iterator[Finding]:
    path = sqlite_path(config)
    if path == MEMORY or not path.exists():
        lost = path != MEMORY and (config.server.data / KEY_FILE).exists()
        told = "is missing, though there is a server key: restore it" if lost else "will be made at the first start"
        yield Finding("database", not lost, f"{path} {told}")
        return
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
        try:
            _watch(connection, progress)
            yield from _sqlite_findings(config, connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:  # by Ctrl-C, while it was watched
            raise KeyboardInterrupt from error
        yield Finding("database", False, f"{path}: {error}")


def _watch(connection: sqlite3.Connection, progress: Progress) -> None:
    """Say that it goes on: how much there is to do SQLite itself does not know."""
    ticks = count(1)
    progress(READING, 0, 0)
    connection.set_progress_handler(lambda: progress(READING, next(ticks), 0), TICK)


def _sqlite_findings(config: Config, connection: sqlite3.Connection) -> Iterator[Finding]:
    path = sqlite_path(config)
    wrong = ""
    if not os.access(path, os.W_OK):
        wrong = ": may not be written"
    elif path.stat().st_mode & 0o004 and path.parent.stat().st_mode & 0o001:
        wrong = f": others on this machine can read it: chmod 700 {path.parent}"
    yield Finding("database", not wrong, f"{path}{wrong}")
    damage = [row[0] for row in connection.execute("PRAGMA quick_check(3)")]
    orphans = len(connection.execute("PRAGMA foreign_key_check").fetchall())
    sound = damage == ["ok"] and not orphans
    yield Finding("integrity", sound, "sound" if sound else f"{'; '.join(damage)}; {orphans} rows refer to nothing")
    state, tables = sqlite_state(connection)
    yield _schema(state, tables)
    if state.version == SCHEMA:
        yield from _contents([connection.execute(query).fetchall() for query in QUERIES])
    mode = (
        "FULL: every commit is synced" if config.server.durable else "NORMAL: a power failure undoes the last seconds"
    )
    yield Finding("durability", True, f"synchronous={mode}")


async def _postgres(config: Config, progress: Progress) -> list[Finding]:
    import asyncpg

    from beseda.adapters.sql.primary import connect
    from beseda.adapters.sql.schema import postgres_state

    name = database_name(config)
    try:
        connection = await connect(config.server.database)
    except ValueError:
        return [Finding("database", False, f"{name}: is no address of a PostgreSQL database")]
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return [Finding("database", False, f"{name}: {str(error) or 'does not answer'}")]
    try:
        state, tables = await postgres_state(connection)
        findings = [Finding("database", True, name), _schema(state, tables)]
        if state.version == SCHEMA:
            answers = []
            for done, query in enumerate(QUERIES):
                progress(READING, done, len(QUERIES))
                answers.append(await connection.fetch(query))
            progress(READING, len(QUERIES), len(QUERIES))
            findings += _contents(answers)
        settings = {key: await connection.fetchval(f"SHOW {key}") for key in ("fsync", "synchronous_commit")}
        told = ", ".join(f"{key}={value}" for key, value in settings.items())
        return [*findings, Finding("durability", "off" not in settings.values(), told)]
    finally:
        await connection.close()


def _schema(state: SchemaState, tables: set[str]) -> Finding:
    try:
        old = check(state, tables)
    except SchemaRefused as error:
        return Finding("schema", False, str(error))
    return Finding("schema", True, f"{state.version}" + (f", to be migrated to {SCHEMA}" if old else ""))


def _contents(answers: Iterable[Sequence[Sequence[Any]]]) -> Iterator[Finding]:
    """What is told of the answers to QUERIES."""
    newest, books, emails, phones, rooms, behind = answers
    yield _newest(newest[0][0])
    yield _books(books[0][0])
    yield from _contacts(emails, phones)
    yield _room_names(rooms)
    yield from _search(int(behind[0][0]))


def _newest(at_ms: int | None) -> Finding:
    """Time goes on where it stopped: what was written lies in the past."""
    ahead = timedelta(milliseconds=at_ms or 0) - (datetime.now(UTC) - datetime.fromtimestamp(0, UTC))
    wrong = ahead > timedelta(minutes=1)
    return Finding("time", not wrong, f"the database is {ahead} ahead of the clock" if wrong else "goes forward")


def _books(wrong: int) -> Finding:
    return Finding("ledger", not wrong, f"{wrong} books are not the sum of their postings" if wrong else "adds up")


def _contacts(emails: Iterable[Sequence[str]], phones: Iterable[Sequence[str]]) -> Iterator[Finding]:
    """Members whose contacts would not be taken today. They go on signing in with them as they always did."""
    if spelled := [f"{nick} {email}" for nick, email in emails]:
        yield Finding("e-mails", True, f"addresses of older members in another spelling: {_named(spelled)}")
    if old := [f"{nick} {phone}" for nick, phone in phones if not _is_number(phone)]:
        yield Finding("phones", True, f"no numbers of any country: {_named(old)}")


def _is_number(phone: str) -> bool:
    try:
        return Phones().number(phone) == phone
    except PhoneInvalid:
        return False


def _named(names: list[str]) -> str:
    more = len(names) - TOLD_MAX
    return ", ".join(names[:TOLD_MAX]) + (f" and {more} more" if more > 0 else "")


def _room_names(rooms: Sequence[Sequence[str | None]]) -> Finding:
    """Older rooms may have names that new ones cannot have; nothing is wrong with that."""
    old = [str(name) for name, look_key in rooms if look_key is None or not _may_be_named(str(name))]
    named = _named([f"{name!r}" for name in old])
    told = f"{len(old)} could not be given today, and go on working: {named}" if old else "could all be given today"
    return Finding("room names", True, told)


def _search(behind: int) -> Iterator[Finding]:
    """After an upgrade or a restore there is much to do, and for the last few lines always."""
    if behind:
        yield Finding(
            "search", True, f"up to {behind:,} lines are not found yet: a running server gets to them by itself"
        )


def _may_be_named(name: str) -> bool:
    try:
        check_name(name)
    except RoomNameInvalid:
        return False
    return True
