"""What was announced, and until when pages show it."""

from datetime import datetime

from beseda.adapters.sql.statements import Connection, Row, fetch_new_id, from_ms, to_ms
from beseda.domain.announcements import Announcement
from beseda.domain.ids import AnnouncementId

ALL = "SELECT id, at_ms, until_ms, text FROM announcements"


class SqlAnnouncements:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def add(self, at: datetime, until: datetime, text: str) -> Announcement:
        new_id = await fetch_new_id(
            self._sql,
            "INSERT INTO announcements (at_ms, until_ms, text) VALUES ($1, $2, $3) RETURNING id",
            to_ms(at),
            to_ms(until),
            text,
        )
        return Announcement(AnnouncementId(new_id), at, until, text)

    async def find(self, announcement_id: AnnouncementId) -> Announcement | None:
        row = await self._sql.fetch_row(f"{ALL} WHERE id = $1", announcement_id)
        return _announcement(row) if row else None

    async def list_shown(self, now: datetime) -> list[Announcement]:
        rows = await self._sql.fetch(f"{ALL} WHERE until_ms > $1 ORDER BY id DESC", to_ms(now))
        return [_announcement(row) for row in rows]

    async def list_all(self, before: int, limit: int) -> list[Announcement]:
        rows = await self._sql.fetch(f"{ALL} WHERE id < $1 ORDER BY id DESC LIMIT $2", before, limit)
        return [_announcement(row) for row in rows]

    async def end(self, announcement_id: AnnouncementId, at: datetime) -> None:
        await self._sql.execute("UPDATE announcements SET until_ms = $2 WHERE id = $1", announcement_id, to_ms(at))

    async def forget(self, before: datetime, limit: int) -> int:
        return await self._sql.execute(
            "DELETE FROM announcements WHERE id IN"
            " (SELECT id FROM announcements WHERE until_ms < $1 ORDER BY until_ms LIMIT $2)",
            to_ms(before),
            limit,
        )


def _announcement(row: Row) -> Announcement:
    return Announcement(AnnouncementId(row[0]), from_ms(row[1]), from_ms(row[2]), row[3])
