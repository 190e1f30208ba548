"""Plain texts, the hot path: all that come in one turn of the loop are written as one, with one commit.

A text is plain when nothing about its author has to be decided: he is inside, neither silenced nor muted, has written
in this hour of the clock, and the key is new. Whatever else is asked is not done, and goes the way of other deeds.

PostgreSQL: one statement on a connection of its own, a transaction by itself, that holds the writers' lock shared: it
runs beside those of other nodes, never beside a unit, and holds nothing when it has ended. SQLite: one unit.
"""

from collections.abc import Sequence
from operator import attrgetter

import msgspec

from beseda.adapters.sql.statements import Connection, from_ms, to_ms
from beseda.core.ports.talk import PlainText
from beseda.domain.ids import AccountId
from beseda.domain.karma import hour_began
from beseda.domain.messages import Kind, Line

_at = attrgetter("at")

Place = tuple[int, int]
"""The number and the time (epoch milliseconds) that a text got in its room."""


def named(text: PlainText) -> tuple[AccountId, str] | None:
    """What of several texts only one may have."""
    return None if text.key is None else (text.actor.id, text.key)


def as_lines(texts: Sequence[PlainText], places: Sequence[Place | None]) -> list[Line | None]:
    return [
        place and Line(text.room_id, place[0], from_ms(place[1]), Kind.TEXT, text.actor, None, text.text, 0)
        for text, place in zip(texts, places, strict=True)
    ]


def moment(texts: Sequence[PlainText]) -> tuple[int, int]:
    """When texts are written, the latest of them, and since when their authors must have written: in the same hour."""
    at = max(map(_at, texts))
    return to_ms(at), to_ms(hour_began(at))


WRITTEN_EVERY_MS = 1000
"""How exactly the time of somebody's last line is kept."""
PLAIN = (
    "SELECT a.key, o.written_ms FROM json_each($1) a"
    " JOIN occupants o ON o.room_id = json_extract(a.value, '$[0]') AND o.account_id = json_extract(a.value, '$[1]')"
    " AND o.written_ms >= $3"
    " LEFT JOIN room_marks m ON m.room_id = o.room_id AND m.account_id = o.account_id"
    " WHERE coalesce(m.silent_ms, 0) <= $2 AND coalesce(m.muted_ms, 0) <= $2"
    " AND NOT EXISTS (SELECT 1 FROM room_lines l"
    " WHERE l.actor_id = o.account_id AND l.post_key = json_extract(a.value, '$[2]'))"
)
HEADS = (
    "UPDATE room_heads SET head_seq = head_seq + $2, head_ms = max(head_ms, $3 - 2) + 2 * $2 WHERE room_id = $1"
    " RETURNING head_seq - $2, head_ms - 2 * $2"
)
APPEND = (
    "INSERT INTO room_lines (room_id, seq, at_ms, kind, actor_id, target_id, text, number, hidden, post_key)"
    " VALUES ($1, $2, $3, 'text', $4, NULL, $5, 0, '', $6)"
)
WRITTEN = "UPDATE occupants SET written_ms = $1 WHERE room_id = $2 AND account_id = $3"


async def append_in_unit(connection: Connection, texts: Sequence[PlainText]) -> list[Place | None]:
    """On SQLite."""
    at_ms, since_ms = moment(texts)
    asked = msgspec.json.encode([(text.room_id, text.actor.id, text.key) for text in texts]).decode()
    plain = {row[0]: row[1] for row in await connection.fetch(PLAIN, asked, at_ms, since_ms)}
    counts: dict[int, int] = {}
    for index in plain:
        counts[texts[index].room_id] = counts.get(texts[index].room_id, 0) + 1
    before: dict[int, list[int]] = {}
    for room_id, count in counts.items():
        row = await connection.fetch_row(HEADS, room_id, count, at_ms)
        if row is None:
            raise RuntimeError("the room has no stream")
        before[room_id] = list(row)
    places: list[Place | None] = [None] * len(texts)
    lines, written = [], []
    for index, text in enumerate(texts):
        if index in plain:
            place = before[text.room_id]
            place[0], place[1] = place[0] + 1, place[1] + 2
            places[index] = (place[0], place[1])
            lines.append((text.room_id, *place, text.actor.id, text.text, text.key))
            if at_ms - plain[index] >= WRITTEN_EVERY_MS:
                written.append((at_ms, text.room_id, text.actor.id))
    await connection.execute_many(APPEND, lines)
    if written:
        await connection.execute_many(WRITTEN, written)
    return places
