"""Posts in discussions of rooms."""

from datetime import datetime

from beseda.adapters.sql.accounts import COLUMNS as ACCOUNT
from beseda.adapters.sql.accounts import account
from beseda.adapters.sql.statements import Connection, Row, fetch_new_id, from_ms, to_ms
from beseda.domain.discussion import Post
from beseda.domain.ids import AccountId, PostId, RoomId

POSTS = (
    f"SELECT p.id, p.room_id, p.text, p.at_ms, {ACCOUNT} FROM room_posts p JOIN accounts a ON a.id = p.author_id"
    " WHERE p.deleted_ms IS NULL"
)


def _post(row: Row) -> Post:
    return Post(row[0], row[1], account(row[4:]), row[2], from_ms(row[3]))


class SqlDiscussion:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def add(self, room_id: RoomId, author_id: AccountId, text: str, at: datetime) -> PostId:
        statement = "INSERT INTO room_posts (room_id, author_id, text, at_ms) VALUES ($1, $2, $3, $4) RETURNING id"
        return PostId(await fetch_new_id(self._sql, statement, room_id, author_id, text, to_ms(at)))

    async def find(self, post_id: PostId) -> Post | None:
        row = await self._sql.fetch_row(f"{POSTS} AND p.id = $1", post_id)
        return _post(row) if row else None

    async def list_of(self, room_id: RoomId, *, before: PostId, limit: int) -> list[Post]:
        rows = await self._sql.fetch(
            f"{POSTS} AND p.room_id = $1 AND p.id < $2 ORDER BY p.id DESC LIMIT $3", room_id, before, limit
        )
        return [_post(row) for row in rows]

    async def delete(self, post_id: PostId, by: AccountId, at: datetime) -> None:
        await self._sql.execute(
            "UPDATE room_posts SET deleted_ms = $3, deleted_by = $2 WHERE id = $1", post_id, by, to_ms(at)
        )
