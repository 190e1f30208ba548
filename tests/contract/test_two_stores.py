"""Two processes on one database: what either does, the other sees; of two that want one thing, one gets it."""

import asyncio
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import BinaryIO, cast

import pytest

from beseda.adapters.sql.engine import SqlStore
from beseda.adapters.sql.sqlite import SqliteDatabase
from beseda.core.patience import be_patient
from beseda.core.ports import Unit
from beseda.domain.accounts import Account
from beseda.domain.errors import BalanceTooLow, DomainTaken, NickTaken, StoreUnavailable
from beseda.domain.ids import AccountId, SessionId
from beseda.domain.ledger import Balance, Pocket, charge, credit
from beseda.domain.sessions import AppToken, TokenState
from contract.made import AT, add_member, add_visitor, do, domain, insert, there
from contract.places import Place
from contract.test_domains import add as add_domain


@asynccontextmanager
async def two_stores(place: Place) -> AsyncIterator[tuple[SqlStore, SqlStore]]:
    stores = [SqlStore(await place.open(), lambda events: None) for _ in range(2)]
    yield stores[0], stores[1]
    for store in stores:
        await store.close()


async def test_each_sees_what_the_other_did(place: Place) -> None:
    async with two_stores(place) as (one, other):
        seen: list[Account] = []
        for writer, reader in ((one, other), (other, one), (one, other)):
            account = await add_visitor(writer, f"Host{len(seen)}")
            seen.append(account)
            assert await reader.view.accounts.find(account.id) == account
            async with reader.unit() as unit:
                assert await unit.accounts.find(account.id) == account


async def test_units_of_both_run_one_after_another(place: Place) -> None:
    async def add_one(store: SqlStore, key: str) -> None:
        async with store.unit() as unit:
            before = (await unit.ledger.balance(AccountId(1))).real_minor
            await unit.ledger.post(credit(AccountId(1), Pocket.REAL, before + 1), "", AT, key=key)

    async with two_stores(place) as (one, other):
        await asyncio.gather(*(add_one(store, f"{id(store)}{n}") for n in range(12) for store in (one, other)))
        assert await one.view.ledger.balance(AccountId(1)) == Balance(2**24 - 1, 0)


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_whoever_waits_for_the_file_goes_first(place: Place) -> None:
    """Before one who has just written: while another process waits, no transaction begins here."""
    holds = "import fcntl, signal; fcntl.lockf(0, fcntl.LOCK_EX); print(flush=True); signal.pause()"

    async def insert_in_vain(store: SqlStore) -> None:
        be_patient(0.05)
        with pytest.raises(StoreUnavailable):
            await insert(store, "2")

    async with two_stores(place) as (one, _):
        with tempfile.TemporaryFile(buffering=0) as file:
            cast("SqliteDatabase", one._database).queue(cast("BinaryIO", file))
            await insert(one, "1")
            other = await asyncio.create_subprocess_exec(sys.executable, "-c", holds, stdin=file, stdout=PIPE)
            assert other.stdout is not None
            await other.stdout.readline()
            await asyncio.create_task(insert_in_vain(one))
            later = asyncio.create_task(insert(one, "3"))
            await asyncio.sleep(0)
            other.kill()
            await other.wait()
            await later
            assert await there(one, ["1", "2", "3"]) == ["1", "3"]


async def test_one_gets_the_nick(place: Place) -> None:
    async with two_stores(place) as stores:
        tries = await asyncio.gather(
            *(add_visitor(store, "Host") for _ in range(5) for store in stores), return_exceptions=True
        )
        assert sum(isinstance(result, NickTaken) for result in tries) == 9


async def test_one_gets_the_domain(place: Place) -> None:
    async with two_stores(place) as stores:
        alena = await add_member(stores[0])
        tries = await asyncio.gather(
            *(add_domain(store, alena.id, domain("vzor.ru")) for _ in range(5) for store in stores),
            return_exceptions=True,
        )
        assert sum(isinstance(result, DomainTaken) for result in tries) == 9


async def test_money_is_spent_once(place: Place) -> None:
    async def spend(store: SqlStore, key: str) -> None:
        async with store.unit() as unit:
            postings = charge(AccountId(1), await unit.ledger.balance(AccountId(1)), 60)
            await unit.ledger.post(postings, "", AT, key=key)

    async with two_stores(place) as stores:
        await do(stores[0], lambda unit: unit.ledger.post(credit(AccountId(1), Pocket.REAL, 100), "", AT, key="0"))
        tries = await asyncio.gather(*(spend(stores[n % 2], f"spend {n}") for n in range(10)), return_exceptions=True)
        assert sum(isinstance(result, BalanceTooLow) for result in tries) == 9
        assert await stores[1].view.ledger.balance(AccountId(1)) == Balance(40, 0)


async def test_a_token_is_confirmed_once(place: Place) -> None:
    async def confirm(unit: Unit) -> bool:
        token = await unit.apps.find_token(app.id, "new")
        if token is None or token.state is not TokenState.PENDING:
            return False
        await unit.apps.activate_token("new", SessionId(1))
        return True

    async with two_stores(place) as stores:
        alena = await add_member(stores[0])
        app = await do(stores[0], lambda unit: unit.apps.add("Robot", "key", AT))
        pending = AppToken("new", app.id, alena.id, TokenState.PENDING, "old", None, AT)
        await do(stores[0], lambda unit: unit.apps.add_token(pending))
        assert sum(await asyncio.gather(*(do(store, confirm) for store in stores * 5))) == 1


async def test_an_invitation_is_used_once(place: Place) -> None:
    async with two_stores(place) as stores:
        await insert(stores[0], "1")
        used = await asyncio.gather(*(there(store, ["1"]) for store in stores * 5))
        assert sorted(used) == [[]] * 9 + [["1"]]
