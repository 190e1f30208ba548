"""What is removed of a member who is deleted, and what stays of him, table by table."""

from beseda.adapters.sql.statements import Connection, fetch_number
from beseda.domain.ids import AccountId, RoomId

ERASED: dict[str, tuple[str, ...]] = {
    "app_tokens": ("account_id",),
    "domain_claims": ("account_id",),
    "domain_offers": ("giver_id", "taker_id"),
    "domain_requests": ("account_id",),
    "favourites": ("account_id",),
    "ignores": ("account_id", "ignored_id"),
    "karma_deductions": ("account_id",),
    "mail_contacts": ("owner_id",),
    "mute_lifts": ("muted_id", "account_id"),
    "notes": ("account_id", "about_id"),
    "notifications": ("account_id",),
    "operator_members": ("account_id",),
    "personal_tokens": ("account_id",),
    "picture_reports": ("account_id", "reporter_id"),
    "pictures": ("account_id",),
    "recovery_codes": ("account_id",),
    "room_admins": ("account_id",),
    "room_reads": ("account_id",),
    "room_stays": ("account_id",),
    "second_factors": ("account_id",),
    "sign_in_addresses": ("account_id",),
    "updates": ("account_id",),
    "visits": ("account_id",),
    "zone_keys": ("account_id",),
}
"""Rows go that name him in one of these columns."""
KEPT = {
    "domains": "what becomes of them, and of who relies on them, is the operator's matter",
    "kicks": "how a room was moderated is its admins' matter",
    "karma_gifts": "what others were given is theirs",
    "letters": "what others were sent is theirs, under the nick that lines have",
    "occupants": "he has left all rooms",
    "removed_domains": "they are forgotten a week after they were removed",
    "reports": "what was reported is the room's matter",
    "room_marks": "how long somebody may not write in a room is the room's matter",
    "room_posts": "a discussion stays readable",
    "rooms": "who founded a room, under the nick that lines have",
    "sessions": "all of them have ended",
    "stays": "he has left all rooms",
    "zone_changes": "how a zone came to be what it is stays readable",
}
"""Tables that go on naming him, and why."""
NOBODYS = "(sender_id = $1 OR receiver_id = $1) AND id NOT IN (SELECT letter_id FROM mail_copies)"
ALONE = (
    "DELETE FROM mail_copies WHERE owner_id = $1",
    f"DELETE FROM letter_words WHERE rowid IN (SELECT id FROM letters WHERE {NOBODYS})",
    f"DELETE FROM letters WHERE {NOBODYS}",
    "UPDATE notifications SET actor_id = NULL WHERE actor_id = $1",
)
"""First of all: his letters, and those that nobody has any more, with their words in the index."""
PROFILE = (
    "UPDATE accounts SET registered = 0, nick = $2, nick_key = NULL, email = NULL, email_key = NULL, phone = NULL,"
    " password_hash = NULL, sex = NULL, standing = 'blocked', birth_date = NULL, age_public = 0, picture_url = '',"
    " karma_given = 0, karma_level = 0, karma_earned = 0, profile_views = 0, role = '', language = NULL,"
    " theme = NULL, delete_ms = NULL WHERE id = $1"
)


WEIGHED = {"letters": "SELECT count(*) FROM mail_copies WHERE owner_id = $1"} | {
    table: f"SELECT count(*) FROM {table} WHERE {' OR '.join(f'{column} = $1' for column in columns)}"
    for table, columns in (ERASED | {"domains": ("account_id",)}).items()
}
"""How much there is of each, for whoever wants to know what would go."""


async def weigh(sql: Connection, account_id: AccountId) -> dict[str, int]:
    """See Accounts.weigh."""
    counts = {table: await fetch_number(sql, statement, account_id) for table, statement in WEIGHED.items()}
    return {table: count for table, count in counts.items() if count}


async def erase(sql: Connection, account_id: AccountId, nick: str) -> list[RoomId]:
    """See Accounts.erase."""
    rooms = await sql.fetch("SELECT room_id FROM room_admins WHERE account_id = $1", account_id)
    for statement in ALONE:
        await sql.execute(statement, account_id)
    for table, columns in ERASED.items():
        await sql.execute(f"DELETE FROM {table} WHERE {' OR '.join(f'{c} = $1' for c in columns)}", account_id)
    await sql.execute(PROFILE, account_id, nick)
    return [RoomId(row[0]) for row in rooms]
