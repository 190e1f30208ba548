"""Personal tokens: taken as a bearer's and for a password, bounded by their scope, gone when they are revoked."""

from datetime import timedelta
from typing import Any

import pytest

from beseda.core.caller import Caller
from beseda.core.domains import NewDomain
from beseda.core.records import Meant, Wanted
from beseda.core.zone_files import How, WrittenSet
from beseda.domain.accounts import Standing
from beseda.domain.domains import Renewal
from beseda.domain.errors import (
    TokenInvalid,
    TokenNotFound,
    TokenTooNarrow,
    WrongCredentials,
    ZoneKeyNotFound,
)
from beseda.domain.ids import RoomId, TokenId
from beseda.domain.sessions import Handle
from beseda.domain.tokens import Scope, Token
from beseda.domain.zone_keys import KeyScope
from unit.core.world import HERE, PASSWORD, World, account_id, attempt

DAY_S = timedelta(days=1).total_seconds()


@pytest.fixture
def settings() -> dict[str, object]:
    return {"server.limits": {"sign_in_pair": "2/100000", "sign_in_account": "2/100000"}}


async def made(world: World, scope: Scope | None = None, days: int | None = None) -> tuple[Token, str]:
    """A token of Alena, who is there from the first one on."""
    found = await world.core.accounts.search(Caller(HERE), "Alena")
    account = found[0] if found else await world.member("Alena")
    return await world.core.tokens.add(account.id, "echo", scope or Scope(), days)


async def by(world: World, secret: str, protocol: str = "live") -> Caller:
    return await world.core.auth.caller(Handle.BEARER, secret, HERE, protocol=protocol)


async def test_a_token_is_its_member_and_its_last_use_is_shown(world: World) -> None:
    token, secret = await made(world)
    assert (await world.core.tokens.list_of(token.account_id))[0].used_at is None
    world.clock.move(90 * DAY_S)
    caller = await by(world, secret)
    assert caller.account is not None
    assert caller.account.nick == "Alena"
    await world.core.auth.uses.keep()
    (listed,) = await world.core.tokens.list_of(token.account_id)
    assert listed.used_at == world.clock.now()
    assert (await by(world, secret[:-1] + ("A" if secret[-1] != "A" else "B"))).account is None
    assert (await world.core.auth.caller(Handle.COOKIE, secret, HERE)).account is None


async def test_nothing_of_a_token_can_be_read_from_the_database(world: World) -> None:
    _, secret = await made(world)
    for table in ("personal_tokens", "handles", "sessions"):
        rows = await world.parts.database.reader.fetch(f"SELECT * FROM {table}")  # noqa: S608 - constants
        assert rows
        assert not any(secret in str(value) or secret[7:] in str(value) for row in rows for value in row)


async def test_it_stands_in_place_of_a_password_without_being_counted_or_hashed(world: World) -> None:
    _, secret = await made(world)
    hashed: list[str | None] = []
    verify = world.parts.hasher.verify

    async def note(password_hash: str | None, password: str) -> bool:
        hashed.append(password_hash)
        return await verify(password_hash, password)

    world.parts.hasher.verify = note  # type: ignore[method-assign]
    for kind in (Handle.SID, Handle.COOKIE, Handle.BEARER):
        signed_in = await world.core.auth.sign_in("alena", secret, kind=kind, address=HERE, protocol="spaces")
        assert await world.is_good(signed_in.handle, kind)
    wrong = "beseda_" + "x" * 43
    assert [await attempt(world, "Alena", wrong) for _ in range(9)] == [WrongCredentials] * 9
    assert hashed == []
    assert await attempt(world, "Alena", PASSWORD) is None


async def test_it_is_nobody_elses_password(world: World) -> None:
    _, secret = await made(world)
    await world.member("Brana")
    assert await attempt(world, "Brana", secret) is WrongCredentials
    assert await attempt(world, "nobody", secret) is WrongCredentials


