"""Hosts below domains, and redirects."""

from beseda.adapters.sql.engine import SqlStore
from beseda.domain.domains import Subdomain
from contract.made import STRANGE, do
from contract.test_zones import add_zone


async def test_hosts_come_and_go(store: SqlStore) -> None:
    head, other = await add_zone(store), await add_zone(store, "jiny.ru", "Brana")
    assert head.domain_id is not None
    assert other.domain_id is not None
    assert await do(store, lambda unit: unit.subdomains.add(head.id, "www", STRANGE))
    assert await do(store, lambda unit: unit.subdomains.add(head.id, "*", "/"))
    assert not await do(store, lambda unit: unit.subdomains.add(head.id, "www", "/other"))
    assert await store.view.subdomains.count(head.id) == 2
    assert await store.view.subdomains.list_of([head.domain_id, other.domain_id]) == {
        head.domain_id: [Subdomain("*", "/"), Subdomain("www", STRANGE)],
        other.domain_id: [],
    }
    assert await store.view.subdomains.list_of([]) == {}
    assert await do(store, lambda unit: unit.subdomains.remove(head.id, "www"))
    assert not await do(store, lambda unit: unit.subdomains.remove(head.id, "www"))
    assert not await do(store, lambda unit: unit.subdomains.remove(other.id, "*"))
    assert await store.view.subdomains.count(head.id) == 1
    await do(store, lambda unit: unit.zones.erase(head.id))


async def test_a_redirect_is_one(store: SqlStore) -> None:
    head = await add_zone(store)
    assert head.domain_id is not None
    assert await store.view.subdomains.redirect(head.domain_id) == ""
    for url in ("https://a.example.org/č", "https://b.example.org", ""):
        await do(store, lambda unit, url=url: unit.subdomains.set_redirect(head.id, url))  # type: ignore[misc]
        assert await store.view.subdomains.redirect(head.domain_id) == url
