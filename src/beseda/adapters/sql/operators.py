"""Operators' tokens, and what was done."""

from datetime import datetime

from beseda.adapters.sql.accounts import COLUMNS as ACCOUNT
from beseda.adapters.sql.accounts import account
from beseda.adapters.sql.statements import Connection, Row, fetch_new_id, from_ms, from_ms_or_none, to_ms
from beseda.domain.ids import AccountId, AuditId, OperatorTokenId, SessionId
from beseda.domain.operators import AuditEntry, OperatorMember, OperatorRole, OperatorToken

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

    async def set_member(self, account_id: AccountId, role: OperatorRole, at: datetime) -> None:
        await self._sql.execute(
            "INSERT INTO operator_members (account_id, role, at_ms) VALUES ($1, $2, $3)"
            " ON CONFLICT (account_id) DO UPDATE SET role = excluded.role, at_ms = excluded.at_ms",
            account_id,
            role.value,
            to_ms(at),
        )

    async def remove_member(self, account_id: AccountId) -> bool:
        return bool(await self._sql.execute("DELETE FROM operator_members WHERE account_id = $1", account_id))

    async def role_of(self, account_id: AccountId) -> OperatorRole | None:
        row = await self._sql.fetch_row("SELECT role FROM operator_members WHERE account_id = $1", account_id)
        return OperatorRole(row[0]) if row else None

    async def list_members(self) -> list[OperatorMember]:
        rows = await self._sql.fetch(
            f"SELECT m.role, m.at_ms, {ACCOUNT} FROM operator_members m JOIN accounts a ON a.id = m.account_id"
            " ORDER BY a.nick_key"
        )
        return [OperatorMember(account(row[2:]), OperatorRole(row[0]), from_ms(row[1])) for row in rows]

    async def note_proof(self, session_id: SessionId, at: datetime) -> None:
        await self._sql.execute(
            "INSERT INTO operator_proofs (session_id, at_ms) VALUES ($1, $2)"
            " ON CONFLICT (session_id) DO UPDATE SET at_ms = excluded.at_ms",
            session_id,
            to_ms(at),
        )

    async def proved_at(self, session_id: SessionId) -> datetime | None:
        row = await self._sql.fetch_row("SELECT at_ms FROM operator_proofs WHERE session_id = $1", session_id)
        return from_ms(row[0]) if row else None

    async def forget_proofs(self, before: datetime) -> int:
        return await self._sql.execute("DELETE FROM operator_proofs WHERE at_ms < $1", to_ms(before))


def _token(row: Row) -> OperatorToken:
    return OperatorToken(
        OperatorTokenId(row[0]), row[1], OperatorRole(row[2]), from_ms(row[3]), from_ms_or_none(row[4])
    )
