"""What happens in rooms, moderation, karma, ignoring, notes, pictures."""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATEMENTS = """
ALTER TABLE accounts ADD COLUMN role TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN karma_earned BIGINT NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN chatted_hour BIGINT NOT NULL DEFAULT 0;

ALTER TABLE rooms ADD COLUMN main_admin_id BIGINT;
ALTER TABLE rooms ADD COLUMN links TEXT NOT NULL DEFAULT '';
ALTER TABLE rooms ADD COLUMN opened_by_admins SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN hands_over SMALLINT NOT NULL DEFAULT 1;
ALTER TABLE rooms ADD COLUMN keep_days BIGINT;
CREATE INDEX rooms_by_main_admin ON rooms (main_admin_id);

ALTER TABLE occupants ADD COLUMN entered_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE stays ADD COLUMN entered_seq BIGINT NOT NULL DEFAULT 0;

CREATE TABLE room_heads (
    room_id BIGINT NOT NULL PRIMARY KEY,
    head_seq BIGINT NOT NULL,
    head_ms BIGINT NOT NULL,
    tail_seq BIGINT NOT NULL
){clustered};
INSERT INTO room_heads (room_id, head_seq, head_ms, tail_seq) SELECT id, 0, 0, 0 FROM rooms;

CREATE TABLE room_lines (
    room_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor_id BIGINT,
    target_id BIGINT,
    text TEXT NOT NULL,
    number BIGINT NOT NULL,
    hidden TEXT NOT NULL,
    post_key TEXT,
    PRIMARY KEY (room_id, seq)
){clustered};
CREATE INDEX room_lines_by_actor ON room_lines (actor_id, room_id, seq);
CREATE UNIQUE INDEX room_lines_by_key ON room_lines (actor_id, post_key) WHERE post_key IS NOT NULL;

CREATE TABLE room_marks (
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    silent_ms BIGINT,
    links_ms BIGINT,
    muted_ms BIGINT,
    PRIMARY KEY (room_id, account_id)
){clustered};

CREATE TABLE mute_lifts (
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    muted_id BIGINT NOT NULL REFERENCES accounts (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    PRIMARY KEY (room_id, muted_id, account_id)
){clustered};

CREATE TABLE kicks (
    id {id},
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    admin_id BIGINT NOT NULL REFERENCES accounts (id),
    reason TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    until_ms BIGINT NOT NULL,
    lifted_ms BIGINT,
    lifted_by BIGINT REFERENCES accounts (id)
);
CREATE INDEX kicks_by_room ON kicks (room_id, until_ms);
CREATE INDEX kicks_by_account ON kicks (account_id, at_ms);

CREATE TABLE kick_lines (
    kick_id BIGINT NOT NULL REFERENCES kicks (id),
    position BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor_id BIGINT NOT NULL,
    target_id BIGINT,
    text TEXT NOT NULL,
    PRIMARY KEY (kick_id, position)
){clustered};

CREATE TABLE moderation_log (
    id {id},
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    at_ms BIGINT NOT NULL,
    actor_id BIGINT,
    deed TEXT NOT NULL,
    target_id BIGINT,
    reason TEXT NOT NULL
);
CREATE INDEX moderation_log_by_room ON moderation_log (room_id, id);

CREATE TABLE reports (
    id {id},
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    seq BIGINT NOT NULL,
    reporter_id BIGINT NOT NULL REFERENCES accounts (id),
    author_id BIGINT NOT NULL REFERENCES accounts (id),
    text TEXT NOT NULL,
    reason TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    settled_ms BIGINT,
    settled_by BIGINT REFERENCES accounts (id),
    UNIQUE (room_id, seq, reporter_id)
);

CREATE TABLE room_posts (
    id {id},
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    author_id BIGINT NOT NULL REFERENCES accounts (id),
    text TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    deleted_ms BIGINT,
    deleted_by BIGINT REFERENCES accounts (id)
);
CREATE INDEX room_posts_by_room ON room_posts (room_id, id);

CREATE TABLE ignores (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    ignored_id BIGINT NOT NULL REFERENCES accounts (id),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (account_id, ignored_id)
){clustered};
CREATE INDEX ignores_by_ignored ON ignores (ignored_id, account_id);

CREATE TABLE notes (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    about_id BIGINT NOT NULL REFERENCES accounts (id),
    text TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (account_id, about_id)
){clustered};

CREATE TABLE karma_gifts (
    id {id},
    giver_id BIGINT NOT NULL REFERENCES accounts (id),
    receiver_id BIGINT NOT NULL REFERENCES accounts (id),
    amount BIGINT NOT NULL,
    reason TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    ended_ms BIGINT
);
CREATE INDEX karma_gifts_by_giver ON karma_gifts (giver_id, id);
CREATE INDEX karma_gifts_by_receiver ON karma_gifts (receiver_id, at_ms);
CREATE INDEX karma_gifts_by_time ON karma_gifts (at_ms);

CREATE TABLE karma_deductions (
    id {id},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    amount BIGINT NOT NULL,
    reason TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);
CREATE INDEX karma_deductions_by_account ON karma_deductions (account_id, at_ms);

CREATE TABLE karma_rankings (day TEXT NOT NULL PRIMARY KEY);

CREATE TABLE pictures (
    account_id BIGINT NOT NULL PRIMARY KEY REFERENCES accounts (id),
    media_type TEXT NOT NULL,
    content {bytes} NOT NULL,
    at_ms BIGINT NOT NULL
);

CREATE TABLE picture_reports (
    id {id},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    reporter_id BIGINT NOT NULL REFERENCES accounts (id),
    picture_ms BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    settled_ms BIGINT,
    UNIQUE (account_id, reporter_id, picture_ms)
);
"""


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