async def test_it_ends_with_its_days(world: World) -> None:
    token, secret = await made(world, days=2)
    handle = await sign_in(world, secret)
    world.clock.move(2 * DAY_S - 1)
    assert (await by(world, secret)).account is not None
    world.clock.move(1)
    assert (await by(world, secret)).account is None
    assert not await world.is_good(handle)
    assert await attempt(world, "Alena", secret) is WrongCredentials
    assert await world.core.tokens.list_of(token.account_id) == []
    assert await world.core.tokens.end_old() == 1
    assert await world.core.tokens.end_old() == 0


async def sign_in(world: World, secret: str) -> str:
    return (await world.core.auth.sign_in("Alena", secret, kind=Handle.COOKIE, address=HERE, protocol="chat")).handle


async def test_revoking_ends_what_it_signed_in_and_nothing_else(world: World) -> None:
    token, secret = await made(world)
    _, other = await made(world)
    ends, stays, by_hand = await sign_in(world, secret), await sign_in(world, other), await world.sign_in()
    brana = await world.member_in("Brana")
    with pytest.raises(TokenNotFound):
        await world.core.tokens.revoke(token.id, account_id(brana))
    await world.core.tokens.revoke(token.id)
    assert not await world.is_good(ends)
    assert (await by(world, secret)).account is None
    assert await world.is_good(stays)
    assert await world.is_good(by_hand)
    for number in (token.id, 0, 10**30):
        with pytest.raises(TokenNotFound):
            await world.core.tokens.revoke(TokenId(number))


@pytest.mark.parametrize("how", ["password", "standing"])
async def test_who_gets_another_password_or_is_blocked_has_no_tokens_any_more(world: World, how: str) -> None:
    token, secret = await made(world)
    handle = await sign_in(world, secret)
    if how == "password":
        await world.core.accounts.set_password(token.account_id, "jina zima 8")
    else:
        await world.core.accounts.set_standing(token.account_id, Standing.BLOCKED)
    assert (await by(world, secret)).account is None
    assert not await world.is_good(handle)
    assert await world.core.tokens.list_of(token.account_id) == []


async def test_its_protocols_bind_it_and_what_it_signed_in(world: World) -> None:
    _, secret = await made(world, Scope(protocols=frozenset({"live"})))
    assert (await by(world, secret, "live")).account is not None
    assert (await by(world, secret, "other")).account is None
    with pytest.raises(WrongCredentials):
        await world.core.auth.sign_in("Alena", secret, kind=Handle.COOKIE, address=HERE, protocol="other")
    signed_in = await world.core.auth.sign_in("Alena", secret, kind=Handle.COOKIE, address=HERE, protocol="live")
    for protocol, good in (("live", True), ("other", False)):
        caller = await world.core.auth.caller(Handle.COOKIE, signed_in.handle, HERE, protocol=protocol)
        assert (caller.account is not None) is good


async def test_a_token_for_some_rooms_reaches_nothing_else(world: World) -> None:
    praha, brno = await world.core.rooms.add("Praha"), await world.core.rooms.add("Brno")
    token, secret = await made(world, Scope(rooms=frozenset({praha.id})))
    brana = account_id(await world.member_in("Brana"))
    caller, core = await by(world, secret), world.core
    await core.rooms.enter(caller, "Praha")
    await core.messages.post(caller, praha.id, "ahoj")
    assert [line.text for line in (await core.history.before(caller, praha.id, None, 9)).lines] == ["", "", "ahoj"]
    hand = (await world.signed_in(await core.accounts.get(token.account_id)))[0]
    await core.rooms.enter(hand, "Brno")
    for deed in (
        core.rooms.enter(caller, "Brno"),
        core.rooms.enter(caller, "Nova"),
        core.rooms.leave(caller, brno.id),
        core.rooms.page(caller, brno.id),
        core.messages.post(caller, brno.id, "ahoj"),
        core.messages.post(caller, brno.id, "/l"),
        core.messages.delete(caller, brno.id, 1),
        core.streams.read(caller, brno.id, 0),
        core.history.before(caller, brno.id, None, 9),
        core.reads.mark(caller, brno.id, 1),
        core.moderation.kick(caller, brno.id, brana, "proto"),
        core.mail.send(caller, brana, "ahoj"),
        core.mail.list_contacts(caller),
        core.notes.write(caller, brana, "x"),
        core.ignoring.set_ignored(caller, brana, True),
        core.accounts.change_password(caller, PASSWORD, "nova zima 9"),
    ):
        with pytest.raises(TokenTooNarrow):
            await deed
    assert [mark.room_id for mark in await core.reads.list_all(caller)] == [praha.id]


