"""Keys by which programs sign DNS messages."""

import pytest

from beseda.adapters.sql.engine import SqlStore
from beseda.domain.errors import ZoneKeyTaken
from beseda.domain.ids import AccountId
from beseda.domain.zone_keys import Algorithm, KeyScope, ZoneKey
from contract.made import AT, add_member, do
from contract.places import Place, Places
from contract.test_migrations import older

SCOPE = KeyScope(update=True, transfer=False, names=("_acme-challenge.*", "@"), types=("TXT", "TYPE65280"))


async def add(store: SqlStore, label: str, account_id: AccountId | None, zone: str = "vzor.ru") -> ZoneKey:
    sha512 = Algorithm.SHA512
    return await do(store, lambda unit: unit.zone_keys.add(zone, label, account_id, sha512, "salt", SCOPE, AT))


async def test_keeps_every_field(store: SqlStore) -> None:
    alena = await add_member(store)
    made = await add(store, "certbot", alena.id)
    expected = ("vzor.ru", "certbot", alena.id, Algorithm.SHA512, "salt", SCOPE, AT)
    kept = await store.view.zone_keys.find("vzor.ru", "certbot")
    assert kept == made == ZoneKey(made.id, *expected)
    server = await add(store, "secondary", None, "")
    assert await store.view.zone_keys.find("", "secondary") == server
    assert await store.view.zone_keys.find("vzor.ru", "secondary") is None


async def test_a_name_is_of_one_key_of_a_zone(store: SqlStore) -> None:
    alena = await add_member(store)
    await add(store, "b", alena.id)
    await add(store, "b", alena.id, "druhy.ru")
    with pytest.raises(ZoneKeyTaken):
        await add(store, "b", None)
    await add(store, "a", None)
    assert [(key.label, key.account_id) for key in await store.view.zone_keys.list_of("vzor.ru")] == [
        ("a", None),
        ("b", alena.id),
    ]
    await do(store, lambda unit: unit.zone_keys.remove("vzor.ru", "b"))
    assert [key.label for key in await store.view.zone_keys.list_of("vzor.ru")] == ["a"]
    assert await store.view.zone_keys.find("druhy.ru", "b")


async def test_a_database_of_before_has_no_keys(places: Places, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place: Place = await places.empty(engine)
    with older(monkeypatch, "0018"):
        assert await place.migrate()
    assert await place.migrate()
    store = SqlStore(await place.open(), lambda events: None)
    assert await store.view.zone_keys.list_of("vzor.ru") == []
    await store.close()
