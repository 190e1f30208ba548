"""Marks, kicks with their evidence, the log, reports."""

from datetime import datetime

from beseda.adapters.sql.accounts import COLUMNS as ACCOUNT
from beseda.adapters.sql.accounts import WIDTH, account
from beseda.adapters.sql.messages import KINDS
from beseda.adapters.sql.statements import Connection, Row, fetch_new_id, from_ms, from_ms_or_none, to_ms
from beseda.domain.ids import AccountId, KickId, RoomId
from beseda.domain.messages import Line
from beseda.domain.moderation import Kick, LoggedDeed, Mark, Report

OTHER = ACCOUNT.replace("a.", "b.")
KICKS = (
    f"SELECT k.id, k.room_id, k.reason, k.at_ms, k.until_ms, k.lifted_ms, {ACCOUNT}, {OTHER}"
    " FROM kicks k JOIN accounts a ON a.id = k.account_id JOIN accounts b ON b.id = k.admin_id"
)
MARKS = {Mark.SILENT: "silent_ms", Mark.LINKS: "links_ms", Mark.MUTED: "muted_ms"}


def _kick(row: Row) -> Kick:
    id_, room_id, reason, at_ms, until_ms, lifted_ms = row[:6]
    kicked, admin = account(row[6:]), account(row[6 + WIDTH :])
    return Kick(id_, room_id, kicked, admin, reason, from_ms(at_ms), from_ms(until_ms), from_ms_or_none(lifted_ms))