@pytest.mark.parametrize("name", ["_acme-challenge", "_acme-challenge.vzor.ru"])
async def test_a_token_for_some_records_changes_these_and_nothing_else(world: World, name: str) -> None:
    scope = world.core.tokens.scope(zones=["vzor.ru"], names=[name], types=["TXT"])
    token, secret = await made(world, scope)
    caller, records, files = await by(world, secret), world.core.records, world.core.zone_files
    for domain in ("vzor.ru", "jiny.ru"):
        await world.core.domains.give(token.account_id, NewDomain(domain))
    await records.add(caller, "vzor.ru", Wanted("_acme-challenge", "TXT", '"a"'))
    await files.put(caller, "vzor.ru", WrittenSet("_acme-challenge", "TXT", ('"b"',)), How())
    sets = [
        WrittenSet(each.name, each.type, tuple(d.text for d in each.data), each.ttl)
        for each in (await files.read(caller, "vzor.ru"))[1]
    ]
    await files.replace(caller, "vzor.ru", [*sets, WrittenSet("_acme-challenge", "TXT", ('"c"',))], How())
    head, before = await files.read(None, "vzor.ru")
    www = Wanted("www", "TXT", '"a"')
    for refused in (
        records.add(caller, "vzor.ru", www),
        records.add(caller, "vzor.ru", Wanted("_acme-challenge", "A", "192.0.2.1")),
        records.add(caller, "jiny.ru", Wanted("_acme-challenge", "TXT", '"a"')),
        records.edit(caller, "vzor.ru", "TXT", 0, lambda row: www),
        files.put(caller, "vzor.ru", WrittenSet("www", "TXT", ('"b"',)), How(dry_run=True)),
        files.replace(caller, "vzor.ru", [WrittenSet("www", "TXT", ('"b"',))], How()),
        files.read(caller, "jiny.ru"),
    ):
        with pytest.raises(TokenTooNarrow):
            await refused
    assert await files.read(None, "vzor.ru") == (head, before)
    await records.remove(caller, "vzor.ru", "TXT", 0, Meant())


@pytest.mark.parametrize("bound", [{}, {"names": ["www"]}, {"types": ["A"]}])
async def test_a_token_for_zones_or_records_is_for_no_domain_and_for_no_keys_but_its_own(
    world: World, bound: dict[str, Any]
) -> None:
    token, secret = await made(world, world.core.tokens.scope(zones=["vzor.ru"], **bound))
    caller, core = await by(world, secret), world.core
    await core.domains.give(token.account_id, NewDomain("vzor.ru"))
    await core.zone_keys.give("vzor.ru", "lego", KeyScope())
    for refused in (
        core.domains.remove(caller, ["vzor.ru"]),
        core.domains.set_renewal(caller, [("vzor.ru", Renewal.NO)]),
        core.subdomains.create(caller, "vzor.ru", "www", "/"),
        core.subdomains.set_redirect(caller, "vzor.ru", "https://example.org/"),
    ):
        with pytest.raises(TokenTooNarrow):
            await refused
    assert (await core.domains.get(caller, "vzor.ru")).renewal is Renewal.MANUAL
    made_by_it, _ = await core.zone_keys.add(caller, "vzor.ru", "klic", KeyScope())
    assert (made_by_it.scope.names, made_by_it.scope.types) == (
        tuple(bound.get("names", ())),
        tuple(bound.get("types", ())),
    )
    assert [key.label for key in await core.zone_keys.list_own(caller, "vzor.ru")] == ["klic"]
    with pytest.raises(ZoneKeyNotFound):
        await core.zone_keys.remove(caller, "vzor.ru", "lego")
    await core.zone_keys.remove(caller, "vzor.ru", "klic")
    assert [key.label for key in await core.zone_keys.list_of("vzor.ru")] == ["lego"]


