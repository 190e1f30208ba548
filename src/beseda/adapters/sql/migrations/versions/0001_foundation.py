"""Accounts, sessions, applications, rooms, domains, the ledger."""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STATEMENTS = """
CREATE TABLE schema_state (version BIGINT NOT NULL, oldest_code BIGINT NOT NULL, unfinished TEXT NOT NULL);

CREATE TABLE accounts (
    id {id},
    registered SMALLINT NOT NULL,
    nick TEXT NOT NULL,
    nick_key {sorted} UNIQUE,
    email TEXT,
    email_key TEXT UNIQUE,
    phone TEXT UNIQUE,
    password_hash TEXT,
    sex TEXT,
    standing TEXT NOT NULL,
    birth_date TEXT,
    age_public SMALLINT NOT NULL DEFAULT 0,
    picture_url TEXT NOT NULL DEFAULT '',
    karma_given BIGINT NOT NULL DEFAULT 0,
    karma_level SMALLINT NOT NULL DEFAULT 0,
    profile_views BIGINT NOT NULL DEFAULT 0,
    created_ms BIGINT NOT NULL,
    accessed_ms BIGINT NOT NULL,
    CHECK (registered = 0 OR password_hash IS NOT NULL)
);

CREATE TABLE invites (
    digest TEXT NOT NULL PRIMARY KEY,
    uses_left BIGINT NOT NULL CHECK (uses_left >= 0),
    created_ms BIGINT NOT NULL
);

CREATE TABLE sessions (
    id {id},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    kind TEXT NOT NULL,
    nonce TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    seen_ms BIGINT NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (account_id);
CREATE INDEX sessions_by_use ON sessions (kind, seen_ms);

CREATE TABLE handles (
    digest TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    session_id BIGINT NOT NULL REFERENCES sessions (id)
){clustered};
CREATE INDEX handles_by_session ON handles (session_id);

CREATE TABLE apps (
    id {id},
    name TEXT NOT NULL,
    key_digest TEXT NOT NULL UNIQUE,
    created_ms BIGINT NOT NULL,
    revoked SMALLINT NOT NULL DEFAULT 0
);

CREATE TABLE app_tokens (
    digest TEXT NOT NULL PRIMARY KEY,
    app_id BIGINT NOT NULL REFERENCES apps (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    state TEXT NOT NULL,
    replaces TEXT,
    session_id BIGINT,
    created_ms BIGINT NOT NULL
);
CREATE INDEX app_tokens_by_replaced ON app_tokens (app_id, replaces);
CREATE INDEX app_tokens_by_account ON app_tokens (account_id);

CREATE TABLE rooms (
    id {id},
    name TEXT NOT NULL,
    name_key TEXT UNIQUE,
    description TEXT NOT NULL DEFAULT '',
    web TEXT NOT NULL DEFAULT '',
    permanent SMALLINT NOT NULL,
    reserved SMALLINT NOT NULL DEFAULT 0,
    lock_kind TEXT NOT NULL DEFAULT '',
    password TEXT NOT NULL DEFAULT '',
    admin_id BIGINT REFERENCES accounts (id),
    founder_id BIGINT REFERENCES accounts (id),
    created_ms BIGINT NOT NULL,
    closed_ms BIGINT
);

CREATE TABLE room_admins (
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    PRIMARY KEY (room_id, account_id)
){clustered};

CREATE TABLE occupants (
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    entered_ms BIGINT NOT NULL,
    accessed_ms BIGINT NOT NULL,
    written_ms BIGINT,
    PRIMARY KEY (room_id, account_id)
){clustered};
CREATE INDEX occupants_by_account ON occupants (account_id);

CREATE TABLE stays (
    session_id BIGINT NOT NULL REFERENCES sessions (id),
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    PRIMARY KEY (session_id, room_id)
){clustered};
CREATE INDEX stays_by_occupant ON stays (room_id, account_id);

CREATE TABLE visits (
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    PRIMARY KEY (room_id, account_id)
){clustered};

CREATE TABLE favourites (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    PRIMARY KEY (account_id, room_id)
){clustered};

CREATE TABLE domains (
    id {id},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    name {sorted} NOT NULL UNIQUE,
    readable {sorted} NOT NULL,
    renewal TEXT NOT NULL,
    directory TEXT NOT NULL,
    created_ms BIGINT NOT NULL
);
CREATE INDEX domains_by_account ON domains (account_id, readable);

CREATE TABLE ledger_entries (
    id {id},
    key TEXT NOT NULL UNIQUE,
    memo TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);

CREATE TABLE ledger_postings (
    entry_id BIGINT NOT NULL REFERENCES ledger_entries (id),
    line BIGINT NOT NULL,
    book TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    PRIMARY KEY (entry_id, line)
){clustered};
CREATE INDEX ledger_postings_by_book ON ledger_postings (book, entry_id);

CREATE TABLE ledger_books (
    book TEXT NOT NULL PRIMARY KEY,
    balance_minor BIGINT NOT NULL CHECK (balance_minor >= 0 OR book = 'outside')
){clustered};
"""


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
