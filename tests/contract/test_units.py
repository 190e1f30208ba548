"""Units: one after another, all or nothing, durable when left, told once."""

import asyncio
from collections.abc import Sequence

import pytest

from beseda.adapters.sql.engine import SqlStore
from beseda.adapters.sql.schema import migrate_sqlite
from beseda.adapters.sql.sqlite import MEMORY, SqliteDatabase
from beseda.core.ports import Unit
from beseda.core.rehearsal import rehearsal
from beseda.domain.errors import BesedaError, StoreUnavailable
from beseda.domain.events import Event
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.ledger import Balance, Pocket, credit
from contract.made import AT, Refusal, add_visitor, after, do, event, insert, there, visitor
from contract.places import Place

WHO = AccountId(1)


async def turns(count: int) -> None:
    """Let the event loop go round so many times."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_nobody_else_sees_what_is_not_committed(store: SqlStore) -> None:
    async with store.unit() as unit:
        account = await unit.accounts.add(visitor("Host"), AT)
        assert await unit.accounts.find(account.id) == account
        assert await store.view.accounts.find(account.id) is None
    assert await store.view.accounts.find(account.id) == account


async def test_a_refused_unit_leaves_nothing(store: SqlStore, events: list[Event]) -> None:
    with pytest.raises(Refusal):
        await insert(store, "1", then=Refusal())
    assert events == []
    assert await there(store, ["1"]) == []


async def test_what_is_only_tried_leaves_nothing(store: SqlStore, events: list[Event]) -> None:
    later = asyncio.Event()

    async def after_it() -> None:
        await later.wait()
        await insert(store, "3")

    with rehearsal():
        await insert(store, "1")
        begun_in_it = asyncio.create_task(after_it())
        with pytest.raises(Refusal):
            await insert(store, "2", then=Refusal())
    assert (events, await there(store, ["1", "2"])) == ([], [])
    later.set()
    await begun_in_it
    async with asyncio.TaskGroup() as group:
        for name in ("1", "4"):
            group.create_task(insert(store, name))
        with rehearsal():
            await insert(store, "5")
    assert await there(store, ["1", "2", "3", "4", "5"]) == ["1", "3", "4"]


async def test_the_others_of_the_batch_are_kept(store: SqlStore, events: list[Event]) -> None:
    names = [str(number) for number in range(6)]
    refused = {"1", "2", "5"}
    results = await asyncio.gather(
        *(insert(store, name, then=Refusal() if name in refused else None) for name in names), return_exceptions=True
    )
    assert [isinstance(result, Refusal) for result in results] == [name in refused for name in names]
    assert store.commits == 1
    assert store.units == 3
    assert events == [event(name) for name in ("0", "3", "4")]
    assert await there(store, names) == ["0", "3", "4"]


async def test_events_are_told_after_the_commit_in_their_order(place: Place) -> None:
    told: list[tuple[list[Event], int]] = []
    database = await place.open()
    store = SqlStore(database, lambda events: told.append((list(events), store.commits)))
    async with store.unit() as unit:
        unit.record(event("1"))
        unit.record(event("2"))
        assert told == []
    assert told == [([event("1"), event("2")], 1)]
    await asyncio.gather(*(insert(store, str(number)) for number in range(3, 9)))
    assert [each for events, _ in told[1:] for each in events] == [event(str(number)) for number in range(3, 9)]
    await store.close()


async def test_a_subscriber_that_raises_harms_no_unit(place: Place) -> None:
    def publish(_: Sequence[Event]) -> None:
        raise Refusal

    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    store = SqlStore(await place.open(), publish)
    await insert(store, "1")
    await insert(store, "2")
    assert await there(store, ["1", "2"]) == ["1", "2"]
    await store.close()


async def test_two_hundred_at_once_run_one_after_another(store: SqlStore) -> None:
    async def add_to_balance(number: int) -> int:
        async with store.unit() as unit:
            before = await unit.ledger.balance(WHO)
            await unit.ledger.post(credit(WHO, Pocket.REAL, before.real_minor + 1), "", AT, key=str(number))
            return before.real_minor

    counts = range(10)
    assert await asyncio.gather(*map(add_to_balance, counts)) == [2**number - 1 for number in counts]
    names = [str(number) for number in range(200)]
    await asyncio.gather(*(insert(store, name) for name in names))
    assert store.commits <= 4
    assert await there(store, names) == names
    assert await store.view.ledger.balance(WHO) == Balance(2**10 - 1, 0)


async def test_a_batch_has_an_end(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SqlStore, "BATCH_MAX", 4)
    batches: list[int] = []
    store = SqlStore(await place.open(), lambda events: batches.append(len(events)))
    await asyncio.gather(*(insert(store, str(number)) for number in range(10)))
    assert batches == [4, 4, 2]
    await store.close()


async def test_who_waits_and_is_cancelled_is_passed_over(store: SqlStore) -> None:
    async with store.unit():
        waiting = [asyncio.create_task(insert(store, str(number))) for number in range(3)]
        await turns(1)
        waiting[1].cancel()
    await asyncio.gather(waiting[0], waiting[2])
    assert waiting[1].cancelled()
    assert await there(store, ["0", "1", "2"]) == ["0", "2"]


async def test_who_is_cancelled_at_his_turn_holds_up_nobody(store: SqlStore) -> None:
    async with asyncio.timeout(30):
        async with store.unit() as unit:
            await unit.accounts.add_invite("0", 1, AT)
            waiting = asyncio.create_task(insert(store, "1"))
            await turns(1)
            asyncio.get_running_loop().call_soon(waiting.cancel)
    assert await there(store, ["0", "1"]) == ["0"]
    assert waiting.cancelled()


async def test_who_is_cancelled_inside_has_done_nothing(store: SqlStore, events: list[Event]) -> None:
    async def insert_and_stay() -> None:
        async with store.unit() as unit:
            await unit.accounts.add_invite("0", 1, AT)
            unit.record(event("0"))
            inside.set()
            await asyncio.Event().wait()

    inside = asyncio.Event()
    running = asyncio.create_task(insert_and_stay())
    await inside.wait()
    next_in_turn = asyncio.create_task(insert(store, "1"))
    await turns(1)
    running.cancel()
    await next_in_turn
    assert events == [event("1")]
    assert await there(store, ["0", "1"]) == ["1"]


async def test_who_is_cancelled_again_and_again_has_done_nothing(store: SqlStore) -> None:
    async def insert_and_go_on() -> None:
        async with store.unit() as unit:
            await unit.accounts.add_invite("0", 1, AT)
            inside.set()
            while True:
                await unit.accounts.use_invite("unknown")
                await asyncio.sleep(0)

    inside = asyncio.Event()
    running = asyncio.create_task(insert_and_go_on())
    await inside.wait()
    await turns(2)
    for _ in range(3):
        running.cancel()
        await turns(2)
    await asyncio.gather(insert(store, "1"), insert(store, "2"))
    assert running.cancelled()
    assert await there(store, ["0", "1", "2"]) == ["1", "2"]


async def test_who_is_cancelled_after_leaving_has_done_it(store: SqlStore, events: list[Event]) -> None:
    async def insert_then_cancel() -> None:
        async with store.unit() as unit:
            await unit.accounts.add_invite("0", 1, AT)
            unit.record(event("0"))
            asyncio.get_running_loop().call_soon(task.cancel)

    task = asyncio.create_task(insert_then_cancel())
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await there(store, ["0"]) == ["0"]
    assert events == [event("0")]


@pytest.mark.parametrize("steps", range(0, 60, 3))
async def test_cancelled_at_any_moment_it_is_all_or_nothing(store: SqlStore, steps: int) -> None:
    async def insert_both() -> None:
        async with store.unit() as unit:
            await unit.accounts.add_invite("left", 1, AT)
            await unit.accounts.add_invite("right", 1, AT)

    others = [asyncio.create_task(insert(store, str(number))) for number in range(3)]
    cancelled = asyncio.create_task(insert_both())
    others += [asyncio.create_task(insert(store, str(number))) for number in range(3, 6)]
    await turns(steps)
    cancelled.cancel()
    await asyncio.gather(*others)
    await asyncio.wait([cancelled])
    pair = await there(store, ["left", "right"])
    assert pair in ([], ["left", "right"])
    assert pair or cancelled.cancelled()
    assert await there(store, list("012345")) == list("012345")


async def test_closing_waits_for_who_is_in(place: Place, events: list[Event]) -> None:
    store = SqlStore(await place.open(), events.extend)
    async with store.unit() as unit:
        await unit.accounts.add_invite("0", 1, AT)
        waiting = [asyncio.create_task(insert(store, str(number))) for number in range(1, 4)]
        await turns(1)
        closing = asyncio.create_task(store.close())
        await turns(1)
        with pytest.raises(StoreUnavailable):
            await insert(store, "4")
    await asyncio.gather(*waiting, closing)
    await store.close()
    assert events == [event(name) for name in ("1", "2", "3")]
    again = SqlStore(await place.open(), events.extend)
    assert await there(again, list("01234")) == list("0123")
    await again.close()


async def test_a_statement_that_is_wrong_is_told_as_it_is(store: SqlStore) -> None:
    async def mark_no_room(unit: Unit) -> None:
        await unit.accounts.touch(account.id, after(1))
        await unit.accounts.set_favourite(account.id, RoomId(99), True)

    account = await add_visitor(store)
    with pytest.raises(Exception, match=r"(?i)foreign key") as wrong:
        await do(store, mark_no_room)
    assert not isinstance(wrong.value, BesedaError)
    assert await store.view.accounts.find(account.id) == account
    await insert(store, "1")
    assert await there(store, ["1"]) == ["1"]


async def test_memory_is_a_place_too() -> None:
    database = SqliteDatabase(MEMORY)
    migrate_sqlite(database.raw)
    store = SqlStore(database, lambda events: None)
    account = await add_visitor(store)
    with pytest.raises(Refusal):
        await insert(store, "1", then=Refusal())
    await asyncio.gather(*(insert(store, str(number)) for number in range(2, 9)))
    assert await there(store, [str(number) for number in range(9)]) == [str(number) for number in range(2, 9)]
    assert await store.view.accounts.find(account.id) == account
    await store.close()
