"""E-mail addresses are compared by the A-labels of their domains.

Where two members have one address in two spellings, the older one has its key; each of the others keeps the very
spelling that he signs in with, in angle brackets, which no address has.
"""

import unicodedata
from collections.abc import Iterable
from typing import Any

import idna
from alembic import op
from sqlalchemy import text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

READ = text("SELECT id, email, email_key FROM accounts WHERE email_key IS NOT NULL ORDER BY id")
WRITE = text("UPDATE accounts SET email_key = :key WHERE id = :id")


def upgrade() -> None:
    connection = op.get_bind()
    changes = changed_keys(connection.execute(READ))
    if changes:
        connection.execute(WRITE, [{"id": change["id"], "key": None} for change in changes])
        connection.execute(WRITE, changes)


def changed_keys(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """What WRITE needs for each account (id, address, key so far) whose key is another from now on."""
    taken: set[str] = set()
    changes = []
    for account_id, email, before in rows:
        key = _key(email, before)
        if key in taken:
            key = f"<{unicodedata.normalize('NFKC', email).lower()}>"
        taken.add(key)
        if key != before:
            changes.append({"id": account_id, "key": key})
    return changes


def _key(email: str, before: str) -> str:
    """The key so far where the domain can be nobody's."""
    try:
        domain = idna.encode(email.rpartition("@")[2], uts46=True).decode("ascii").lower()
    except UnicodeError:
        return before
    if domain.rpartition(".")[2].isdigit():
        return before
    return f"{before.rpartition('@')[0]}@{domain}"
