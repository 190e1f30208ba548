"""Units that are refused keep nothing alive that they held."""

import asyncio
import contextlib
from collections.abc import Sequence

from beseda.adapters.sql.engine import SqlStore
from beseda.adapters.sql.journal import JournalRow
from beseda.domain.errors import StoreUnavailable
from contract.made import insert
from garbage import nothing_kept


async def fail(store: SqlStore) -> None:
    with contextlib.suppress(StoreUnavailable):
        async with store.unit() as unit:
            await unit.accounts.find_by_nick("Alena")
            raise StoreUnavailable


async def try_to_insert(store: SqlStore, name: str) -> None:
    """A name that is there already is an error that no unit expects."""
    with contextlib.suppress(Exception):
        await insert(store, name)


async def test_by_themselves_or_by_the_database(store: SqlStore) -> None:
    await insert(store, "1")
    with nothing_kept():
        await fail(store)
        await asyncio.gather(*(try_to_insert(store, "1") for _ in range(3)))


async def test_while_they_wait_for_the_commit(store: SqlStore) -> None:
    """The database says no to the commit, and to who waits for his turn."""

    async def refuse(rows: Sequence[JournalRow] = (), node: str = "") -> None:
        raise StoreUnavailable

    await insert(store, "1")
    database = store._database
    commit, database.commit = database.commit, refuse  # type: ignore[method-assign]
    with nothing_kept():
        await asyncio.gather(*(try_to_insert(store, name) for name in "234"))
        await asyncio.gather(*(fail(store) for _ in range(3)))
    database.commit = commit  # type: ignore[method-assign]


async def test_of_a_store_that_is_closed(store: SqlStore) -> None:
    await store.close()
    with nothing_kept():
        await asyncio.gather(*(try_to_insert(store, name) for name in "234"))
