"""The addresses that members signed in from: what both engines keep of them, and that every node knows them."""

import asyncio
from pathlib import Path

import pytest

from beseda.adapters.sql.engine import SqlStore
from beseda.core.accounts import Application
from beseda.domain.errors import TooOften, WrongCredentials
from beseda.domain.ids import AccountId
from beseda.domain.sessions import Handle
from beseda.server.bootstrap import open_core
from beseda.server.config import Config, load_config
from beseda.testing.clock import ManualClock
from contract.made import AT, add_member, after, do
from contract.places import Place, Places, PostgresPlace, SqlitePlace

PASSWORD = "kratka zima 7"


async def test_is_known_until_it_is_old(store: SqlStore) -> None:
    alena, ivana = await add_member(store, "Alena"), await add_member(store, "Ivana")
    await do(store, lambda unit: unit.sign_ins.note(alena.id, "here", AT, keep=3))
    knows = store.view.sign_ins.knows
    assert await knows(alena.id, "here", AT)
    assert not await knows(alena.id, "here", after(1))
    assert not await knows(alena.id, "there", AT)
    assert not await knows(ivana.id, "here", AT)
    await do(store, lambda unit: unit.sign_ins.note(alena.id, "here", after(5), keep=3))
    assert await knows(alena.id, "here", after(5))


async def test_only_the_newest_are_kept_of_each_member(store: SqlStore) -> None:
    alena, ivana = await add_member(store, "Alena"), await add_member(store, "Ivana")
    for number in range(6):
        for member in (alena, ivana):
            async with store.unit() as unit:
                await unit.sign_ins.note(member.id, f"place {number}", after(number), keep=3)
    await do(store, lambda unit: unit.sign_ins.note(alena.id, "place 3", after(6), keep=3))
    await do(store, lambda unit: unit.sign_ins.note(alena.id, "before the clock went back", AT, keep=3))
    places = [f"place {number}" for number in range(6)]
    assert await known(store, alena.id, places) == ["place 3", "place 5"]
    assert await store.view.sign_ins.knows(alena.id, "before the clock went back", AT)
    assert await known(store, ivana.id, places) == ["place 3", "place 4", "place 5"]


async def test_old_ones_are_forgotten_some_at_a_time(store: SqlStore) -> None:
    alena = await add_member(store)
    places = [f"place {number}" for number in range(6)]
    for number, place in enumerate(places):
        async with store.unit() as unit:
            await unit.sign_ins.note(alena.id, place, after(number), keep=10)
    assert await do(store, lambda unit: unit.sign_ins.forget(after(5), 3)) == 3
    assert await known(store, alena.id, places) == places[3:]
    assert await do(store, lambda unit: unit.sign_ins.forget(after(5), 3)) == 2
    assert await do(store, lambda unit: unit.sign_ins.forget(after(5), 3)) == 0
    assert await known(store, alena.id, places) == places[5:]


async def known(store: SqlStore, account_id: AccountId, places: list[str]) -> list[str]:
    return [place for place in places if await store.view.sign_ins.knows(account_id, place, AT)]


def config(place: Place, data: Path) -> Config:
    """Of a node on this database."""
    address = place.dsn if isinstance(place, PostgresPlace) else ""
    if isinstance(place, SqlitePlace):
        address = f"sqlite://{place.path}"
    quick = {"accounts.hash_memory_kib": 8, "accounts.hash_passes": 1}
    return load_config(environment={}, overrides={"server.data": data, "server.database": address, **quick})


async def test_what_one_node_learns_the_other_knows(place: Place, tmp_path: Path) -> None:
    """And a flood of guesses at the other does not shut the member out there."""
    node, clock = config(place, tmp_path), ManualClock()
    async with open_core(node, clock=clock) as one, open_core(node, clock=clock) as other:
        await one.core.accounts.add(Application("Alena", PASSWORD))
        await one.core.auth.sign_in("Alena", PASSWORD, kind=Handle.BEARER, address="198.51.100.1")
        for number in range(30):
            with pytest.raises((WrongCredentials, TooOften)):
                await other.core.auth.sign_in("Alena", "hadam", kind=Handle.BEARER, address=f"203.0.113.{number}")
        await other.core.auth.sign_in("Alena", PASSWORD, kind=Handle.BEARER, address="198.51.100.1")
        with pytest.raises(TooOften):
            await other.core.auth.sign_in("Alena", PASSWORD, kind=Handle.BEARER, address="198.51.100.2")


async def test_guesses_at_short_handles_that_come_at_once_are_told_no_more(place: Place, tmp_path: Path) -> None:
    """Where a database is waited for, two hundred are looked up before the first is counted."""
    async with open_core(config(place, tmp_path), clock=ManualClock()) as parts:
        await parts.core.accounts.add(Application("Alena", PASSWORD))
        new = await parts.core.auth.sign_in("Alena", PASSWORD, kind=Handle.SID, address="198.51.100.1")
        handles = [f"{number:016}" for number in range(199)] + [new.handle]
        look_up = parts.core.auth.caller
        told = await asyncio.gather(
            *(look_up(Handle.SID, handle, "203.0.113.1") for handle in handles), return_exceptions=True
        )
        assert sum(isinstance(answer, TooOften) for answer in told) == 190
        assert (await look_up(Handle.SID, new.handle, "198.51.100.1")).account is not None


async def test_a_database_of_before_gets_the_table(
    places: Places, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its members, sessions and rooms in it; their first sign-in makes the address known."""
    from alembic import command

    from beseda.adapters.sql import schema

    empty = await places.empty(engine)
    upgrade = command.upgrade
    with monkeypatch.context() as before:
        before.setattr(command, "upgrade", lambda config, _: upgrade(config, "0004"))
        before.setattr(schema, "SCHEMA", 4)
        await empty.migrate()
    await empty.run(
        "INSERT INTO accounts (registered, nick, nick_key, password_hash, standing, age_public, created_ms,"
        " accessed_ms) VALUES (1, 'Alena', 'alena', '$hash$', 'active', 0, 1, 1)",
        "INSERT INTO sessions (account_id, kind, nonce, created_ms, seen_ms) VALUES (1, 'cookie', 'nonce', 1, 1)",
    )
    assert ("sign_in_addresses", "digest") not in await empty.columns()
    assert await empty.migrate()
    assert ("sign_in_addresses", "digest") in await empty.columns()
    store = SqlStore(await empty.open(), lambda events: None)
    found = await store.view.accounts.find_by_nick("Alena")
    assert found is not None
    assert len(await store.view.sessions.list_of(found.id)) == 1
    assert not await store.view.sign_ins.knows(found.id, "here", AT)
    await do(store, lambda unit: unit.sign_ins.note(found.id, "here", AT, keep=3))
    assert await store.view.sign_ins.knows(found.id, "here", AT)
    await store.close()
