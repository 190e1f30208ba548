"""Refusals are kept, for a week and not without bound, on both engines."""

from dataclasses import replace

import pytest

from beseda.adapters.secrets import SystemEntropy
from beseda.adapters.sql.engine import SqlStore
from beseda.core.refusals import AT_ONCE, AT_ONCE_PER_ADDRESS, Refusals
from beseda.domain.errors import CaptchaNeeded, RoomLocked, SecondFactorNeeded, TooOften
from beseda.domain.refusals import KEPT, Refusal, facts_of
from beseda.testing.clock import ManualClock
from contract.made import AT, STRANGE, after, do
from contract.places import Place, Places
from contract.test_migrations import older

ONE = Refusal("0a0b0c0d-00000001", AT, "chatcz", "login", "403", "192.0.2.1", "too_often", {"retry_after_s": 1.5})


def several(count: int) -> list[Refusal]:
    return [replace(ONE, request_id=f"0a0b0c0d-{number:08x}", at=after(number)) for number in range(count)]


async def test_they_come_back_whole_and_the_oldest_go_first(store: SqlStore) -> None:
    strange = replace(ONE, request_id="x", method=STRANGE, facts={"reason": STRANGE, "password_opens": True})
    await do(store, lambda unit: unit.refusals.add([ONE, strange, ONE]))
    assert [await store.view.refusals.find(each) for each in (ONE.request_id, "x", "y")] == [ONE, strange, None]
    await do(store, lambda unit: unit.refusals.add(several(12)[2:]))
    assert await do(store, lambda unit: unit.refusals.forget(after(1), 100, 1)) == 1
    assert await do(store, lambda unit: unit.refusals.forget(after(4), 100, 100)) == 3
    assert await do(store, lambda unit: unit.refusals.forget(after(4), 5, 100)) == 3
    kept = [each.at for each in several(12) if await store.view.refusals.find(each.request_id)]
    assert kept == [after(number) for number in range(7, 12)]
    assert await do(store, lambda unit: unit.refusals.forget(after(4), 5, 100)) == 0


async def test_a_flood_pushes_nobody_out_and_all_of_a_week_ago_is_forgotten(store: SqlStore) -> None:
    clock = ManualClock()
    refusals = Refusals(store, clock, SystemEntropy())
    for number in range(3 * AT_ONCE):
        refusals.note(
            f"0a0b0c0d-{number:08x}", "web", "look", "403", "198.51.100.1", TooOften(limit="x", retry_after_s=1)
        )
    refusals.note("0a0b0c0d-ffffffff", "web", "look", "crashed", "192.0.2.9", None)
    assert refusals.left_out == 3 * AT_ONCE - AT_ONCE_PER_ADDRESS
    found = await refusals.find(" 0A0B0C0D-FFFFFFFF ")
    assert found is not None
    assert (found.outcome, found.error, found.facts) == ("crashed", "", {})
    assert await refusals.find("0a0b0c0d-00000031") is not None
    for wrong in ("", "0a0b0c0d", "0a0b0c0d-00000032", "'; --", "0a0b0c0d-00000031\0"):
        assert await refusals.find(wrong) is None
    for number in range(2 * AT_ONCE):
        refusals.note(f"0a0b0c0e-{number:08x}", "web", "look", "403", f"address {number}", None)
    assert refusals.left_out == 4 * AT_ONCE - AT_ONCE_PER_ADDRESS
    clock.move(KEPT.total_seconds() + 1)
    await refusals.forget_old()
    assert await refusals.find("0a0b0c0d-ffffffff") is None


def test_no_secret_is_among_the_facts() -> None:
    assert facts_of(SecondFactorNeeded(ticket="secret")) == facts_of(CaptchaNeeded(challenge="1234")) == {}
    assert facts_of(RoomLocked(lock="ALL", password_opens=True)) == {"lock": "ALL", "password_opens": True}
    assert facts_of(None) == {}


async def test_a_database_of_before_keeps_them_too(
    places: Places, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place: Place = await places.empty(engine)
    with older(monkeypatch, "0028"):
        assert await place.migrate()
    assert await place.migrate()
    store = SqlStore(await place.open(), lambda events: None)
    await do(store, lambda unit: unit.refusals.add([ONE]))
    assert await store.view.refusals.find(ONE.request_id) == ONE
    await store.close()
