"""Plain texts, the hot path: all that come in one turn of the loop are written as one, with one commit.

A text is plain when nothing about its author has to be decided: he is inside, neither silenced nor muted, has written
in this hour of the clock, and the key is new. Whatever else is asked is not done, and goes the way of other deeds.

PostgreSQL: one statement on a connection of its own, a transaction by itself, that holds the writers' lock shared: it
runs beside those of other nodes, never beside a unit, and holds nothing when it has ended. SQLite: one unit.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from time import monotonic
from typing import Protocol

from beseda.adapters.sql.statements import Connection, from_ms, to_ms
from beseda.core.patience import be_patient, patience
from beseda.core.ports.talk import PlainText
from beseda.domain.errors import OutcomeUnknown, StoreUnavailable
from beseda.domain.messages import Kind, Line

AT_ONCE = 1024
"""Texts that one statement writes at most."""

Place = tuple[int, int]
"""The number and the time (epoch milliseconds) that a text got in its room."""
Write = Callable[[Sequence[PlainText]], Awaitable[list[Line | None]]]
Asked = tuple[PlainText, float, asyncio.Future[Line | None]]
"""A text, until when its caller waits (monotonic seconds), and where he waits for the line."""


class TextQueue:
    """Gathers what comes in one turn of the loop, or while other texts are being written."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._asked: list[Asked] = []
        self._working: asyncio.Task[None] | None = None

    async def add(self, text: PlainText) -> Line | None:
        """See Store.append_text. Raises StoreUnavailable, OutcomeUnknown."""
        loop = asyncio.get_running_loop()
        line: asyncio.Future[Line | None] = loop.create_future()
        with patience() as left_s:
            self._asked.append((text, monotonic() + left_s, line))
            if self._working is None:
                self._working = loop.create_task(self._work(), context=Context())
            try:
                return await line
            finally:
                del line  # an exception in it would hold this frame, which holds it

    async def drain(self) -> None:
        """Everything that was added is written."""
        while self._working is not None:
            await asyncio.wait((self._working,))

    async def _work(self) -> None:
        try:
            while self._asked:
                batch, self._asked = self._asked[:AT_ONCE], self._asked[AT_ONCE:]
                await self._write_batch(batch)
        finally:
            self._working = None

    async def _write_batch(self, batch: Sequence[Asked]) -> None:
        """Of texts with one key the first is written; the others find the key used.

        The least patient of those who wait sets the time for all.
        """
        now_s = monotonic()
        _refuse([each for each in batch if each[1] <= now_s], StoreUnavailable, None)
        first, repeated = _split([each for each in batch if not each[2].done()])
        if not first:
            return
        be_patient(min(until_s for _, until_s, _ in first) - now_s)
        try:
            lines = await self._write([text for text, _, _ in first])
        except (StoreUnavailable, OutcomeUnknown) as error:
            _refuse([*first, *repeated], type(error), error.__cause__)
            waiting, self._asked = self._asked, []  # for as long as this: they need not find it out anew
            _refuse(waiting, StoreUnavailable, error.__cause__)
        except Exception as error:
            if len(first) > 1:  # it is about one of them
                for each in (*first, *repeated):
                    await self._write_batch([each])
            elif not first[0][2].done():
                first[0][2].set_exception(error)
                await self._write_batch(repeated)
        else:
            for (_, _, line), found in zip([*first, *repeated], [*lines, *[None] * len(repeated)], strict=True):
                if not line.done():
                    line.set_result(found)


def _refuse(asked: Sequence[Asked], kind: type[StoreUnavailable | OutcomeUnknown], cause: BaseException | None) -> None:
    """An exception for each, for each is raised somewhere else."""
    for _, _, line in asked:
        if not line.done():
            error = kind()
            error.__cause__ = cause
            line.set_exception(error)


def _split(batch: Sequence[Asked]) -> tuple[list[Asked], list[Asked]]:
    keys: set[tuple[int, str]] = set()
    first, repeated = list[Asked](), list[Asked]()
    for asked in batch:
        text = asked[0]
        if text.key is None:
            first.append(asked)
        elif (key := (text.actor.id, text.key)) in keys:
            repeated.append(asked)
        else:
            keys.add(key)
            first.append(asked)
    return first, repeated


def as_lines(texts: Sequence[PlainText], places: Sequence[Place | None]) -> list[Line | None]:
    return [
        place and Line(text.room_id, place[0], from_ms(place[1]), Kind.TEXT, text.actor, None, text.text, 0)
        for text, place in zip(texts, places, strict=True)
    ]


def moment(texts: Sequence[PlainText]) -> tuple[int, int]:
    """When texts are written, and since when their authors must have written: the latest of each counts."""
    return to_ms(max(text.at for text in texts)), to_ms(max(text.since for text in texts))


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
    " VALUES (?, ?, ?, 'text', ?, NULL, ?, 0, '', ?)"
)
WRITTEN = "UPDATE occupants SET written_ms = ? WHERE room_id = ? AND account_id = ?"


class ManyConnection(Connection, Protocol):
    def execute_many(self, statement: str, rows: Sequence[Sequence[object]]) -> None: ...


async def append_in_unit(connection: ManyConnection, texts: Sequence[PlainText]) -> list[Place | None]:
    """On SQLite."""
    at_ms, since_ms = moment(texts)
    asked = json.dumps([(text.room_id, text.actor.id, text.key) for text in texts])
    plain = {row[0]: row[1] for row in await connection.fetch(PLAIN, asked, at_ms, since_ms)}
    before: dict[int, list[int]] = {}
    for room_id, count in Counter(texts[index].room_id for index in plain).items():
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
    connection.execute_many(APPEND, lines)
    connection.execute_many(WRITTEN, written)
    return places
