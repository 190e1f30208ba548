"""The journal: what a unit recorded is read once, in order, by every other node, and never skipped."""

import asyncio
from datetime import datetime, timedelta

import pytest

from beseda.adapters.sql.engine import SqlStore
from beseda.adapters.sql.journal import KINDS, as_row
from beseda.core.ports import Unit
from beseda.domain.events import (
    AccountChanged,
    DomainAdded,
    EntryPosted,
    Event,
    IgnoreChanged,
    LineAdded,
    Missed,
    RoomChanged,
    SessionEnded,
    Updated,
)
from beseda.domain.ids import AccountId, DomainId, EntryId, RoomId, SessionId
from beseda.domain.messages import Kind
from contract.made import AT, add_member, add_room, after, do
from contract.places import Place
from contract.test_two_stores import two_stores

NOBODY = "somebody else"
EVENTS: list[Event] = [
    SessionEnded(AT, AccountId(1), SessionId(2)),
    IgnoreChanged(AT, AccountId(3)),
    RoomChanged(after(1), RoomId(4)),
    DomainAdded(AT, DomainId(5)),
    EntryPosted(AT, EntryId(6)),
    Updated(AT, AccountId(7)),
]


async def record(store: SqlStore, *events: Event) -> None:
    async with store.unit() as unit:
        for event in events:
            unit.record(event)


async def read(store: SqlStore, cursor: int = 0, node: str = NOBODY) -> list[Event]:
    return (await store.view.journal.list_after(cursor, node, 100)).events


async def test_events_are_read_as_they_were_recorded(store: SqlStore) -> None:
    await record(store, *EVENTS)
    assert await read(store) == EVENTS
    assert await read(store, node=store.node) == []


async def test_of_lines_only_what_changes_more_than_the_room_and_as_they_are(store: SqlStore) -> None:
    room, alena = await add_room(store, "Praha"), await add_member(store)
    async with store.unit() as unit:
        lines = [
            await unit.messages.append(room.id, kind, AT, actor=alena, text="o'hara \\ {} $1")
            for kind in (Kind.ENTERED, Kind.TEXT, Kind.KICKED)
        ]
        for line in lines:
            unit.record(LineAdded(AT, line))
    assert await read(store) == [LineAdded(AT, lines[0]), LineAdded(AT, lines[2])]


async def test_what_was_taken_back_is_in_no_journal(store: SqlStore) -> None:
    async def refuse(unit: Unit) -> None:
        unit.record(EVENTS[0])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await do(store, refuse)
    await record(store, EVENTS[1])
    assert await read(store) == [EVENTS[1]]


async def test_nothing_is_skipped_or_read_twice_while_both_write(place: Place) -> None:
    async with two_stores(place) as stores:
        done = False

        async def follow(mine: SqlStore) -> list[Event]:
            heard, cursor, last = list[Event](), 0, False
            while not last:
                last = done
                page = await mine.view.journal.list_after(cursor, mine.node, 7)
                heard, cursor, last = heard + page.events, page.cursor, last and not page.full
                await asyncio.sleep(0)
            return heard

        async def write(store: SqlStore, number: int) -> None:
            await record(store, AccountChanged(AT, AccountId(number)))

        following = [asyncio.ensure_future(follow(store)) for store in stores]
        for start in range(0, 120, 12):
            await asyncio.gather(*(write(stores[number % 2], number) for number in range(start, start + 12)))
        done = True
        for parity, heard in zip((1, 0), await asyncio.gather(*following), strict=True):
            numbers = [event.account_id for event in heard if isinstance(event, AccountChanged)]
            assert sorted(numbers) == list(range(parity, 120, 2))


async def test_it_is_forgotten_but_for_the_newest_and_who_was_behind_is_told_so(store: SqlStore) -> None:
    times = [AT + timedelta(minutes=minute) for minute in range(5)]
    for at in times:
        await record(store, AccountChanged(at, AccountId(1)))
    oldest, newest = await store.view.journal.span()
    first = (await store.view.journal.list_after(0, NOBODY, 1)).cursor
    assert first == oldest

    async def forget(before: datetime) -> int:
        return await do(store, lambda unit: unit.journal.forget(before, 100))

    assert await forget(times[2]) == 2
    assert [event.at for event in await read(store)] == times[2:]
    assert (await store.view.journal.list_after(first, NOBODY, 100)).gap
    assert await forget(times[4] + timedelta(days=1)) == 2
    assert await store.view.journal.span() == (newest, newest)
    assert not (await store.view.journal.list_after(newest, NOBODY, 100)).gap
    await record(store, EVENTS[0])
    page = await store.view.journal.list_after(newest, NOBODY, 100)
    assert (page.events, page.gap) == ([EVENTS[0]], False)


async def test_what_a_newer_schema_knows_is_passed_over(store: SqlStore, place: Place) -> None:
    await record(store, EVENTS[0])
    await place.run(
        "INSERT INTO journal (at_ms, node, kind, facts) VALUES (0, 'new', 'Invented', '{}')",
        "INSERT INTO journal (at_ms, node, kind, facts)"
        """ VALUES (0, 'new', 'IgnoreChanged', '{"account_id": 3, "more": 1}')""",
        "INSERT INTO journal (at_ms, node, kind, facts) VALUES (0, 'new', 'IgnoreChanged', '{}')",
    )
    heard = await read(store)
    assert [type(event) for event in heard] == [SessionEnded, IgnoreChanged]


def test_every_event_can_be_told_to_other_nodes() -> None:
    """But for what is one node's own."""
    for kind in KINDS.values():
        if kind is LineAdded or kind.__subclasses__():
            continue
        fields = {name: 1 for name in kind.__dataclass_fields__ if name != "at"}
        assert (as_row(kind(at=AT, **fields)) is None) == (kind is Missed)


async def test_a_lease_is_taken_by_who_saw_it_as_it_is(store: SqlStore) -> None:
    async def take(node: str, seen: tuple[str, int]) -> bool:
        return await do(store, lambda unit: unit.leases.take("sweeping", node, seen))

    assert await store.view.leases.find("sweeping") == ("", 0)
    assert [await take(node, ("", 0)) for node in "ab"] == [True, False]
    held = await store.view.leases.find("sweeping")
    assert held == ("a", 1)
    assert [await take(node, held) for node in "ab"] == [True, False]
    await do(store, lambda unit: unit.leases.give_up("sweeping", "b"))
    assert await store.view.leases.find("sweeping") == ("a", 2)
    await do(store, lambda unit: unit.leases.give_up("sweeping", "a"))
    assert await take("b", ("", 2))
