"""Searching: only what the reader may read, in whatever case; what was deleted is gone."""

import asyncio
from datetime import timedelta

import pytest

from beseda.core.caller import Caller
from beseda.core.search import AT_ONCE, BEATEN_S, SearchIndex
from beseda.domain.errors import MessageEmpty, NotInRoom, RegisteredOnly
from beseda.domain.events import LineAdded
from beseda.domain.ids import RoomId
from unit.core.world import World, account_id


@pytest.fixture
def settings() -> dict[str, object]:
    free = "100000000/0.001"
    return {"rooms.history_lines": 2, "server.limits": {"room_line": free, "search": free}}


async def say(world: World, caller: Caller, room_id: RoomId, *texts: str) -> None:
    for text in texts:
        await world.core.messages.post(caller, room_id, text)


async def found(world: World, caller: Caller, text: str, room_id: RoomId | None = None) -> list[str]:
    await world.core.search_index.settle()
    search = world.core.search
    page = await (search.in_room(caller, room_id, text) if room_id else search.everywhere(caller, text))
    return [line.text for line in page.lines]


async def test_a_member_finds_what_he_may_read(world: World) -> None:
    alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
    praha, brno = [await world.core.rooms.enter(alena, name) for name in ("Praha", "Brno")]
    await say(world, alena, praha, "Kůň jedna", "kun dva", "kůň tři", "nic")
    world.clock.move(1)
    await say(world, alena, brno, "KŮŇ čtyři")
    assert await found(world, alena, "kun") == ["KŮŇ čtyři", "kůň tři", "kun dva", "Kůň jedna"]
    assert await found(world, alena, "ku dv", praha) == []
    assert await found(world, alena, "dv", praha) == ["kun dva"]
    await world.core.rooms.enter(brana, "Praha")
    assert await found(world, brana, "kun") == ["kůň tři"]
    with pytest.raises(NotInRoom):
        await world.core.search.in_room(brana, brno, "kun")
    await world.core.rooms.leave(brana, praha)
    await say(world, alena, praha, "kůň pět")
    with pytest.raises(NotInRoom):
        await world.core.search.in_room(brana, praha, "kun")
    world.clock.move(timedelta(days=2).total_seconds())
    await say(world, alena, praha, "a", "b", "c")
    await world.core.rooms.enter(brana, "Praha")
    assert await found(world, brana, "kun") == ["kůň tři"]


async def test_whispers_and_the_ignored_are_found_only_by_whom_they_are_for(world: World) -> None:
    alena, brana, cyril = [await world.member_in(nick) for nick in ("Alena", "Brana", "Cyril")]
    for each in (alena, brana, cyril):
        room_id = await world.core.rooms.enter(each, "Praha")
    await world.core.messages.post(alena, room_id, "tajný klíč", to=account_id(brana))
    await say(world, cyril, room_id, "klíč od sklepa")
    await world.core.ignoring.set_ignored(alena, account_id(cyril), True)
    assert await found(world, alena, "klic") == ["tajný klíč"]
    assert await found(world, brana, "klic") == ["klíč od sklepa", "tajný klíč"]
    assert await found(world, cyril, "klic") == ["klíč od sklepa"]


@pytest.mark.parametrize("indexed", [True, False], ids=["indexed before", "not yet indexed"])
async def test_what_was_deleted_is_gone_from_the_index_too(world: World, indexed: bool) -> None:
    alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
    for each in (alena, brana):
        room_id = await world.core.rooms.enter(each, "Praha")
    await say(world, alena, room_id, "jedna kost")
    await say(world, brana, room_id, "dve kosti", "tri kosti")
    if indexed:
        assert len(await found(world, alena, "kost")) == 3
    await world.core.messages.delete(alena, room_id, 4)
    await world.core.moderation.delete_all_by(alena, room_id, account_id(brana))
    assert await found(world, alena, "kost") == []
    rows = await world.parts.database.reader.fetch("SELECT words FROM line_words")
    assert not any("wkost" in row[0] for row in rows)