async def test_a_key_that_a_token_makes_ends_with_it(world: World) -> None:
    keys = world.core.zone_keys
    for end in ("revoke", "expire", "password"):
        token, secret = await made(world, days=1)
        if end == "revoke":
            await world.core.domains.give(token.account_id, NewDomain("vzor.ru"))
        key, _ = await keys.add(await by(world, secret, "spaceweb"), "vzor.ru", end, KeyScope())
        assert (await keys.find(key.name) or [None])[0] == key
        if end == "revoke":
            await world.core.tokens.revoke(token.id)
        elif end == "expire":
            world.clock.move(DAY_S)
        else:
            await world.core.accounts.set_password(token.account_id, "jina zima 9")
        assert await keys.find(key.name) is None, end
        await world.core.tokens.end_old()
        assert await keys.list_of("vzor.ru") == [], end


@pytest.mark.parametrize(
    ("bound", "scope", "made_as"),
    [
        ({"protocols": ["spaceweb"]}, KeyScope(), None),
        ({"protocols": ["spaceweb", "dns"]}, KeyScope(), ((), ())),
        ({"zones": ["jiny.ru"]}, KeyScope(), None),
        ({"rooms": [1]}, KeyScope(), None),
        ({"read_only": True}, KeyScope(), None),
        ({"read_only": True}, KeyScope(update=False, transfer=True), ((), ())),
        ({"types": ["TXT", "A"]}, KeyScope(), ((), ("A", "TXT"))),
        ({"types": ["TXT", "A"]}, KeyScope(types=("txt",)), ((), ("TXT",))),
        ({"types": ["TXT"]}, KeyScope(types=("TXT", "MX")), None),
        ({"names": ["_acme-challenge.*"]}, KeyScope(), (("_acme-challenge.*",), ())),
        ({"names": ["_acme-challenge.*"]}, KeyScope(names=("_acme-challenge.www",)), (("_acme-challenge.www",), ())),
        ({"names": ["_acme-challenge.*"]}, KeyScope(names=("_acme-challenge.*", "www")), None),
        ({"names": ["www.vzor.ru", "vzor.ru", "*.lab"]}, KeyScope(), (("*.lab", "@", "www"), ())),
        ({"names": ["*.lab"]}, KeyScope(names=("*.a.lab", "b.lab")), (("*.a.lab", "b.lab"), ())),
        ({"names": ["*.lab"]}, KeyScope(names=("lab",)), None),
        ({"names": ["*.lab"]}, KeyScope(names=("*.xlab",)), None),
        ({"names": ["*.a.lab"]}, KeyScope(names=("*.lab",)), None),
        ({"names": ["www"]}, KeyScope(names=("www.*",)), None),
    ],
)
async def test_no_key_is_for_more_than_the_token_that_makes_it(
    world: World, bound: dict[str, Any], scope: KeyScope, made_as: tuple[tuple[str, ...], tuple[str, ...]] | None
) -> None:
    token, secret = await made(world, world.core.tokens.scope(**bound))
    await world.core.domains.give(token.account_id, NewDomain("vzor.ru"))
    caller = await by(world, secret, "spaceweb")
    if made_as is None:
        with pytest.raises(TokenTooNarrow):
            await world.core.zone_keys.add(caller, "vzor.ru", "lego", scope)
        assert await world.core.zone_keys.list_of("vzor.ru") == []
    else:
        key, _ = await world.core.zone_keys.add(caller, "vzor.ru", "lego", scope)
        assert (key.scope.names, key.scope.types) == made_as


