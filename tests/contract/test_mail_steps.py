"""Whole lists of letters: marked and erased in steps, others write in between, and what was broken off goes on."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from beseda.adapters.sql.engine import SqlStore
from beseda.core.caller import Caller
from beseda.core.mail_steps import STEP
from beseda.domain.ids import LetterId
from beseda.domain.mail import Contact
from contract.places import Place
from contract.test_badge import FREE
from contract.test_schema import address
from unit.core.world import World

LETTERS = 2 * STEP + 3

WRITTEN = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) INSERT INTO"
    " letters (sender_id, receiver_id, text, at_ms) SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT), 'x', i FROM n"
)
COPIED = (
    "INSERT INTO mail_copies (owner_id, contact_id, letter_id, received)"
    " SELECT c.owner_id, c.id, l.id, CASE WHEN l.receiver_id = c.owner_id THEN 1 ELSE 0 END FROM letters l"
    " JOIN mail_contacts c ON (c.owner_id = l.receiver_id AND c.other_id = l.sender_id)"
    " OR (c.owner_id = l.sender_id AND c.other_id = l.receiver_id)"
    " WHERE NOT EXISTS (SELECT 1 FROM mail_copies m WHERE m.letter_id = l.id AND m.owner_id = c.owner_id)"
)


class Heap:
    """Alena has many letters from Brana, and some from Cyril."""

    def __init__(self, world: World) -> None:
        self.world, self.core, self.store = world, world.core, world.parts.store
        self.alena: Caller
        self.brana: Caller

    async def pile(self) -> None:
        callers = [
            (await self.world.signed_in(await self.world.known(nick)))[0] for nick in ("Alena", "Brana", "Cyril")
        ]
        self.alena, self.brana, cyril = callers
        for sender in (self.brana, cyril):
            await self.core.mail.send(sender, _id(self.alena), "první")
        async with self.store.unit() as unit:
            sql: Any = unit.mail
            await sql._sql.execute(WRITTEN.format(LETTERS - 1), _id(self.brana), _id(self.alena))
            await sql._sql.execute(COPIED)
            for owner, other in ((self.alena, self.brana), (self.brana, self.alena)):
                contact = await unit.mail.find_contact(_id(owner), _id(other))
                assert contact is not None
                await unit.mail.set_thrown(_id(owner), contact.id, None, thrown=False)  # counts them

    async def contact(self) -> Contact:
        found = await self.core.mail.find_contact(self.alena, _id(self.brana))
        assert found is not None
        return found

    async def unread(self) -> int:
        """By the letters themselves; the counters agree with them."""
        letters: list[Any] = []
        contact, before = await self.contact(), LetterId(2**62)
        mail = self.store.view.mail
        while page := await mail.list_letters(_id(self.alena), contact.id, before=before, limit=500):
            letters, before = letters + page, page[-1].id
        unread: int = sum(letter.received and letter.read_at is None for letter in letters)
        assert (contact.unread, contact.received + contact.sent) == (unread, len(letters))
        assert await mail.count_unread(_id(self.alena)) == unread + (await self._cyrils()).unread
        return unread

    async def _cyrils(self) -> Contact:
        return next(each for each in await self.core.mail.list_contacts(self.alena) if each.other.nick == "Cyril")


def _id(caller: Caller) -> Any:
    return caller.signed_in()[0].id


@pytest.fixture
def heap(place: Place, runner: asyncio.Runner) -> Iterator[Heap]:
    with World(FREE | {"server.database": address(place)}, runner=runner) as world:
        heap = Heap(world)
        runner.run(heap.pile())
        yield heap


class Broken(Exception):
    """The process ends here."""


def break_after(store: SqlStore, steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Further deeds of the store fail before they begin."""
    begin, left = store.unit, iter(range(steps))

    def unit() -> Any:
        if next(left, None) is None:
            raise Broken
        return begin()

    monkeypatch.setattr(store, "unit", unit)


async def test_reading_a_heap_goes_on_where_it_was_broken_off(heap: Heap, monkeypatch: pytest.MonkeyPatch) -> None:
    contact = await heap.contact()
    assert await heap.unread() == LETTERS
    with monkeypatch.context() as broken:
        break_after(heap.store, 1, broken)
        with pytest.raises(Broken):
            await heap.core.mail.mark_read(heap.alena, [contact.id])
    assert await heap.unread() == LETTERS - STEP
    await heap.core.mail.mark_all_read(heap.alena)
    assert await heap.unread() == 0
    theirs = await heap.store.view.mail.find_contact(_id(heap.brana), _id(heap.alena))
    assert theirs is not None
    mine = await heap.store.view.mail.list_letters(_id(heap.brana), theirs.id, before=LetterId(2**62), limit=9999)
    assert len(mine) == LETTERS
    assert all(letter.read_at for letter in mine)


async def test_another_writes_between_the_steps(heap: Heap) -> None:
    """A letter that comes while the old ones are erased stays, with its counters."""
    contact = await heap.contact()
    erasing = asyncio.create_task(heap.core.mailbox.erase_contacts(heap.alena, [contact.id]))
    while (await heap.contact()).received == LETTERS:  # noqa: ASYNC110 - a read each time
        await asyncio.sleep(0)
    left = (await heap.contact()).received
    late, _ = await heap.core.mail.send(heap.brana, _id(heap.alena), "poslední")
    assert await erasing == [contact.id]
    assert left in (LETTERS - STEP, LETTERS - 2 * STEP, 0)  # nothing else is ever seen
    after = await heap.contact()
    assert (after.received, after.unread, after.last_letter_id, after.last_received_id) == (1, 1, late.id, late.id)
    assert await heap.unread() == 1
    theirs = await heap.store.view.mail.find_contact(_id(heap.brana), _id(heap.alena))
    assert theirs is not None
    assert theirs.sent == LETTERS + 1


async def test_throwing_a_heap_away_and_clearing_it(heap: Heap, monkeypatch: pytest.MonkeyPatch) -> None:
    contact = await heap.contact()
    with monkeypatch.context() as broken:
        break_after(heap.store, 1, broken)
        with pytest.raises(Broken):
            await heap.core.mailbox.set_contacts_thrown(heap.alena, [contact.id], True)
    assert await heap.unread() == LETTERS - STEP
    assert (await heap.contact()).thrown == STEP
    await heap.core.mailbox.set_contacts_thrown(heap.alena, [contact.id], True)
    assert ((await heap.contact()).thrown, await heap.unread()) == (LETTERS, 0)
    with monkeypatch.context() as broken:
        break_after(heap.store, 2, broken)
        with pytest.raises(Broken):
            await heap.core.mailbox.clear_garbage(heap.alena)
    assert (await heap.contact()).thrown == LETTERS - 2 * STEP
    await heap.core.mailbox.clear_garbage(heap.alena)
    assert ((await heap.contact()).thrown, await heap.unread()) == (0, 0)
