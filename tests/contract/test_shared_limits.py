"""Limits that are counted over all nodes: in the database of either engine, by digest, and kept through a restart."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from beseda.adapters.sql.engine import SqlStore
from beseda.core.accounts import Application
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.domain.accounts import Sex
from beseda.domain.errors import (
    AppTokenNotFound,
    BesedaError,
    CaptchaNeeded,
    CaptchaWrong,
    ChallengeNotFound,
    RoomPasswordWrong,
    StoreUnavailable,
    TooOften,
    WrongCredentials,
    WrongProof,
)
from beseda.domain.limits import LIMITS, Bucket
from beseda.domain.rooms import Lock
from beseda.domain.sessions import Handle
from beseda.server.bootstrap import Parts, open_core
from beseda.testing.clock import ManualClock
from beseda.testing.faults import Faults, FaultyDatabase
from contract.made import after, do
from contract.places import Place
from contract.test_sign_ins import PASSWORD, config

WRONG = "hadam hadam"
HOME, STRANGE = "198.51.100.1", "203.0.113.1"


async def test_buckets_are_kept_until_they_are_full(store: SqlStore) -> None:
    assert await store.view.limits.find(["one", "two"]) == {}
    await do(store, lambda unit: unit.limits.keep("one", Bucket(1.5, 1000.25), after(5)))
    await do(store, lambda unit: unit.limits.keep("one", Bucket(0.25, 1001.5), after(7)))
    await do(store, lambda unit: unit.limits.keep("two", Bucket(3.0, 1000.0), after(6)))
    found = await store.view.limits.find(["one", "two", "three"])
    assert found == {"one": Bucket(0.25, 1001.5), "two": Bucket(3.0, 1000.0)}
    assert await do(store, lambda unit: unit.limits.forget(after(7), 10)) == 1
    assert list(await store.view.limits.find(["one", "two"])) == ["one"]


async def test_failures_count_until_the_last_is_old(store: SqlStore) -> None:
    for number in range(3):
        async with store.unit() as unit:
            await unit.sign_ins.note_failure("pair", after(number), after(-1))
    assert (await store.view.sign_ins.failures(["pair", "other"]))["pair"].count == 3
    misread = await do(store, lambda unit: unit.sign_ins.note_misread("pair", after(9)))
    assert (misread.count, misread.misread, misread.at) == (3, 1, after(2)), "what is misread is no failure"
    await do(store, lambda unit: unit.sign_ins.note_failure("pair", after(99), after(50)))
    assert (await store.view.sign_ins.failures(["pair"]))["pair"].count == 1
    await do(store, lambda unit: unit.sign_ins.forgive("pair"))
    assert (await store.view.sign_ins.failures(["pair"]))["pair"].count == 0
    assert await do(store, lambda unit: unit.sign_ins.forget_failures(after(100), 10)) == 1
    assert await store.view.sign_ins.failures(["pair"]) == {}


@asynccontextmanager
async def two_nodes(place: Place, data: Path, clock: ManualClock) -> AsyncIterator[tuple[Core, Core]]:
    node = config(place, data)
    async with open_core(node, clock=clock) as one, open_core(node, clock=clock) as other:
        await one.core.accounts.add(Application("Alena", PASSWORD))
        yield one.core, other.core


async def outcomes(*attempts: Awaitable[object]) -> Counter[str]:
    """How often what came of them, one after another."""
    found: Counter[str] = Counter()
    for attempt in attempts:
        try:
            await attempt
        except BesedaError as refusal:
            found[type(refusal).__name__] += 1
        else:
            found[""] += 1
    return found


def guess(core: Core, address: str, password: str = WRONG, code: str | None = None) -> Awaitable[object]:
    return core.auth.sign_in("Alena", password, kind=Handle.SID, address=address, code=code)


async def test_passwords_are_guessed_no_oftener_on_two_nodes(place: Place, tmp_path: Path) -> None:
    clock = ManualClock()
    async with two_nodes(place, tmp_path, clock) as nodes:
        by_turns = itertools.cycle(nodes)
        found = await outcomes(*(guess(next(by_turns), f"203.0.113.{number}") for number in range(40)))
        assert found["WrongCredentials"] == LIMITS["sign_in_account"].burst
        clock.move(LIMITS["sign_in_account"].per_s)
        found = await outcomes(*(guess(next(by_turns), f"203.0.113.{number}") for number in range(40)))
        assert found["WrongCredentials"] == 1


async def test_right_passwords_cost_nothing_anywhere(place: Place, tmp_path: Path) -> None:
    async with two_nodes(place, tmp_path, ManualClock()) as nodes:
        by_turns = itertools.cycle(nodes)
        assert (await outcomes(*(guess(next(by_turns), STRANGE, PASSWORD) for _ in range(40)))) == Counter({"": 40})


async def test_a_picture_of_one_node_is_read_on_another_once(place: Place, tmp_path: Path) -> None:
    clock = ManualClock()
    async with two_nodes(place, tmp_path, clock) as (one, other):
        await outcomes(*(guess(one, STRANGE, code="") for _ in range(3)))
        with pytest.raises(CaptchaNeeded) as asked:
            await guess(other, STRANGE, PASSWORD, "")
        challenge = asked.value.challenge
        assert (await one.captcha.picture(challenge, STRANGE)).startswith(b"\x89PNG")
        code = other.captcha.answer(challenge)
        wrong = "0000" if code != "0000" else "1111"
        with pytest.raises(CaptchaWrong) as misread:
            await guess(one, STRANGE, PASSWORD, wrong)
        assert misread.value.challenge != challenge
        with pytest.raises(CaptchaWrong):
            await guess(other, STRANGE, PASSWORD, code)
        with pytest.raises(CaptchaNeeded) as asked:
            await guess(other, STRANGE, PASSWORD, "")
        code = one.captcha.answer(asked.value.challenge)
        await guess(one, STRANGE, PASSWORD, code)
        assert (await outcomes(guess(other, STRANGE, code="")))["WrongCredentials"] == 1, "it is forgiven"
        clock.move(301)
        with pytest.raises(ChallengeNotFound):
            await one.captcha.picture(challenge, STRANGE)


async def test_pictures_of_nobody_are_not_drawn(place: Place, tmp_path: Path) -> None:
    async with two_nodes(place, tmp_path, ManualClock()) as (one, _):
        await outcomes(*(guess(one, STRANGE, code="") for _ in range(3)))
        with pytest.raises(CaptchaNeeded) as asked:
            await guess(one, STRANGE, PASSWORD, "")
        real = asked.value.challenge
        for forged in (real[:-1] + str((int(real[-1]) + 1) % 10), real[:4] + "0" * 12, "0" * 16, "", real + "0"):
            with pytest.raises(ChallengeNotFound):
                await one.captcha.picture(forged, HOME)


async def caller_of(core: Core) -> tuple[Caller, str]:
    new = await core.auth.sign_in("Alena", PASSWORD, kind=Handle.SID, address=HOME)
    return Caller(HOME, new.account, new.session), new.handle


async def test_handles_proofs_tokens_and_room_passwords(place: Place, tmp_path: Path) -> None:
    """Each looked at no oftener by turns than on one node; and whoever knows it finds his way on neither then."""
    async with two_nodes(place, tmp_path, ManualClock()) as nodes:
        one, other = nodes
        by_turns = itertools.cycle(nodes)
        caller, sid = await caller_of(one)
        _, session = caller.signed_in()
        burst = {name: LIMITS[name].burst for name in ("sid_guess", "proof_guess", "app_token", "room_password")}

        found = await outcomes(
            *(next(by_turns).auth.caller(Handle.SID, f"{number:016}", STRANGE) for number in range(30))
        )
        assert found == Counter({"": burst["sid_guess"], "TooOften": 30 - burst["sid_guess"]})

        wrong = "0000" if sid[-4:] != "0000" else "1111"
        found = await outcomes(*(next(by_turns).auth.check_proof(session, sid, wrong) for _ in range(12)))
        assert found[WrongProof.__name__] == burst["proof_guess"]
        assert await outcomes(one.auth.check_proof(session, sid, sid[-4:])) == Counter({"TooOften": 1})

        found = await outcomes(*(next(by_turns).apps.confirm("token", "key", STRANGE) for _ in range(40)))
        assert found[AppTokenNotFound.__name__] == burst["app_token"]

        room_id = await one.rooms.enter(caller, "Praha")
        await one.rooms.change_settings(caller, room_id, lock=Lock.ALL, password="tajne")
        await one.accounts.add(Application("Brana", PASSWORD))
        new = await one.auth.sign_in("Brana", PASSWORD, kind=Handle.SID, address=STRANGE)
        brana = Caller(STRANGE, new.account, new.session)
        found = await outcomes(*(next(by_turns).rooms.enter(brana, "Praha", "hadam") for _ in range(20)))
        assert found[RoomPasswordWrong.__name__] == burst["room_password"]
        assert await outcomes(other.rooms.enter(brana, "Praha", "tajne")) == Counter({"TooOften": 1})
        assert await outcomes(other.rooms.enter(brana, "Praha")) == Counter({"RoomLocked": 1}), "no guess"


async def test_a_limit_that_is_reached_is_heard_of_where_it_was_far_off(place: Place, tmp_path: Path) -> None:
    """Whoever has shown the right proof is asked about no more; what is guessed elsewhere ends that."""
    node, clock = config(place, tmp_path), ManualClock()
    async with open_core(node, clock=clock) as one, open_core(node, clock=clock) as other:
        await one.core.accounts.add(Application("Alena", PASSWORD))
        caller, sid = await caller_of(one.core)
        _, session = caller.signed_in()
        right, wrong = sid[-4:], "0000" if sid[-4:] != "0000" else "1111"

        def prove(parts: Parts, proof: str) -> Awaitable[object]:
            return parts.core.auth.check_proof(session, sid, proof)

        await other.nodes.catch_up()
        assert await outcomes(prove(other, right)) == Counter({"": 1})
        burst = LIMITS["proof_guess"].burst
        assert await outcomes(*(prove(one, wrong) for _ in range(burst))) == Counter({WrongProof.__name__: burst})
        await other.nodes.catch_up()
        assert await outcomes(prove(other, right)) == Counter({"TooOften": 1})


async def test_a_visitor_says_one_line_in_ten_seconds(place: Place, tmp_path: Path) -> None:
    clock = ManualClock()
    async with two_nodes(place, tmp_path, clock) as (one, other):
        room = await one.rooms.add("Praha")
        new = await one.auth.sign_in_anonymously(Caller(STRANGE), "Host", Sex.MALE, kind=Handle.COOKIE)
        visitor = Caller(STRANGE, new.account, new.session)
        await one.rooms.enter(visitor, "Praha")
        await one.messages.post(visitor, room.id, "ahoj")
        with pytest.raises(TooOften) as refusal:
            await other.messages.post(visitor, room.id, "ahoj")
        assert 9 < refusal.value.retry_after_s <= 10
        clock.move(10)
        await other.messages.post(visitor, room.id, "ahoj")


async def test_a_restart_forgives_no_guess_and_the_database_tells_no_names(place: Place, tmp_path: Path) -> None:
    clock = ManualClock()
    async with two_nodes(place, tmp_path, clock) as (one, _):
        await outcomes(*(guess(one, f"203.0.113.{number}") for number in range(20)))
    async with open_core(config(place, tmp_path), clock=clock) as again:
        assert await outcomes(guess(again.core, "203.0.113.99")) == Counter({"TooOften": 1})
        rows = await again.store.view.limits._sql.fetch("SELECT digest FROM shared_limits")
        assert len(rows) > 10
        assert not any("alena" in digest or "203.0" in digest for (digest,) in rows)
        clock.move(24 * 3600)
        await again.core.auth.forget_old()
        assert not await again.store.view.limits._sql.fetch("SELECT digest FROM shared_limits")
        assert not await again.store.view.sign_ins._sql.fetch("SELECT digest FROM sign_in_failures")


async def test_while_nothing_can_be_counted_nothing_is_looked_at(place: Place, tmp_path: Path) -> None:
    faults = Faults()
    async with open_core(
        config(place, tmp_path), clock=ManualClock(), wrap=lambda database: FaultyDatabase(database, faults)
    ) as parts:
        await parts.core.accounts.add(Application("Alena", PASSWORD))
        with faults.failing("shared_limits"):
            for password in (WRONG, PASSWORD):
                with pytest.raises(StoreUnavailable):
                    await guess(parts.core, STRANGE, password, "")
        await guess(parts.core, STRANGE, PASSWORD)


async def test_right_passwords_cost_nothing_though_the_database_fails(place: Place, tmp_path: Path) -> None:
    faults = Faults()
    async with open_core(
        config(place, tmp_path), clock=ManualClock(), wrap=lambda database: FaultyDatabase(database, faults)
    ) as parts:
        await parts.core.accounts.add(Application("Alena", PASSWORD))
        with faults.at_random("right passwords", 0.1):
            found = await outcomes(*(guess(parts.core, STRANGE, PASSWORD) for _ in range(100)))
        assert found.keys() <= {"", "StoreUnavailable", "OutcomeUnknown"}, found
        assert faults.happened > 20


async def test_guesses_that_come_at_once_on_both_nodes(place: Place, tmp_path: Path) -> None:
    async with two_nodes(place, tmp_path, ManualClock()) as nodes:
        by_turns = itertools.cycle(nodes)
        found = await asyncio.gather(
            *(guess(next(by_turns), f"203.0.113.{number}") for number in range(60)), return_exceptions=True
        )
        assert sum(isinstance(each, WrongCredentials) for each in found) == LIMITS["sign_in_account"].burst