async def test_a_zone_is_said_in_letters_too(world: World) -> None:
    token, secret = await made(world, world.core.tokens.scope(zones=["Чат.ru"]))
    await world.core.domains.give(token.account_id, NewDomain("чат.ru"))
    head, _ = await world.core.zone_files.read(await by(world, secret), "чат.ru")
    assert head.name == "xn--80a0bn.ru"
    with pytest.raises(TokenInvalid):
        world.core.tokens.scope(zones=["чат\u2028.ru"])


async def test_no_token_makes_or_sees_tokens_and_making_one_asks_for_the_password(world: World) -> None:
    _, secret = await made(world)
    caller, tokens = await by(world, secret), world.core.tokens
    for deed in (tokens.list_own(caller), tokens.add_own(caller, PASSWORD, "x", Scope())):
        with pytest.raises(TokenTooNarrow):
            await deed
    hand = await world.core.auth.caller(Handle.COOKIE, await world.sign_in(), HERE)
    with pytest.raises(WrongCredentials):
        await tokens.add_own(hand, "jina", "x", Scope())
    mine, _ = await tokens.add_own(hand, PASSWORD, " můj   bot ", Scope(bot=True), 30)
    assert (mine.name, mine.scope.bot) == ("můj bot", True)
    await tokens.revoke_own(hand, PASSWORD, mine.id)
    assert [each.name for each in await tokens.list_own(hand)] == ["echo"]


@pytest.mark.parametrize(
    "given",
    [
        {"protocols": ["gopher"]},
        {"rooms": [0]},
        {"rooms": range(1, 102)},
        {"zones": ["a b"]},
        {"zones": [""]},
        {"names": ["a" * 256]},
        {"types": ["A,B"]},
    ],
    ids=str,
)
async def test_what_is_no_scope(world: World, given: dict[str, Any]) -> None:
    with pytest.raises(TokenInvalid):
        world.core.tokens.scope(**given)


async def test_a_bot_is_not_idle_while_its_connection_is_open(world: World) -> None:
    room = await world.core.rooms.add("Praha")
    _, secret = await made(world, Scope(bot=True))
    caller, hand = await by(world, secret), await world.member_in("Brana")
    for each in (caller, hand):
        await world.core.rooms.enter(each, "Praha")
    for _ in range(70):
        world.clock.move(60)
        for each in (caller, hand):
            world.core.presence.hear(account_id(each), world.clock.now(), [room.id])
            await world.core.auth.keep_awake(each, [room.id])
        await world.core.presence.sweep()
    inside = {o.account.nick for o in await world.parts.store.view.rooms.occupants(RoomId(room.id))}
    assert inside == {"Alena"}
    for _ in range(70):
        world.clock.move(60)
        world.core.presence.hear(account_id(caller), world.clock.now(), [room.id])
        await world.core.presence.sweep()
    assert await world.parts.store.view.rooms.occupants(room.id) == []


async def test_ending_all_other_sessions_ends_no_token_halfway(world: World) -> None:
    """What it signed in ends; it is itself no session, but listed and revoked where tokens are."""
    token, secret = await made(world)
    caller = (await world.signed_in(await world.core.accounts.find_nick("Alena")))[0]
    by_token = await world.core.auth.sign_in("Alena", secret, kind=Handle.COOKIE, address=HERE)
    own = (await by(world, secret)).session
    assert own is not None
    listed = await world.core.own_account.list_sessions(caller)
    assert {each.session.kind for each in listed} == {Handle.COOKIE}
    await world.core.own_account.end_session(caller, own.id)
    await world.core.own_account.end_other_sessions(caller)
    assert not await world.is_good(by_token.handle)
    assert (await by(world, secret)).account is not None
    assert [each.id for each in await world.core.tokens.list_of(token.account_id)] == [token.id]
