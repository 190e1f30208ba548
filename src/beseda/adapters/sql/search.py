"""The index over words: SQLite's FTS5, PostgreSQL's own. Both get words in ASCII letters and digits, and split nothing.

A row is a line, `room_id * 2^36 + seq`, or a letter. Besides its words it has a word for each room or member that may
find it, so that the engine looks at no others.
"""

from collections.abc import Iterable, Sequence

from beseda.adapters.sql.statements import Connection, places
from beseda.core.ports.talk import Indexed
from beseda.domain.ids import AccountId, LetterId, RoomId
from beseda.domain.search import Question, encoded

LINES, LETTERS = "line_words", "letter_words"
SEQS = 36
"""Bits of a row's number that are the line's."""
IDS_AT_ONCE = 200
PUT = {
    "sqlite": "INSERT INTO {0} (rowid, words) VALUES ($1, $2)",
    "postgresql": "INSERT INTO {0} (rowid, words) VALUES ($1, array_to_tsvector(string_to_array($2, ' ')))",
}
PUT_MANY = (
    "INSERT INTO line_words (rowid, words) SELECT u.id, array_to_tsvector(string_to_array(u.words, ' '))"
    " FROM unnest(CAST($1 AS BIGINT[]), CAST($2 AS TEXT[])) AS u (id, words)"
    " ON CONFLICT (rowid) DO UPDATE SET words = excluded.words"
)
"""PostgreSQL: units of all nodes wait while one writes, so it writes many lines at once."""
FIND = {
    "sqlite": "SELECT rowid FROM {0} WHERE {0} MATCH $1 AND rowid BETWEEN $2 AND $3 ORDER BY rowid DESC LIMIT $4",
    "postgresql": (
        "SELECT rowid FROM {0} WHERE words @@ CAST(CAST($1 AS TEXT) AS TSQUERY) AND rowid BETWEEN $2 AND $3"
        " ORDER BY rowid DESC LIMIT $4"
    ),
}


def row_of(room_id: RoomId, seq: int) -> int:
    return (room_id << SEQS) + min(seq, (1 << SEQS) - 1)


class SqlSearch:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def list_behind(self, limit: int) -> list[RoomId]:
        rows = await self._sql.fetch(
            "SELECT h.room_id FROM room_heads h LEFT JOIN search_heads s ON s.room_id = h.room_id"
            " WHERE h.head_seq > coalesce(s.seq, 0) ORDER BY h.room_id LIMIT $1",
            limit,
        )
        return [RoomId(row[0]) for row in rows]

    async def head(self, room_id: RoomId) -> int:
        row = await self._sql.fetch_row("SELECT seq FROM search_heads WHERE room_id = $1", room_id)
        return int(row[0]) if row else 0

    async def set_head(self, room_id: RoomId, seq: int) -> None:
        await self._sql.execute(
            "INSERT INTO search_heads (room_id, seq) VALUES ($1, $2)"
            " ON CONFLICT (room_id) DO UPDATE SET seq = excluded.seq",
            room_id,
            seq,
        )

    async def put_lines(self, room_id: RoomId, lines: Sequence[Indexed]) -> None:
        rows = [(row_of(room_id, each.number), [f"r{room_id}", *map(encoded, each.words)]) for each in lines]
        if self._sql.dialect == "postgresql":
            await self._sql.execute(PUT_MANY, [row for row, _ in rows], [" ".join(words) for _, words in rows])
            return
        for row, words in rows:
            await self._put(LINES, row, words)

    async def put_letter(self, letter_id: LetterId, readers: Iterable[AccountId], words: Sequence[str]) -> None:
        await self._put(LETTERS, letter_id, [*(f"a{reader}" for reader in readers), *map(encoded, words)])

    async def _put(self, table: str, row: int, words: Sequence[str]) -> None:
        await self._sql.execute(f"DELETE FROM {table} WHERE rowid = $1", row)
        await self._sql.execute(PUT[self._sql.dialect].format(table), row, " ".join(words))

    async def remove_line(self, room_id: RoomId, seq: int) -> None:
        await self._sql.execute(f"DELETE FROM {LINES} WHERE rowid = $1", row_of(room_id, seq))

    async def remove_deleted(self, room_id: RoomId, actor_id: AccountId) -> None:
        rows = await self._sql.fetch(
            "SELECT seq FROM room_lines WHERE actor_id = $2 AND room_id = $1 AND hidden = 'deleted'", room_id, actor_id
        )
        for start in range(0, len(rows), IDS_AT_ONCE):
            ids = [row_of(room_id, row[0]) for row in rows[start : start + IDS_AT_ONCE]]
            await self._sql.execute(f"DELETE FROM {LINES} WHERE rowid IN ({places(ids, 1)})", *ids)

    async def find_lines(self, room_id: RoomId, question: Question, first: int, last: int, limit: int) -> list[int]:
        rows = await self._find(LINES, f"r{room_id}", question, row_of(room_id, first), row_of(room_id, last), limit)
        return [row & ((1 << SEQS) - 1) for row in rows]

    async def find_letters(
        self, reader_id: AccountId, question: Question, before: LetterId, limit: int
    ) -> list[LetterId]:
        return [LetterId(row) for row in await self._find(LETTERS, f"a{reader_id}", question, 0, before - 1, limit)]

    async def _find(self, table: str, owner: str, question: Question, first: int, last: int, limit: int) -> list[int]:
        asked = [owner, *map(encoded, question.words)]
        start = encoded(question.start) if question.start else ""
        if self._sql.dialect == "sqlite":
            query = " ".join([*(f'"{word}"' for word in asked), *([f'"{start}"*'] if start else [])])
        else:
            query = " & ".join([*(f"'{word}'" for word in asked), *([f"'{start}':*"] if start else [])])
        rows = await self._sql.fetch(FIND[self._sql.dialect].format(table), query, first, last, limit)
        return [int(row[0]) for row in rows]
