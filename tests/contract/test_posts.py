"""Plain texts: as many as come together are written together, and stand exactly as if each had been a deed."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from itertools import pairwise

from beseda.adapters.sql.engine import SqlStore
from beseda.core.ports.talk import PlainText
from beseda.domain.accounts import Account
from beseda.domain.events import Event, LineAdded
from beseda.domain.ids import RoomId
from beseda.domain.messages import Kind, Line
from beseda.domain.moderation import Mark
from contract.made import AT, STRANGE, add_member, add_room, add_session, after, do
from contract.places import Place

NOW = after(60)


class Talk:
    """A room whose members have all written at `AT`."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.room_id = RoomId(0)
        self.members: list[Account] = []

    async def begin(self, *nicks: str, name: str = "Praha") -> "Talk":
        self.room_id = (await add_room(self.store, name)).id
        for nick in nicks:
            await self.join(await add_member(self.store, nick))
        return self

    async def join(self, account: Account) -> None:
        session = await add_session(self.store, account)
        await do(self.store, lambda unit: unit.rooms.enter(self.room_id, account.id, session.id, 0, AT))
        await do(self.store, lambda unit: unit.messages.note_written(self.room_id, account.id, AT))
        self.members.append(account)

    def text(self, who: int = 0, text: str = "ahoj", key: str | None = None, at: datetime = NOW) -> PlainText:
        return PlainText(self.room_id, self.members[who], text, key, at)

    async def say(self, who: int = 0, text: str = "ahoj", key: str | None = None) -> Line | None:
        return await self.store.append_text(self.text(who, text, key))


async def test_those_of_one_turn_stand_in_the_order_of_asking(store: SqlStore, events: list[Event]) -> None:
    talk = await Talk(store).begin("Alena", "Brana")
    other = await Talk(store).begin(name="Brno")
    await other.join(talk.members[0])
    events.clear()
    commits = store.commits
    lines = await asyncio.gather(*((talk if n % 3 else other).say(n % 2 if n % 3 else 0, str(n)) for n in range(30)))
    assert store.commits == commits + 1
    found = [line for line in lines if line is not None]
    assert len(found) == 30
    assert events == [LineAdded(line.at, line) for line in found]
    for room_id in (talk.room_id, other.room_id):
        mine = [line for line in found if line.room_id == room_id]
        assert [line.seq for line in mine] == list(range(1, len(mine) + 1))
        assert mine[0].at == NOW
        assert all((later.at - earlier.at).total_seconds() == 0.002 for earlier, later in pairwise(mine))
        assert (await store.view.messages.list_after(room_id, 0, 100))[0] == mine
    assert (await talk.say(text=STRANGE)) == Line(
        talk.room_id, 21, after(60.04), Kind.TEXT, talk.members[0], None, STRANGE, 0
    )


async def test_one_that_is_not_plain_is_not_written(store: SqlStore, events: list[Event]) -> None:
    talk = await Talk(store).begin("Alena", "Silenced", "Muted", "Freed", "Asleep", "Gone")
    session = await add_session(store, await add_member(store, "New"))
    new = (await store.view.accounts.find_by_nick("new")) or talk.members[0]
    await do(store, lambda unit: unit.rooms.enter(talk.room_id, new.id, session.id, 0, AT))
    talk.members.append(new)
    changes: list[Callable[..., Awaitable[object]]] = [
        lambda unit: unit.moderation.mark(talk.room_id, talk.members[1].id, Mark.SILENT, after(61)),
        lambda unit: unit.moderation.mark(talk.room_id, talk.members[2].id, Mark.MUTED, after(61)),
        lambda unit: unit.moderation.mark(talk.room_id, talk.members[3].id, Mark.SILENT, after(59)),
        lambda unit: unit.messages.note_written(talk.room_id, talk.members[4].id, after(-61)),
        lambda unit: unit.rooms.leave(talk.room_id, talk.members[5].id),
    ]
    for change in changes:
        await do(store, change)
    events.clear()
    lines = await asyncio.gather(*(talk.say(who) for who in range(7)))
    assert [line.seq if line else None for line in lines] == [1, None, None, 2, None, None, None]
    assert len(events) == 2
    assert await store.view.messages.head(talk.room_id) == 2


async def test_nowhere_and_nobody(store: SqlStore) -> None:
    talk = await Talk(store).begin("Alena")
    talk.room_id = RoomId(2**40)
    assert await talk.say() is None


async def test_a_key_is_used_once(store: SqlStore) -> None:
    talk = await Talk(store).begin("Alena", "Brana")
    keys = ["a", "a", "b", None, None, "a", STRANGE]
    lines = await asyncio.gather(*(talk.say(key=key) for key in keys))
    assert [line is not None for line in lines] == [True, False, True, True, True, False, True]
    assert lines[0] == await store.view.messages.find_by_key(talk.members[0].id, "a")
    assert await talk.say(key="a") is None
    assert await talk.say(1, key="a") is not None


async def test_the_time_of_writing_is_kept(store: SqlStore) -> None:
    talk = await Talk(store).begin("Alena")
    for at, kept in ((NOW, NOW), (after(60.999), NOW), (after(61), after(61))):
        await store.append_text(talk.text(at=at))
        writer = await store.view.messages.find_writer(talk.room_id, talk.members[0].id)
        assert writer is not None
        assert writer.written_at == kept


async def test_beside_deeds_and_other_nodes_no_gap_and_nothing_twice(place: Place) -> None:
    told: list[list[Event]] = [[], []]
    stores = [SqlStore(await place.open(), seen.extend) for seen in told]
    talk = await Talk(stores[0]).begin("Alena", "Brana")

    async def write(store: SqlStore, who: int) -> int:
        done = 0
        for number in range(40):
            if number % 8 == 7:
                async with store.unit() as unit:
                    await unit.messages.append(talk.room_id, Kind.TEXT, NOW, actor=talk.members[who])
                done += 1
            else:
                done += await store.append_text(talk.text(who, key=f"{number // 2}")) is not None
        return done

    done = await asyncio.gather(*(write(store, who) for store in stores for who in (0, 1)))
    lines, _ = await stores[0].view.messages.list_after(talk.room_id, 0, 500)
    assert [line.seq for line in lines] == list(range(1, sum(done) + 1))
    assert all(later.at > earlier.at for earlier, later in pairwise(lines))
    assert sum(done) == 4 * 5 + 2 * len({number // 2 for number in range(40) if number % 8 != 7})
    assert sorted(e.line.seq for events in told for e in events if isinstance(e, LineAdded)) == sorted(
        line.seq for line in lines if line.text
    )
    for store in stores:
        await store.close()


async def test_who_is_cancelled_disturbs_nobody(store: SqlStore) -> None:
    talk = await Talk(store).begin("Alena")
    for turns in range(6):
        tasks = [asyncio.create_task(talk.say(text=str(number))) for number in range(5)]
        for _ in range(turns):
            await asyncio.sleep(0)
        tasks[2].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(result) for result in results[:2] + results[3:]] == [Line] * 4
    lines, _ = await store.view.messages.list_after(talk.room_id, 0, 100)
    assert [line.seq for line in lines] == list(range(1, len(lines) + 1))


async def test_closing_writes_what_was_asked_for(place: Place) -> None:
    store = SqlStore(await place.open(), lambda events: None)
    talk = await Talk(store).begin("Alena")
    saying = [asyncio.create_task(talk.say()) for _ in range(3)]
    await asyncio.sleep(0)
    await store.close()
    assert all(line is not None for line in await asyncio.gather(*saying))
