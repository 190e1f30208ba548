"""The index over words finds the same on both engines."""

import pytest

from beseda.adapters.sql.engine import SqlStore
from beseda.core.ports.mail import NewLetter
from beseda.core.ports.talk import Indexed
from beseda.domain.ids import LetterId, RoomId
from beseda.domain.messages import Kind
from beseda.domain.search import ask, words
from contract.made import AT, STRANGE, add_member, add_room, after, do

TEXTS = (
    "Příliš žluťoučký kůň",
    "kun a pes",
    "Привет, Прага",
    "or and not near",
    "12 monkeys 1e5",
    "東京 tower",
    STRANGE,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("kůň", [2, 1]),
        ("KUN", [2, 1]),
        ("pril zlut", []),
        ("žluťoučký pří", [7, 1]),
        ("Пр", [3]),
        ("прага привет ", [3]),
        ("прага при ", []),
        ("OR NOT", [4]),
        ("near or an", [4]),
        ("12", [5]),
        ("1", [7, 5]),
        ("1e5", [5]),
        ("京", [6]),
        ("tower 東", [6]),
        ("w", []),
        ("r1", []),
        ("кот", [7]),
    ],
)
async def test_lines_are_found_by_words(store: SqlStore, text: str, found: list[int]) -> None:
    room, other = await add_room(store), await add_room(store, "Brno")
    entries = [Indexed(number, words(each)) for number, each in enumerate(TEXTS, 1)]
    for each in (room, other):
        await do(store, lambda unit, room_id=each.id: unit.search.put_lines(room_id, entries))  # type: ignore[misc]
    assert await store.view.search.find_lines(room.id, ask(text), 1, 99, 9) == found
    assert await store.view.search.find_lines(room.id, ask(text), 2, 6, 1) == [n for n in found if 2 <= n <= 6][:1]


async def test_what_is_put_again_removed_or_forgotten(store: SqlStore) -> None:
    alena, room = await add_member(store), await add_room(store)
    find, question = store.view.search.find_lines, ask("ahoj")
    for number in range(1, 6):
        await do(store, lambda unit: unit.messages.append(room.id, Kind.TEXT, AT, actor=alena, text="ahoj"))
        await do(store, lambda unit, n=number: unit.search.put_lines(room.id, [Indexed(n, ["ahoj"])]))  # type: ignore[misc]
    await do(store, lambda unit: unit.search.put_lines(room.id, [Indexed(5, ["nazdar"])]))
    assert await find(room.id, question, 1, 99, 9) == [4, 3, 2, 1]
    await do(store, lambda unit: unit.search.remove_line(room.id, 2))
    assert await find(room.id, question, 1, 99, 9) == [4, 3, 1]
    await do(store, lambda unit: unit.messages.forget(room.id, after(9), 1))
    assert await find(room.id, question, 1, 99, 9) == [4, 3]
    await do(store, lambda unit: unit.messages.delete_all_by(room.id, alena.id))
    await do(store, lambda unit: unit.search.remove_deleted(room.id, alena.id))
    assert await find(room.id, question, 1, 99, 9) == []


async def test_letters_are_found_by_either_side(store: SqlStore) -> None:
    alena, brana, cyril = [await add_member(store, nick) for nick in ("Alena", "Brana", "Cyril")]
    (letter,) = await do(store, lambda unit: unit.mail.add_letters([NewLetter(alena.id, brana.id, "Ahoj")], AT))
    (sent,) = await store.view.mail.list_sent(LetterId(0), 9)
    assert sent == (letter, alena.id, brana.id, "Ahoj")
    await do(store, lambda unit: unit.search.put_letter(letter, (alena.id, brana.id), ["ahoj"]))
    find = store.view.search.find_letters
    assert [await find(each.id, ask("ah"), LetterId(letter + 1), 9) for each in (alena, brana, cyril)] == [
        [letter],
        [letter],
        [],
    ]
    assert await find(alena.id, ask("ah"), letter, 9) == []


async def test_how_far_the_index_has_come(store: SqlStore) -> None:
    alena, room = await add_member(store), await add_room(store)
    await add_room(store, "Brno")
    assert await store.view.search.list_behind(9) == []
    await do(store, lambda unit: unit.messages.append(room.id, Kind.TEXT, AT, actor=alena, text="ahoj"))
    assert await store.view.search.list_behind(9) == [room.id]
    for seq in (0, 1):
        await do(store, lambda unit, n=seq: unit.search.set_head(room.id, n))  # type: ignore[misc]
        assert await store.view.search.head(room.id) == seq
    assert await store.view.search.list_behind(9) == []
    assert await store.view.search.head(RoomId(0)) == 0