class SqlModeration:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def mark(self, room_id: RoomId, account_id: AccountId, mark: Mark, until: datetime) -> None:
        column = MARKS[mark]
        await self._sql.execute(
            f"INSERT INTO room_marks (room_id, account_id, {column}) VALUES ($1, $2, $3)"
            f" ON CONFLICT (room_id, account_id) DO UPDATE SET {column} = excluded.{column}",
            room_id,
            account_id,
            to_ms(until),
        )

    async def lift_mute(self, room_id: RoomId, muted_id: AccountId, account_id: AccountId) -> None:
        await self._sql.execute(
            "INSERT INTO mute_lifts (room_id, muted_id, account_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            room_id,
            muted_id,
            account_id,
        )

    async def forget_lifts(self, room_id: RoomId, muted_id: AccountId) -> None:
        await self._sql.execute("DELETE FROM mute_lifts WHERE room_id = $1 AND muted_id = $2", room_id, muted_id)

    async def add_kick(
        self, room_id: RoomId, account_id: AccountId, admin_id: AccountId, reason: str, at: datetime, until: datetime
    ) -> KickId:
        statement = (
            "INSERT INTO kicks (room_id, account_id, admin_id, reason, at_ms, until_ms)"
            " VALUES ($1, $2, $3, $4, $5, $6) RETURNING id"
        )
        values = (room_id, account_id, admin_id, reason, to_ms(at), to_ms(until))
        return KickId(await fetch_new_id(self._sql, statement, *values))

    async def keep_evidence(self, kick_id: KickId, lines: list[Line]) -> None:
        for position, line in enumerate(lines):
            await self._sql.execute(
                "INSERT INTO kick_lines (kick_id, position, at_ms, kind, actor_id, target_id, text)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7)",
                kick_id,
                position,
                to_ms(line.at),
                line.kind.value,
                line.actor.id if line.actor else 0,
                line.target.id if line.target else None,
                line.text,
            )

    async def evidence(self, kick_id: KickId) -> list[Line]:
        rows = await self._sql.fetch(
            f"SELECT k.room_id, l.position, l.at_ms, l.kind, l.text, {ACCOUNT}, {OTHER} FROM kick_lines l"
            " JOIN kicks k ON k.id = l.kick_id JOIN accounts a ON a.id = l.actor_id"
            " LEFT JOIN accounts b ON b.id = l.target_id WHERE l.kick_id = $1 ORDER BY l.position",
            kick_id,
        )
        return [
            Line(
                RoomId(row[0]),
                row[1],
                from_ms(row[2]),
                KINDS[row[3]],
                account(row[5:]),
                account(row[5 + WIDTH :]) if row[5 + WIDTH] is not None else None,
                row[4],
                0,
            )
            for row in rows
        ]

    async def was_kicked(self, account_id: AccountId, since: datetime) -> bool:
        row = await self._sql.fetch_row(
            "SELECT 1 FROM kicks WHERE account_id = $1 AND at_ms >= $2 LIMIT 1", account_id, to_ms(since)
        )
        return row is not None

    async def find_kick(self, room_id: RoomId, account_id: AccountId, now: datetime) -> Kick | None:
        row = await self._sql.fetch_row(
            f"{KICKS} WHERE k.room_id = $1 AND k.account_id = $2 AND k.until_ms > $3 AND k.lifted_ms IS NULL"
            " ORDER BY k.until_ms DESC LIMIT 1",
            room_id,
            account_id,
            to_ms(now),
        )
        return _kick(row) if row else None

    async def get_kick(self, kick_id: KickId) -> Kick | None:
        row = await self._sql.fetch_row(f"{KICKS} WHERE k.id = $1", kick_id)
        return _kick(row) if row else None

    async def list_kicks(self, room_id: RoomId, now: datetime) -> list[Kick]:
        rows = await self._sql.fetch(
            f"{KICKS} WHERE k.room_id = $1 AND k.until_ms > $2 AND k.lifted_ms IS NULL ORDER BY k.id",
            room_id,
            to_ms(now),
        )
        return [_kick(row) for row in rows]

    async def lift_kicks(self, room_id: RoomId, account_id: AccountId, by: AccountId, now: datetime) -> None:
        await self._sql.execute(
            "UPDATE kicks SET lifted_ms = $3, lifted_by = $4"
            " WHERE room_id = $1 AND account_id = $2 AND until_ms > $3 AND lifted_ms IS NULL",
            room_id,
            account_id,
            to_ms(now),
            by,
        )

    async def log(
        self,
        room_id: RoomId,
        at: datetime,
        actor_id: AccountId | None,
        deed: str,
        target_id: AccountId | None,
        reason: str,
    ) -> None:
        await self._sql.execute(
            "INSERT INTO moderation_log (room_id, at_ms, actor_id, deed, target_id, reason)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            room_id,
            to_ms(at),
            actor_id,
            deed,
            target_id,
            reason,
        )

    async def list_log(self, room_id: RoomId, *, before: int, limit: int) -> list[LoggedDeed]:
        rows = await self._sql.fetch(
            f"SELECT l.id, l.at_ms, l.deed, l.reason, {ACCOUNT}, {OTHER} FROM moderation_log l"
            " LEFT JOIN accounts a ON a.id = l.actor_id LEFT JOIN accounts b ON b.id = l.target_id"
            " WHERE l.room_id = $1 AND l.id < $2 ORDER BY l.id DESC LIMIT $3",
            room_id,
            before,
            limit,
        )
        return [
            LoggedDeed(
                row[0],
                from_ms(row[1]),
                account(row[4:]) if row[4] is not None else None,
                row[2],
                account(row[4 + WIDTH :]) if row[4 + WIDTH] is not None else None,
                row[3],
            )
            for row in rows
        ]

    async def add_report(self, line: Line, reporter_id: AccountId, reason: str, at: datetime) -> bool:
        added = await self._sql.execute(
            "INSERT INTO reports (room_id, seq, reporter_id, author_id, text, reason, at_ms)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
            line.room_id,
            line.seq,
            reporter_id,
            line.actor.id if line.actor else 0,
            line.text,
            reason,
            to_ms(at),
        )
        return added > 0

    async def list_reports(self, room_id: RoomId, limit: int) -> list[Report]:
        rows = await self._sql.fetch(
            f"SELECT p.room_id, p.seq, p.text, p.reason, p.at_ms, {ACCOUNT}, {OTHER} FROM reports p"
            " JOIN accounts a ON a.id = p.reporter_id JOIN accounts b ON b.id = p.author_id"
            " WHERE p.room_id = $1 AND p.settled_ms IS NULL ORDER BY p.id LIMIT $2",
            room_id,
            limit,
        )
        return [
            Report(RoomId(row[0]), row[1], account(row[5:]), account(row[5 + WIDTH :]), row[2], row[3], from_ms(row[4]))
            for row in rows
        ]

    async def settle_report(self, room_id: RoomId, seq: int, by: AccountId | None, at: datetime) -> int:
        return await self._sql.execute(
            "UPDATE reports SET settled_ms = $3, settled_by = $4"
            " WHERE room_id = $1 AND seq = $2 AND settled_ms IS NULL",
            room_id,
            seq,
            to_ms(at),
            by,
        )
