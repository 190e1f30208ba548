"""Sessions and the handles that name them."""

from dataclasses import replace

import pytest

from beseda.adapters.sql.engine import SqlStore
from beseda.domain.ids import MAX_ID, SessionId
from beseda.domain.sessions import Handle, Session
from contract.made import AT, add_member, add_session, add_visitor, after, do


@pytest.mark.parametrize("kind", Handle)
async def test_keeps_every_field(store: SqlStore, kind: Handle) -> None:
    alena = await add_member(store)
    session = await do(store, lambda unit: unit.sessions.add(alena.id, kind, "n-o_nce", AT))
    assert session == Session(session.id, alena.id, kind, "n-o_nce", AT, AT)
    assert await store.view.sessions.find(session.id) == session
    assert await store.view.sessions.find(SessionId(MAX_ID)) is None


async def test_found_by_every_handle_of_its_kind(store: SqlStore) -> None:
    alena = await add_member(store)
    session = await add_session(store, alena, Handle.SID)
    await do(store, lambda unit: unit.sessions.add_handle(session.id, Handle.SID, "one"))
    await do(store, lambda unit: unit.sessions.add_handle(session.id, Handle.SID, "two"))
    await do(store, lambda unit: unit.sessions.add_handle(session.id, Handle.CHANNEL, "three"))
    find = store.view.sessions.find_by_handle
    assert await find(Handle.SID, "one") == await find(Handle.SID, "two") == (session, alena)
    assert await find(Handle.CHANNEL, "three") == (session, alena)
    assert await find(Handle.COOKIE, "one") is None
    assert await find(Handle.SID, "ONE") is None


async def test_lists_those_of_an_account_oldest_first(store: SqlStore) -> None:
    alena, ivana = await add_member(store, "Alena"), await add_member(store, "Ivana")
    first, _, third = await add_session(store, alena), await add_session(store, ivana), await add_session(store, alena)
    assert await store.view.sessions.list_of(alena.id) == [first, third]


async def test_lists_the_unused_of_a_kind(store: SqlStore) -> None:
    alena, host = await add_member(store), await add_visitor(store)
    old = [await add_session(store, alena, Handle.SID, at=after(-9)), await add_session(store, alena, Handle.SID)]
    await add_session(store, alena, Handle.SID, at=after(1))
    await add_session(store, alena, Handle.COOKIE, at=after(-9))
    guest = await add_session(store, host, Handle.SID)
    unused = store.view.sessions.list_unused
    assert await unused(kind=Handle.SID, registered=True, seen_before=after(1)) == old
    assert await unused(kind=Handle.SID, registered=False, seen_before=after(1)) == [guest]
    assert await unused(kind=Handle.SID, registered=False, seen_before=AT) == []


async def test_use_only_moves_forward(store: SqlStore) -> None:
    session = await add_session(store, await add_member(store))
    await do(store, lambda unit: unit.sessions.touch(session.id, after(60)))
    await do(store, lambda unit: unit.sessions.touch(session.id, after(30)))
    assert await store.view.sessions.find(session.id) == replace(session, seen_at=after(60))


async def test_ends_with_its_handles(store: SqlStore) -> None:
    alena = await add_member(store)
    ended, kept = await add_session(store, alena), await add_session(store, alena)
    async with store.unit() as unit:
        for session in (ended, kept):
            await unit.sessions.add_handle(session.id, Handle.COOKIE, f"handle of {session.id}")
    await do(store, lambda unit: unit.sessions.end(ended.id))
    await do(store, lambda unit: unit.sessions.end(ended.id))
    assert await store.view.sessions.list_of(alena.id) == [kept]
    assert await store.view.sessions.find_by_handle(Handle.COOKIE, f"handle of {ended.id}") is None
    assert await store.view.sessions.find_by_handle(Handle.COOKIE, f"handle of {kept.id}") == (kept, alena)
    assert (await add_session(store, alena)).id > kept.id
