"""Accounts, invitations, favourites."""

from collections.abc import Sequence
from datetime import date, datetime

from beseda.adapters.sql.erasing import erase, weigh
from beseda.adapters.sql.statements import Connection, Row, from_ms, from_ms_or_none, places, to_ms
from beseda.core.ports import NewAccount
from beseda.domain.accounts import (
    Account,
    Credentials,
    KarmaLevel,
    LoginKeys,
    Look,
    Role,
    Sex,
    Standing,
    Theme,
    nick_key,
)
from beseda.domain.contacts import Email
from beseda.domain.errors import EmailTaken, NickTaken, PhoneTaken
from beseda.domain.ids import AccountId, RoomId

NAMES = (
    "id, registered, nick, sex, standing, birth_date, age_public, picture_url, karma_given, karma_level,"
    " profile_views, created_ms, accessed_ms, karma_earned, role, language, theme"
)
COLUMNS = ", ".join(f"a.{name}" for name in NAMES.split(", "))
WIDTH = 17


def account(row: Row) -> Account:
    """An account from a row that begins with NAMES."""
    return Account(
        id=row[0],
        registered=bool(row[1]),
        nick=row[2],
        sex=Sex(row[3]) if row[3] else None,
        standing=Standing(row[4]),
        birth_date=date.fromisoformat(row[5]) if row[5] else None,
        age_public=bool(row[6]),
        picture_url=row[7],
        karma_given=row[8],
        karma_level=KarmaLevel(row[9]),
        profile_views=row[10],
        created_at=from_ms(row[11]),
        accessed_at=from_ms(row[12]),
        karma_earned=row[13],
        role=Role(row[14]),
        look=None if row[15] is None else Look(row[15], Theme(row[16])),
    )


