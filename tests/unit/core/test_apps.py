"""Applications and the renewal of their tokens (chat.cz REST, /token and /login)."""

import asyncio
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from beseda.core.caller import Caller
from beseda.domain.accounts import Standing
from beseda.domain.errors import (
    AccountBlocked,
    AccountNotFound,
    AppNameInvalid,
    AppNotFound,
    AppTokenExpired,
    AppTokenNotFound,
    BesedaError,
    TooOften,
)
from beseda.domain.ids import AccountId, AppId
from beseda.domain.sessions import Handle, TokenState
from unit.core.world import HERE, World

Key = str
Token = str


class Granted:
    """An application, a member, and the first token between them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.apps = world.core.apps

    async def prepare(self) -> "Granted":
        self.account = await self.world.known("Alena")
        app, self.key = await self.apps.add("Brana")
        self.app_id = app.id
        self.first = await self.apps.grant(app.id, self.account.id)
        return self

    async def renew(self, token: Token) -> Token:
        return await self.apps.renew(token, self.key, HERE)

    async def confirm(self, token: Token) -> str:
        account, handle = await self.apps.confirm(token, self.key, HERE)
        assert account.id == self.account.id
        assert await self.world.is_good(handle)
        return handle

    async def outcome(self, token: Token) -> type[BesedaError] | None:
        try:
            await self.confirm(token)
        except BesedaError as refusal:
            return type(refusal)
        return None

    async def sessions(self) -> int:
        return len(await self.world.parts.store.view.sessions.list_of(self.account.id))


@pytest.fixture
def granted(world: World) -> Granted:
    return world.run(Granted(world).prepare())


class TestConfirm:
    @pytest.mark.parametrize(
        ("seconds", "outcome"),
        [(0, None), (59.9, None), (60.0, None), (60.001, AppTokenExpired), (3600, AppTokenExpired)],
    )
    async def test_within_60_seconds(
        self, world: World, granted: Granted, seconds: float, outcome: type[BesedaError] | None
    ) -> None:
        new = await granted.renew(granted.first)
        world.clock.move(seconds)
        assert await granted.outcome(new) is outcome

    async def test_too_late_leaves_the_old_token_good(self, world: World, granted: Granted) -> None:
        new = await granted.renew(granted.first)
        world.clock.move(61)
        assert await granted.outcome(new) is AppTokenExpired
        assert await granted.outcome(new) is AppTokenNotFound
        await granted.confirm(await granted.renew(granted.first))

    async def test_too_late_is_told_to_who_names_the_old_token(self, world: World, granted: Granted) -> None:
        await granted.renew(granted.first)
        world.clock.move(61)
        assert await granted.outcome(granted.first) is AppTokenExpired
        await granted.confirm(await granted.renew(granted.first))

    async def test_by_the_old_token_is_a_literal_reading(self, granted: Granted) -> None:
        new = await granted.renew(granted.first)
        await granted.confirm(granted.first)
        assert await granted.outcome(granted.first) is AppTokenNotFound
        await granted.confirm(await granted.renew(new))

    async def test_again_names_the_same_session(self, world: World, granted: Granted) -> None:
        new = await granted.renew(granted.first)
        first, second = await granted.confirm(new), await granted.confirm(new)
        assert await granted.sessions() == 1
        world.clock.move(3600)
        await granted.confirm(new)
        assert await granted.sessions() == 1
        assert await world.is_good(first)
        assert await world.is_good(second)

    async def test_again_after_signing_out_begins_another_session(self, world: World, granted: Granted) -> None:
        new = await granted.renew(granted.first)
        handle = await granted.confirm(new)
        await world.core.auth.sign_out(await world.core.auth.caller(Handle.COOKIE, handle, HERE))
        await granted.confirm(new)
        assert await granted.sessions() == 1
        assert not await world.is_good(handle)

    async def test_ends_the_old_token_and_its_session(self, world: World, granted: Granted) -> None:
        second = await granted.renew(granted.first)
        old_handle = await granted.confirm(second)
        third = await granted.renew(second)
        assert await world.is_good(old_handle)
        await granted.confirm(third)
        assert not await world.is_good(old_handle)
        assert await granted.outcome(second) is AppTokenNotFound
        assert await granted.sessions() == 1
        for dead in (granted.first, second):
            with pytest.raises(AppTokenNotFound):
                await granted.renew(dead)

    async def test_of_a_first_token_is_nothing(self, granted: Granted) -> None:
        assert await granted.outcome(granted.first) is AppTokenNotFound
        await granted.renew(granted.first)

    async def test_a_hundred_times_at_once_begins_one_session(self, granted: Granted) -> None:
        new = await granted.renew(granted.first)
        handles = await asyncio.gather(*(granted.confirm(new) for _ in range(100)))
        assert len(set(handles)) == 2
        assert await granted.sessions() == 1

    async def test_of_blocked_is_refused(self, world: World, granted: Granted) -> None:
        await world.core.accounts.set_standing(granted.account.id, Standing.BLOCKED)
        with pytest.raises(AppTokenNotFound):
            await granted.renew(granted.first)
        again = await granted.apps.grant(granted.app_id, granted.account.id)
        new = await granted.renew(again)
        assert await granted.outcome(new) is AccountBlocked
        await world.core.accounts.set_standing(granted.account.id, Standing.ACTIVE)
        assert await granted.outcome(new) is None


class TestRenew:
    async def test_again_replaces_what_was_not_confirmed(self, granted: Granted) -> None:
        lost, new = await granted.renew(granted.first), await granted.renew(granted.first)
        assert await granted.outcome(lost) is AppTokenNotFound
        assert await granted.outcome(new) is None

    @pytest.mark.parametrize("name", ["", "  ", "a" * 51, "a\nb", "a\0", "\u202egnp.exe", "\udcff"])
    async def test_of_an_application_with_a_name(self, granted: Granted, name: str) -> None:
        with pytest.raises(AppNameInvalid):
            await granted.apps.add(name)
        app, _ = await granted.apps.add(" Bra\u0301na 👩\u200d🚀 \U0001fae8 ")
        assert app.name == "Brána 👩\u200d🚀 \U0001fae8"

    async def test_needs_an_active_token_of_that_application(self, world: World, granted: Granted) -> None:
        pending = await granted.renew(granted.first)
        other, other_key = await granted.apps.add("Jina")
        other_token = await granted.apps.grant(other.id, granted.account.id)
        for token, key in (
            (pending, granted.key),
            ("", granted.key),
            (granted.first, ""),
            (granted.first, other_key),
            (other_token, granted.key),
            (granted.key, granted.key),
            (granted.first, granted.first),
            ("\udc80", "\udc80"),
        ):
            with pytest.raises(AppTokenNotFound):
                await granted.apps.renew(token, key, "192.0.2.9")
            with pytest.raises(AppTokenNotFound):
                await granted.apps.confirm(token, key, "192.0.2.9") if token != pending else await granted.renew("")

    async def test_at_once_leaves_one_new_token(self, granted: Granted) -> None:
        tokens = await asyncio.gather(*(granted.renew(granted.first) for _ in range(10)))
        outcomes = [await granted.outcome(token) for token in tokens]
        assert outcomes.count(None) == 1
        assert outcomes.count(AppTokenNotFound) == 9

    async def test_against_confirmation_leaves_one_good_token(self, granted: Granted) -> None:
        """Whichever is first: the member is never left without a token that works."""
        new = await granted.renew(granted.first)
        confirmed, renewed = await asyncio.gather(
            granted.confirm(new), granted.renew(granted.first), return_exceptions=True
        )
        if isinstance(renewed, AppTokenNotFound):
            assert isinstance(confirmed, str)
            await granted.renew(new)
        else:
            assert isinstance(confirmed, AppTokenNotFound)
            assert isinstance(renewed, str)
            await granted.confirm(renewed)

    async def test_guesses_are_limited(self, granted: Granted) -> None:
        for number in range(20):
            with pytest.raises(AppTokenNotFound):
                await granted.renew(str(number))
        for deed in (granted.renew, granted.confirm):
            with pytest.raises(TooOften):
                await deed(granted.first)
        await granted.apps.renew(granted.first, granted.key, "192.0.2.2")


class TestOperator:
    async def test_revokes_an_application_with_all_it_holds(self, world: World, granted: Granted) -> None:
        new = await granted.renew(granted.first)
        handle = await granted.confirm(new)
        pending = await granted.renew(new)
        await granted.apps.revoke(granted.app_id)
        assert not await world.is_good(handle)
        for token in (new, pending):
            assert await granted.outcome(token) is AppTokenNotFound
            with pytest.raises(AppTokenNotFound):
                await granted.renew(token)
        with pytest.raises(AppNotFound):
            await granted.apps.grant(granted.app_id, granted.account.id)
        assert [app.revoked for app in await granted.apps.list_all()] == [True]

    async def test_revokes_nobody_elses(self, world: World, granted: Granted) -> None:
        other, other_key = await granted.apps.add("Jina")
        token = await granted.apps.grant(other.id, granted.account.id)
        await granted.apps.revoke(granted.app_id)
        await granted.apps.renew(token, other_key, HERE)

    async def test_names_what_is_not_there(self, world: World, granted: Granted) -> None:
        visitor, _ = await world.visitor_in("Host")
        with pytest.raises(AppNotFound):
            await granted.apps.revoke(AppId(99))
        with pytest.raises(AppNotFound):
            await granted.apps.grant(AppId(99), granted.account.id)
        for nobody in (AccountId(99), visitor.signed_in()[0].id):
            with pytest.raises(AccountNotFound):
                await granted.apps.grant(granted.app_id, nobody)


class Renewal(RuleBasedStateMachine):
    """A member's token for one application, renewed by a client that may lose answers, be late, and ask again."""

    tokens: Bundle[Token] = Bundle("tokens")

    def __init__(self) -> None:
        super().__init__()
        self.world = World().__enter__()
        self.granted: Granted
        self.active: Token
        self.pending: tuple[Token, float] | None = None
        self.has_session = False
        self.now = 0.0

    def teardown(self) -> None:
        self.world.__exit__(None, None, None)

    @initialize(target=tokens)
    def grant(self) -> Token:
        self.granted = self.world.run(Granted(self.world).prepare())
        self.active = self.granted.first
        return self.active

    @rule(seconds=st.sampled_from([10.0, 30.0, 59.0, 60.0, 61.0]))
    def wait(self, seconds: float) -> None:
        self.world.clock.move(seconds)
        self.now += seconds

    @rule(target=tokens, token=tokens)
    def renew(self, token: Token) -> Any:
        if token != self.active:
            with pytest.raises(AppTokenNotFound):
                self.world.run(self.granted.renew(token))
            return multiple()
        new = self.world.run(self.granted.renew(token))
        self.pending = (new, self.now)
        return new

    @rule(token=tokens)
    def confirm(self, token: Token) -> None:
        outcome = self.world.run(self.granted.outcome(token))
        if self.pending and token in (self.active, self.pending[0]):
            new, made_at = self.pending
            self.pending = None
            if self.now - made_at > 60:
                assert outcome is AppTokenExpired
            else:
                assert outcome is None
                self.active, self.has_session = new, True
        elif token == self.active and self.has_session:
            assert outcome is None
        else:
            assert outcome is AppTokenNotFound
        self.world.clock.move(3)  # what is no token counts as a guess
        self.now += 3

    @rule()
    def sign_out_everywhere_else(self) -> None:
        """A session that ends takes no token with it."""
        for session in self.world.run(self.world.parts.store.view.sessions.list_of(self.granted.account.id)):
            self.world.run(self.world.core.auth.sign_out(Caller(HERE, self.granted.account, session)))

    @invariant()
    def there_is_one_active_token_and_at_most_one_session(self) -> None:
        if not hasattr(self, "granted"):
            return
        rows = self.world.run(self.world.parts.database.reader.fetch("SELECT state FROM app_tokens"))
        states = [row[0] for row in rows]
        assert states.count(TokenState.ACTIVE.value) == 1
        assert states.count(TokenState.PENDING.value) == (1 if self.pending else 0)
        assert self.world.run(self.granted.sessions()) <= 1


TestRenewal = Renewal.TestCase
TestRenewal.settings = settings(max_examples=30, stateful_step_count=25)
