"""Migration 0005: names of a database of schema 4 go on working, and new ones meet the new rules."""

import asyncio
from collections.abc import Iterator

import alembic.command
import pytest

from beseda.adapters.sql import schema
from beseda.adapters.sql.engine import SqlStore
from beseda.domain.domains import DomainOrder
from beseda.domain.errors import RoomNameTaken
from beseda.domain.ids import AccountId
from contract.made import add_room, do
from contract.places import Places

ROOM = "INSERT INTO rooms (name, name_key, permanent, created_ms, closed_ms) VALUES ('{}', {}, 1, 1, {})"
ROOMS = [
    ("Сосна", "'сосна'", "NULL"),
    ("COCHA", "'cocha'", "NULL"),
    ("cосна", "'cосна'", "NULL"),
    ("Praha:Brno, x", "'praha:brno, x'", "NULL"),
    ("Рraha", "'рraha'", "NULL"),
    ("Praha", "'praha'", "NULL"),
    ("Плзень", "NULL", "2"),
]
DOMAIN = (
    "INSERT INTO domains (account_id, name, readable, renewal, directory, created_ms)"
    " SELECT id, '{}', '{}', 'manual', '', 1 FROM accounts WHERE nick = 'Alena'"
)
ACCOUNT = (
    "INSERT INTO accounts (registered, nick, nick_key, password_hash, standing, created_ms, accessed_ms)"
    " VALUES (1, '{}', '{}', 'x', 'active', 1, 1)"
)
STATEMENTS = [
    *(ROOM.format(*room) for room in ROOMS),
    ACCOUNT.format("Alena", "alena"),
    ACCOUNT.format("ʼʼʼ", "ʼʼʼ"),
    *(
        DOMAIN.format(*names)
        for names in (("zlin.cz", "zlin.cz"), ("xn--slav-3oa1r.cz", "čáslav.cz"), ("brno.cz", "brno.cz"))
    ),
]


@pytest.fixture
def store(runner: asyncio.Runner, places: Places, engine: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqlStore]:
    """A database of schema 4 with rows, migrated."""
    place, upgrade = runner.run(places.empty(engine)), alembic.command.upgrade
    with monkeypatch.context() as patched:
        patched.setattr(schema, "SCHEMA", 4)
        patched.setattr(alembic.command, "upgrade", lambda config, _: upgrade(config, "0004"))
        runner.run(place.migrate())
    runner.run(place.run(*STATEMENTS))
    assert runner.run(place.migrate())
    store = SqlStore(runner.run(place.open()), lambda _: None)
    yield store
    runner.run(store.close())


async def test_every_room_is_found_by_its_name(store: SqlStore) -> None:
    for name, _, closed in ROOMS:
        found = await store.view.rooms.find_by_name(name)
        assert (found.name if found else None) == (name if closed == "NULL" else None)


async def test_every_room_is_kept_as_it_is_named(store: SqlStore) -> None:
    for view in await store.view.rooms.list_views():
        room = await store.view.rooms.find(view.id)
        assert room is not None
        await do(store, lambda unit, kept=room: unit.rooms.save(kept))  # type: ignore[misc]
        assert await store.view.rooms.find_by_name(room.name) == room


@pytest.mark.parametrize("name", ["сосНА", "cocha", "СOCHA", "ргаһа", "PRAHA", "Ρraha"])
async def test_who_looks_like_one_is_it(store: SqlStore, name: str) -> None:
    found = await store.view.rooms.find_by_name(name)
    if found is None:
        assert name in {"ргаһа", "Ρraha"}  # neither alphabet's letters are taken for these
        return
    with pytest.raises(RoomNameTaken):
        await add_room(store, name)


async def test_a_name_of_a_closed_room_is_free(store: SqlStore) -> None:
    room = await add_room(store, "Плзень")
    assert await store.view.rooms.find_by_name("плзень") == room


async def test_domains_are_in_the_order_of_letters(store: SqlStore) -> None:
    alena = await store.view.accounts.find_by_nick("alena")
    assert alena is not None
    found = await store.view.domains.list_of(
        AccountId(alena.id), containing="", order=DomainOrder.READABLE, descending=False, offset=0, limit=9
    )
    assert [domain.name.readable for domain in found] == ["brno.cz", "čáslav.cz", "zlin.cz"]


async def test_a_nick_with_an_apostrophe_is_found_by_both(store: SqlStore) -> None:
    assert await store.view.accounts.find_by_nick("ʼʼʼ") == await store.view.accounts.find_by_nick("'ʼ'")
    assert await store.view.accounts.find_by_nick("'''") is not None
