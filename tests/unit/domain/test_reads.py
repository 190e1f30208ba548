"""What counts as unread, and who is mentioned."""

from datetime import UTC, datetime

import pytest

from beseda.domain.ids import AccountId, RoomId
from beseda.domain.messages import Hidden, Kind, Line
from beseda.domain.reads import COUNTED_MAX, ReadMark, count, mark_text, mention_of, read_mark
from beseda.domain.text import folded
from unit.domain.made import account

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ROOM, ME = RoomId(1), AccountId(1)
ALENA, BRANA, CYRIL = account(1), account(2), account(3)


def line(seq: int, kind: Kind = Kind.TEXT, **facts: object) -> Line:
    given = {"actor": BRANA, "target": None, "text": "x", "number": 0, **facts}
    return Line(ROOM, seq, NOON, kind, **given)  # type: ignore[arg-type]


def test_texts_and_whispers_of_others_count() -> None:
    lines = [
        line(1),
        line(2, actor=ALENA),
        line(3, Kind.ENTERED),
        line(4, Kind.WHISPER, target=ALENA),
        line(5, Kind.WHISPER, target=CYRIL),
        line(6, hidden=Hidden.DELETED),
        line(7, text="Aleno! alena?"),
    ]
    assert count(ROOM, 0, lines, ME, "Alena") == ReadMark(ROOM, 0, 3, 2)
    assert count(ROOM, 4, lines, ME, "Alena") == ReadMark(ROOM, 4, 1, 1)
    assert count(ROOM, 7, lines, ME, "Alena") == ReadMark(ROOM, 7, 0, 0)


def test_nobody_counts_for_ever() -> None:
    lines = [line(seq) for seq in range(1, COUNTED_MAX + 3)]
    assert count(ROOM, 1, lines, ME, "Alena") == ReadMark(ROOM, 1, COUNTED_MAX, 0, more=True)


@pytest.mark.parametrize(
    ("nick", "text", "found"),
    [
        ("Alena", "ALENA, pojď sem", True),
        ("Alena", "Alenka", False),
        ("Žofie", "ahoj žofie!", True),
        ("a.b", "acb", False),
        ("a.b", "(a.b)", True),
        ("Jan Novak", "co jan  novak", True),
        ("-x-", "a -x- b", True),
        ("Настя", "настя, привет", True),
    ],
)
def test_a_mention_is_a_word_of_its_own(nick: str, text: str, found: bool) -> None:
    assert bool(mention_of(nick).search(folded(text))) is found


@pytest.mark.parametrize("more", [True, False])
def test_an_update_carries_a_mark(more: bool) -> None:
    mark = ReadMark(ROOM, 2**40, 7, 3, more)
    assert read_mark(ROOM, mark_text(mark)) == mark
