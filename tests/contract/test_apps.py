"""Applications and their tokens."""

from dataclasses import replace

from beseda.adapters.sql.engine import SqlStore
from beseda.domain.ids import MAX_ID, AccountId, AppId, SessionId
from beseda.domain.sessions import App, AppToken, TokenState
from contract.made import AT, STRANGE, add_member, after, do

ACTIVE, PENDING = TokenState.ACTIVE, TokenState.PENDING


async def add_app(store: SqlStore, name: str = "Robot", key: str = "key") -> App:
    return await do(store, lambda unit: unit.apps.add(name, key, AT))


async def add_token(store: SqlStore, app: App, account_id: AccountId, digest: str, **fields: object) -> AppToken:
    token = AppToken(digest, app.id, account_id, ACTIVE, None, None, AT)
    token = replace(token, **fields)  # type: ignore[arg-type]
    await do(store, lambda unit: unit.apps.add_token(token))
    return token


async def test_keeps_applications(store: SqlStore) -> None:
    first, second = await add_app(store, STRANGE, "key 1"), await add_app(store, STRANGE, "key 2")
    assert first == App(first.id, STRANGE, AT, revoked=False)
    assert await store.view.apps.list_all() == [first, second]
    assert await store.view.apps.find(second.id) == second
    assert await store.view.apps.find_by_key("key 1") == first
    assert await store.view.apps.find(AppId(MAX_ID)) is None
    assert await store.view.apps.find_by_key("KEY 1") is None


async def test_keeps_tokens(store: SqlStore) -> None:
    app, other = await add_app(store), await add_app(store, key="other")
    alena = await add_member(store)
    active = await add_token(store, app, alena.id, "old", session_id=SessionId(MAX_ID))
    pending = await add_token(store, app, alena.id, "new", state=PENDING, replaces="old", created_at=after(1))
    assert await store.view.apps.find_token(app.id, "old") == active
    assert await store.view.apps.find_token(app.id, "new") == pending
    assert await store.view.apps.find_token(other.id, "old") is None
    assert await store.view.apps.find_token(app.id, "OLD") is None


async def test_finds_the_pending_replacement(store: SqlStore) -> None:
    app, other = await add_app(store), await add_app(store, key="other")
    alena = await add_member(store)
    await add_token(store, app, alena.id, "old")
    pending = await add_token(store, app, alena.id, "new", state=PENDING, replaces="old")
    find = store.view.apps.find_replacement
    assert await find(app.id, "old") == pending
    assert await find(app.id, "new") is None
    assert await find(other.id, "old") is None
    await do(store, lambda unit: unit.apps.activate_token("new", SessionId(7)))
    assert await find(app.id, "old") is None
    assert await store.view.apps.find_token(app.id, "new") == replace(pending, state=ACTIVE, session_id=SessionId(7))


async def test_removes_tokens(store: SqlStore) -> None:
    app = await add_app(store)
    alena, ivana = await add_member(store, "Alena"), await add_member(store, "Ivana")
    for digest in ("one", "two", "three"):
        await add_token(store, app, alena.id, digest)
    await add_token(store, app, ivana.id, "other")
    await do(store, lambda unit: unit.apps.remove_token("one"))
    assert await store.view.apps.find_token(app.id, "one") is None
    assert await store.view.apps.find_token(app.id, "two") is not None
    await do(store, lambda unit: unit.apps.remove_tokens_of(alena.id))
    assert await store.view.apps.find_token(app.id, "three") is None
    assert await store.view.apps.find_token(app.id, "other") is not None


async def test_a_revoked_application_loses_its_tokens(store: SqlStore) -> None:
    app, other = await add_app(store), await add_app(store, key="other")
    alena = await add_member(store)
    tokens = [await add_token(store, app, alena.id, digest) for digest in ("one", "two")]
    kept = await add_token(store, other, alena.id, "kept")
    ended = await do(store, lambda unit: unit.apps.revoke(app.id))
    assert sorted(ended, key=lambda token: token.digest) == tokens
    assert await store.view.apps.find(app.id) == replace(app, revoked=True)
    assert await store.view.apps.find_by_key("key") is None
    assert await store.view.apps.find_token(app.id, "one") is None
    assert await store.view.apps.find_token(other.id, "kept") == kept
    assert await do(store, lambda unit: unit.apps.revoke(app.id)) == []
