"""Personal tokens and the sessions that they make, on both engines."""

import pytest

from beseda.adapters.sql.engine import SqlStore
from beseda.domain.ids import RoomId, TokenId
from beseda.domain.sessions import Handle
from beseda.domain.tokens import Scope
from contract.made import AT, MAX, STRANGE, add_member, add_session, after, do
from contract.places import Place, Places
from contract.test_migrations import ACCOUNT, older

WIDE = Scope(
    frozenset({"live", "dns"}),
    frozenset({RoomId(1), RoomId(MAX)}),
    frozenset({"example.org"}),
    frozenset({"www.example.org", "@"}),
    frozenset({"TXT"}),
    read_only=True,
    bot=True,
)


async def test_tokens_come_back_whole(store: SqlStore) -> None:
    alena, brana = await add_member(store, "Alena"), await add_member(store, "Brana")
    wide = await do(store, lambda unit: unit.tokens.add(alena.id, STRANGE, WIDE, AT, after(9)))
    plain = await do(store, lambda unit: unit.tokens.add(alena.id, "x", Scope(), AT, None))
    other = await do(store, lambda unit: unit.tokens.add(brana.id, "x", Scope(), AT, after(5)))
    tokens = store.view.tokens
    assert [await tokens.find(each.id) for each in (wide, plain, other)] == [wide, plain, other]
    assert await tokens.find(TokenId(99)) is None
    assert await tokens.list_of(alena.id) == [wide, plain]
    assert [await tokens.list_over(after(seconds)) for seconds in (4, 5, 9)] == [[], [other], [wide, other]]
    await do(store, lambda unit: unit.tokens.touch(plain.id, after(3)))
    found = await tokens.find(plain.id)
    assert found is not None
    assert found.used_at == after(3)
    await do(store, lambda unit: unit.tokens.remove(other.id))
    await do(store, lambda unit: unit.tokens.remove_all_of(alena.id))
    assert [await tokens.find(each.id) for each in (wide, plain, other)] == [None, None, None]


async def test_sessions_know_the_token_that_made_them(store: SqlStore) -> None:
    alena = await add_member(store)
    token = await do(store, lambda unit: unit.tokens.add(alena.id, "x", Scope(), AT, None))
    by_hand = await add_session(store, alena)
    made = [
        await do(store, lambda unit, kind=kind: unit.sessions.add(alena.id, kind, "nonce", AT, token.id))  # type: ignore[misc]
        for kind in (Handle.TOKEN, Handle.COOKIE)
    ]
    assert await store.view.sessions.list_of_token(token.id) == made
    assert await store.view.sessions.find(by_hand.id) == by_hand
    assert (by_hand.token_id, made[0].token_id) == (None, token.id)


async def test_sessions_and_lines_of_before_go_on(places: Places, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is signed out by the new column, and what was said before will be in the index."""
    place: Place = await places.empty(engine)
    with older(monkeypatch, "0012"):
        assert await place.migrate()
    await place.run(
        ACCOUNT.format("Alena", "alena"),
        "INSERT INTO sessions (account_id, kind, nonce, created_ms, seen_ms) VALUES (1, 'cookie', 'n', 0, 0)",
        "INSERT INTO rooms (name, name_key, permanent, created_ms) VALUES ('Praha', 'praha', 1, 0)",
        "INSERT INTO room_heads (room_id, head_seq, head_ms, tail_seq) VALUES (1, 1, 0, 0)",
    )
    assert await place.migrate()
    store = SqlStore(await place.open(), lambda events: None)
    (session,) = await store.view.sessions.list_of((await store.view.accounts.search("alena", 1))[0].id)
    assert (session.kind, session.token_id) == (Handle.COOKIE, None)
    assert await store.view.search.list_behind(9) == [1]
    await store.close()
