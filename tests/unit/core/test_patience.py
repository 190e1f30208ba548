"""How long a call waits for the database, all in all."""

import asyncio
from collections.abc import Iterator
from contextvars import Context

import pytest

from awake import awake_s
from beseda.core.patience import PATIENCE_S, be_patient, lost, note_change, patience, patiently
from beseda.domain.errors import OutcomeUnknown, StoreUnavailable


@pytest.fixture(autouse=True)
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


async def test_a_call_has_so_much_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 100.0
    monkeypatch.setattr("beseda.core.patience.monotonic", lambda: now_s)
    be_patient()
    for waited_s, left_s in ((2.0, PATIENCE_S), (2.0, PATIENCE_S - 2), (9.0, PATIENCE_S - 4), (0.0, 0.0)):
        with patience() as left:
            assert left == pytest.approx(left_s)
            now_s += waited_s
    now_s += 3.0  # spent on something else
    with patience() as left:
        assert left == pytest.approx(3.0)
    now_s += 60.0
    with patience() as left:
        assert left == pytest.approx(PATIENCE_S)


async def test_what_is_done_for_no_call_has_patience_for_each_thing(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 100.0
    monkeypatch.setattr("beseda.core.patience.monotonic", lambda: now_s)

    async def work() -> None:
        nonlocal now_s
        for _ in range(3):
            with patience() as left:
                assert left == PATIENCE_S
                now_s += 4.0

    await asyncio.get_running_loop().create_task(work(), context=Context())


async def test_a_lock_whose_holder_waits() -> None:
    lock = asyncio.Lock()

    async def wait() -> float:
        be_patient(0.05)
        began = awake_s()
        with pytest.raises(StoreUnavailable):
            async with patiently(lock):
                pass
        return awake_s() - began

    async with lock:
        waited = await asyncio.gather(*(wait() for _ in range(50)))
    assert max(waited) < 2
    async with patiently(lock):
        assert lock.locked()
    assert not lock.locked()


async def test_who_has_changed_something_is_not_told_that_nothing_was_done() -> None:
    be_patient()
    assert isinstance(lost(StoreUnavailable()), StoreUnavailable)
    note_change()
    assert isinstance(lost(StoreUnavailable()), OutcomeUnknown)
    be_patient()
    assert isinstance(lost(StoreUnavailable()), StoreUnavailable)