async def test_the_index_goes_on_where_it_left_off_and_finds_all_pages(world: World) -> None:
    alena = await world.member_in("Alena")
    room_id = await world.core.rooms.enter(alena, "Praha")
    count = AT_ONCE * 2 + 20
    await say(world, alena, room_id, *(f"slovo {number}" for number in range(count)))
    await world.core.search_index.settle()
    texts, before, more = list[str](), None, True
    while more:
        page = await world.core.search.in_room(alena, room_id, "slovo", before=before, limit=90)
        texts, before, more = texts + [line.text for line in page.lines], page.before, page.more
    assert texts == [f"slovo {number}" for number in reversed(range(count))]


async def test_lines_that_were_forgotten_before_they_were_indexed_are_not_looked_for_again(world: World) -> None:
    alena = await world.member_in("Alena")
    room_id = await world.core.rooms.enter(alena, "Praha")
    await say(world, alena, room_id, "slovo")
    async with world.parts.store.unit() as unit:
        await unit.messages.forget(room_id, world.clock.now() + timedelta(days=1), AT_ONCE)
    await world.core.search_index.settle()
    assert await world.parts.store.view.search.list_behind(AT_ONCE) == []
    await say(world, alena, room_id, "jine slovo")
    assert await found(world, alena, "slovo", room_id) == ["jine slovo"]


async def test_of_two_nodes_that_are_at_the_same_one_leaves_it_to_the_other_for_a_while(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 1000.0
    monkeypatch.setattr("beseda.core.search.perf_counter", lambda: now_s)
    alena = await world.member_in("Alena")
    room_id = await world.core.rooms.enter(alena, "Praha")
    nodes = [SearchIndex(world.parts.store) for _ in range(2)]

    async def do_their_part() -> list[bool]:
        """Whether each sees to a line that is said just now."""
        done = []
        for node in nodes:
            line = await world.core.messages.post(alena, room_id, "slovo")
            node.note(LineAdded(line.at, line))
            await node.look()
            done.append(await world.parts.store.view.search.list_behind(AT_ONCE) == [])
        return done

    for _ in range(2):  # letters, and the room
        await asyncio.gather(*(node.look() for node in nodes))
    assert sorted(await do_their_part()) == [False, True]
    now_s += BEATEN_S
    assert await do_their_part() == [True, True]


async def test_letters(world: World) -> None:
    alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
    mail, search, index = world.core.mail, world.core.search, world.core.search_index
    first, _ = await mail.send(alena, account_id(brana), "Sejdeme se v Brně?")
    await mail.send(brana, account_id(alena), "V Brně ne, v Praze.")
    await index.settle()
    for caller in (alena, brana):
        texts = [each.text for each in (await search.in_letters(caller, "brne")).letters]
        assert texts == ["V Brně ne, v Praze.", "Sejdeme se v Brně?"]
    await world.core.mailbox.edit(alena, first.contact_id, first.id, "Sejdeme se v Plzni?")
    assert [each.id for each in (await search.in_letters(brana, "brne")).letters] == [2]
    assert [each.id for each in (await search.in_letters(brana, "plzni")).letters] == [1]
    assert [each.id for each in (await search.in_letters(alena, "brne", before=2)).letters] == []
    await world.core.mailbox.set_thrown(alena, first.contact_id, [first.id], True)
    assert (await search.in_letters(alena, "plzni")).letters == []
    await world.core.mailbox.erase(alena, first.contact_id, [first.id], for_all=True)
    assert (await search.in_letters(brana, "plzni")).letters == []
    assert len(await world.parts.database.reader.fetch("SELECT rowid FROM letter_words")) == 1


async def test_what_is_no_question(world: World) -> None:
    alena, (visitor, _) = await world.member_in("Alena"), await world.visitor_in("Host")
    room_id = await world.core.rooms.enter(alena, "Praha")
    for text in ("", " .,!", "🦊"):
        with pytest.raises(MessageEmpty):
            await world.core.search.in_room(alena, room_id, text)
    with pytest.raises(RegisteredOnly):
        await world.core.search.in_letters(visitor, "ahoj")
    assert await found(world, alena, '"* OR NOT ( ahoj') == []
