"""A member who is deleted: nothing is left but what others see in rooms, and no table is forgotten."""

from pathlib import Path

import pytest

from beseda.adapters.sql.erasing import ERASED, KEPT
from beseda.core.accounts import Application
from beseda.core.domains import NewDomain
from beseda.core.ports.mail import NewLetter
from beseda.core.search import index_letter
from beseda.domain.accounts import Standing
from beseda.domain.errors import AccountNotFound
from beseda.domain.ids import AccountId, LetterId
from beseda.domain.search import ask
from beseda.server.backup import back_up
from beseda.server.bootstrap import open_core
from beseda.server.restore import restore
from contract.made import AT, MAX, do
from contract.places import Place, Places, SqlitePlace
from contract.test_dump import NEWEST, config_of

WHO = AccountId(2)
NAMING = (
    'SELECT t.name, k."from" FROM sqlite_master t, pragma_foreign_key_list(t.name) k WHERE k."table" = \'accounts\''
)


async def naming(place: Place) -> list[tuple[str, str]]:
    """Tables and the columns of them that refer to accounts."""
    assert isinstance(place, SqlitePlace)
    database = await place.open()
    rows = database.raw.execute(NAMING).fetchall()
    await database.close()
    return [(row[0], row[1]) for row in rows]


async def test_what_becomes_of_each_table_is_said(places: Places) -> None:
    """A table that names members is in ERASED or in KEPT of adapters/sql/erasing.py."""
    place = await places.migrated("sqlite")
    assert {table for table, _ in await naming(place)} <= ERASED.keys() | KEPT.keys()


async def test_nothing_is_left(places: Places, engine: str, tmp_path: Path) -> None:
    config = config_of(await places.empty(engine), tmp_path)
    await restore(config, NEWEST)
    async with open_core(config) as parts:
        await parts.core.search_index.settle()
        (alone,) = await do(parts.store, lambda unit: unit.mail.add_letters([NewLetter(WHO, WHO, "nazdar")], AT))
        await do(parts.store, lambda unit: index_letter(unit, alone, (WHO,), "nazdar"))
        await parts.core.deletions.delete(WHO)
        with pytest.raises(AccountNotFound):
            await parts.core.deletions.delete(WHO)
        assert (await parts.core.accounts.get(WHO)).nick == "deleted member"
        reader = parts.database.reader
        for table, columns in ERASED.items():
            for column in columns:
                statement = f"SELECT count(*) FROM {table} WHERE {column} = {WHO}"  # noqa: S608 - constants
                assert await reader.fetch_row(statement) == (0,), (table, column)
                assert (await reader.fetch_row(f"SELECT count(*) FROM {table}")) != (0,), table  # noqa: S608 - constants
        assert await reader.fetch_row(f"SELECT count(*) FROM mail_copies WHERE owner_id = {WHO}") == (0,)  # noqa: S608 - constants
        (row,) = await reader.fetch(f"SELECT email, phone, nick_key, password_hash FROM accounts WHERE id = {WHO}")  # noqa: S608 - constants
        assert tuple(row) == (None, None, None, None)
        assert await parts.store.view.search.find_letters(WHO, ask("nazdar"), LetterId(MAX), 9) == []
        assert (await parts.core.billing.check()) == []
    assert (await back_up(config, tmp_path / "b.jsonl.gz")).verified


async def test_a_domain_stays_for_the_operator(places: Places, engine: str, tmp_path: Path) -> None:
    """A name server goes on answering for it until it is taken away as any other is."""
    config = config_of(await places.migrated(engine), tmp_path)
    async with open_core(config) as parts:
        account = await parts.core.accounts.add(Application("Alena", "dlouhe heslo 1"))
        await parts.core.domains.give(account.id, NewDomain("alena.org"))
        await parts.core.deletions.delete(account.id)
        assert [each.name for each in await parts.core.zones.served()] == ["alena.org"]
        await parts.core.domains.take("alena.org")
        assert await parts.core.zones.served() == []
        assert await parts.store.view.zones.last_serial("alena.org") is not None


async def test_who_was_to_go_and_stays(places: Places, engine: str, tmp_path: Path) -> None:
    """A block is no less a block for it, and whoever is let in again is not deleted in a week."""
    config = config_of(await places.migrated(engine), tmp_path)
    async with open_core(config) as parts:
        core = parts.core
        who = (await core.accounts.add(Application("Alena", "dlouhe heslo 1"))).id

        async def standing() -> Standing:
            return (await core.accounts.get(who)).standing

        await core.deletions.ask(who)
        assert (await standing(), await core.deletions.cancel(who), await standing()) == ("frozen", True, "active")
        await core.accounts.set_standing(who, Standing.BLOCKED)
        await core.deletions.ask(who)
        assert (await standing(), await core.deletions.cancel(who), await standing()) == ("blocked", True, "blocked")
        await core.deletions.ask(who)
        await core.accounts.set_standing(who, Standing.ACTIVE)
        assert await core.deletions.due_at(who) is None
