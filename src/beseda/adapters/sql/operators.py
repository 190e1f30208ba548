"""Operators' tokens, and what was done."""

from datetime import datetime

from beseda.adapters.sql.statements import Connection, Row, fetch_new_id, from_ms, from_ms_or_none, to_ms
from beseda.domain.ids import AuditId, OperatorTokenId
from beseda.domain.operators import AuditEntry, OperatorRole, OperatorToken

TOKENS = "SELECT id, name, role, created_ms, used_ms FROM operator_tokens"


class SqlOperators:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def add_token(self, name: str, role: OperatorRole, digest: str, at: datetime) -> OperatorToken:
        token_id = await fetch_new_id(
            self._sql,
            "INSERT INTO operator_tokens (name, role, digest, created_ms) VALUES ($1, $2, $3, $4) RETURNING id",
            name,
            role.value,
            digest,
            to_ms(at),
        )
        return OperatorToken(OperatorTokenId(token_id), name, role, at, None)

    async def find_token(self, digest: str) -> OperatorToken | None:
        row = await self._sql.fetch_row(f"{TOKENS} WHERE digest = $1", digest)
        return _token(row) if row else None

    async def list_tokens(self) -> list[OperatorToken]:
        return [_token(row) for row in await self._sql.fetch(f"{TOKENS} ORDER BY id")]

    async def touch_token(self, token_id: OperatorTokenId, at: datetime) -> None:
        await self._sql.execute("UPDATE operator_tokens SET used_ms = $2 WHERE id = $1", token_id, to_ms(at))

    async def remove_token(self, token_id: OperatorTokenId) -> bool:
        return bool(await self._sql.execute("DELETE FROM operator_tokens WHERE id = $1", token_id))

    async def note(self, at: datetime, who: str, command: str, arguments: str, outcome: str) -> None:
        await self._sql.execute(
            "INSERT INTO operator_audit (at_ms, who, command, arguments, outcome) VALUES ($1, $2, $3, $4, $5)",
            to_ms(at),
            who,
            command,
            arguments,
            outcome,
        )

    async def list_audit(self, *, before: int, limit: int) -> list[AuditEntry]:
        rows = await self._sql.fetch(
            "SELECT id, at_ms, who, command, arguments, outcome FROM operator_audit WHERE id < $1"
            " ORDER BY id DESC LIMIT $2",
            before,
            limit,
        )
        return [AuditEntry(AuditId(row[0]), from_ms(row[1]), *row[2:]) for row in rows]

    async def forget_audit(self, before: datetime) -> int:
        return await self._sql.execute("DELETE FROM operator_audit WHERE at_ms < $1", to_ms(before))


def _token(row: Row) -> OperatorToken:
    return OperatorToken(
        OperatorTokenId(row[0]), row[1], OperatorRole(row[2]), from_ms(row[3]), from_ms_or_none(row[4])
    )