class SqlAccounts:
    __slots__ = ("_sql",)

    def __init__(self, connection: Connection) -> None:
        self._sql = connection

    async def add(self, new: NewAccount, at: datetime) -> Account:
        keys = {
            "nick_key": nick_key(new.nick),
            "email_key": new.email.key if new.email else None,
            "phone": new.phone,
        }
        row = await self._sql.fetch_row(
            "INSERT INTO accounts (registered, nick, nick_key, email, email_key, phone, password_hash, sex,"
            " standing, birth_date, age_public, created_ms, accessed_ms)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)"
            f" ON CONFLICT DO NOTHING RETURNING {NAMES}",
            int(new.registered),
            new.nick,
            keys["nick_key"],
            new.email.address if new.email else None,
            keys["email_key"],
            keys["phone"],
            new.password_hash,
            new.sex.value if new.sex else None,
            Standing.ACTIVE.value,
            new.birth_date.isoformat() if new.birth_date else None,
            int(new.age_public),
            to_ms(at),
        )
        if row is None:
            raise await self._taken(keys)
        return account(row)

    async def _taken(self, keys: dict[str, str | None]) -> Exception:
        """Which of the keys another account has."""
        for (column, key), taken in zip(keys.items(), (NickTaken, EmailTaken, PhoneTaken), strict=True):
            if key is not None and await self._sql.fetch_row(f"SELECT id FROM accounts WHERE {column} = $1", key):
                return taken()
        return RuntimeError("the account was refused, yet none of its names is taken")

    async def find(self, account_id: AccountId) -> Account | None:
        row = await self._sql.fetch_row(f"SELECT {COLUMNS} FROM accounts a WHERE a.id = $1", account_id)
        return account(row) if row else None

    async def find_all(self, account_ids: Sequence[AccountId]) -> list[Account]:
        if not account_ids:
            return []
        statement = f"SELECT {COLUMNS} FROM accounts a WHERE a.id IN ({places(account_ids, 1)})"
        return [account(row) for row in await self._sql.fetch(statement, *account_ids)]

    async def search(self, prefix: str, limit: int) -> list[Account]:
        rows = await self._sql.fetch(
            f"SELECT {COLUMNS} FROM accounts a WHERE a.registered = 1 AND a.nick_key >= $1 AND a.nick_key < $2"
            " ORDER BY a.nick_key LIMIT $3",
            prefix,
            f"{prefix}\U0010ffff",
            limit,
        )
        return [account(row) for row in rows]

    async def find_by_nick(self, nick: str) -> Account | None:
        row = await self._sql.fetch_row(f"SELECT {COLUMNS} FROM accounts a WHERE a.nick_key = $1", nick_key(nick))
        return account(row) if row else None

    async def find_credentials(self, keys: LoginKeys) -> Credentials | None:
        for column, key in (
            ("nick_key", keys.nick),
            ("email_key", keys.spelling),
            ("email_key", keys.email),
            ("phone", keys.phone),
            ("phone", keys.old_phone),
        ):
            if key is None:
                continue
            row = await self._sql.fetch_row(
                f"SELECT {COLUMNS}, a.password_hash FROM accounts a WHERE a.{column} = $1 AND a.registered = 1",
                key,
            )
            if row:
                return Credentials(account(row), row[WIDTH])
        return None

    async def contacts(self, account_id: AccountId) -> tuple[str, str]:
        row = await self._sql.fetch_row("SELECT email, phone FROM accounts WHERE id = $1", account_id)
        email, phone = row or (None, None)
        return email or "", phone or ""

    async def list_registered(self, *, after: AccountId, limit: int, prefix: str = "") -> list[Account]:
        alike = " AND a.nick_key >= $3 AND a.nick_key < $4" if prefix else ""
        rows = await self._sql.fetch(
            f"SELECT {COLUMNS} FROM accounts a WHERE a.registered = 1 AND a.id > $1{alike} ORDER BY a.id LIMIT $2",
            *(after, limit),
            *((prefix, f"{prefix}\U0010ffff") if prefix else ()),
        )
        return [account(row) for row in rows]

    async def set_password_hash(self, account_id: AccountId, password_hash: str) -> None:
        await self._sql.execute("UPDATE accounts SET password_hash = $2 WHERE id = $1", account_id, password_hash)

    async def set_profile(
        self, account_id: AccountId, sex: Sex | None, birth_date: date | None, *, age_public: bool
    ) -> None:
        await self._sql.execute(
            "UPDATE accounts SET sex = $2, birth_date = $3, age_public = $4 WHERE id = $1",
            account_id,
            sex.value if sex else None,
            birth_date.isoformat() if birth_date else None,
            int(age_public),
        )

    async def set_look(self, account_id: AccountId, look: Look) -> None:
        await self._sql.execute(
            "UPDATE accounts SET language = $2, theme = $3 WHERE id = $1", account_id, look.language, look.theme.value
        )

    async def set_contacts(self, account_id: AccountId, email: Email | None, phone: str | None) -> None:
        key = email.key if email else None
        for column, value, taken in (("email_key", key, EmailTaken), ("phone", phone, PhoneTaken)):
            found = f"SELECT id FROM accounts WHERE {column} = $1 AND id <> $2"
            if value is not None and await self._sql.fetch_row(found, value, account_id):
                raise taken
        await self._sql.execute(
            "UPDATE accounts SET email = $2, email_key = $3, phone = $4 WHERE id = $1",
            account_id,
            email.address if email else None,
            key,
            phone,
        )

    async def set_standing(self, account_id: AccountId, standing: Standing) -> None:
        await self._sql.execute("UPDATE accounts SET standing = $2 WHERE id = $1", account_id, standing.value)

    async def set_role(self, account_id: AccountId, role: Role) -> None:
        await self._sql.execute("UPDATE accounts SET role = $2 WHERE id = $1", account_id, role.value)

    async def touch(self, account_id: AccountId, at: datetime) -> None:
        await self._sql.execute(
            "UPDATE accounts SET accessed_ms = $2 WHERE id = $1 AND accessed_ms < $2", account_id, to_ms(at)
        )

    async def free_nick(self, account_id: AccountId) -> None:
        await self._sql.execute("UPDATE accounts SET nick_key = NULL WHERE id = $1", account_id)

    async def count_profile_view(self, account_id: AccountId) -> None:
        await self._sql.execute("UPDATE accounts SET profile_views = profile_views + 1 WHERE id = $1", account_id)

    async def favourites(self, account_id: AccountId) -> frozenset[RoomId]:
        rows = await self._sql.fetch("SELECT room_id FROM favourites WHERE account_id = $1", account_id)
        return frozenset(RoomId(row[0]) for row in rows)

    async def set_favourite(self, account_id: AccountId, room_id: RoomId, favourite: bool) -> None:
        await self._sql.execute(
            "INSERT INTO favourites (account_id, room_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"
            if favourite
            else "DELETE FROM favourites WHERE account_id = $1 AND room_id = $2",
            account_id,
            room_id,
        )

    async def rename(self, account_id: AccountId, nick: str) -> None:
        key = nick_key(nick)
        if await self._sql.fetch_row("SELECT 1 FROM accounts WHERE nick_key = $1 AND id <> $2", key, account_id):
            raise NickTaken
        await self._sql.execute("UPDATE accounts SET nick = $2, nick_key = $3 WHERE id = $1", account_id, nick, key)

    async def set_deletion(self, account_id: AccountId, at: datetime | None) -> None:
        await self._sql.execute(
            "UPDATE accounts SET delete_ms = $2 WHERE id = $1", account_id, None if at is None else to_ms(at)
        )

    async def deletion(self, account_id: AccountId) -> datetime | None:
        row = await self._sql.fetch_row("SELECT delete_ms FROM accounts WHERE id = $1", account_id)
        return from_ms_or_none(row[0]) if row else None

    async def list_deletions(self, now: datetime, limit: int) -> list[AccountId]:
        rows = await self._sql.fetch(
            "SELECT id FROM accounts WHERE delete_ms IS NOT NULL AND delete_ms <= $1 ORDER BY delete_ms LIMIT $2",
            to_ms(now),
            limit,
        )
        return [AccountId(row[0]) for row in rows]

    async def erase(self, account_id: AccountId, nick: str) -> list[RoomId]:
        return await erase(self._sql, account_id, nick)

    async def weigh(self, account_id: AccountId) -> dict[str, int]:
        return await weigh(self._sql, account_id)

    async def email_holders(self, key: str | None = None) -> list[tuple[Account, str]]:
        rows = await self._sql.fetch(
            f"SELECT {COLUMNS}, a.email FROM accounts a WHERE a.email_key = $1 OR a.email_key LIKE '<%' ORDER BY a.id",
            key,
        )
        return [(account(row), row[WIDTH]) for row in rows]

    async def list_invites(self) -> list[tuple[str, int, datetime]]:
        rows = await self._sql.fetch(
            "SELECT digest, uses_left, created_ms FROM invites WHERE uses_left > 0 ORDER BY created_ms, digest"
        )
        return [(row[0], row[1], from_ms(row[2])) for row in rows]

    async def remove_invite(self, digest: str) -> bool:
        return bool(await self._sql.execute("DELETE FROM invites WHERE digest = $1", digest))

    async def add_invite(self, digest: str, uses: int, at: datetime) -> None:
        await self._sql.execute(
            "INSERT INTO invites (digest, uses_left, created_ms) VALUES ($1, $2, $3)", digest, uses, to_ms(at)
        )

    async def use_invite(self, digest: str) -> bool:
        return bool(
            await self._sql.execute(
                "UPDATE invites SET uses_left = uses_left - 1 WHERE digest = $1 AND uses_left > 0", digest
            )
        )
