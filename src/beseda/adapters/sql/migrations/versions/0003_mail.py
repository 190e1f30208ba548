"""Letters between members: one text, a copy for each of the two, and contacts that count what is unread."""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATEMENTS = """
CREATE TABLE letters (
    id {id},
    sender_id BIGINT NOT NULL REFERENCES accounts (id),
    receiver_id BIGINT NOT NULL REFERENCES accounts (id),
    text TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    edited_ms BIGINT,
    post_key TEXT
);
CREATE UNIQUE INDEX letters_by_key ON letters (sender_id, post_key) WHERE post_key IS NOT NULL;

CREATE TABLE mail_contacts (
    id {id},
    owner_id BIGINT NOT NULL REFERENCES accounts (id),
    other_id BIGINT NOT NULL REFERENCES accounts (id),
    unread BIGINT NOT NULL DEFAULT 0,
    last_letter_id BIGINT NOT NULL,
    list SMALLINT NOT NULL DEFAULT 0,
    UNIQUE (owner_id, other_id)
);
CREATE INDEX mail_contacts_by_last ON mail_contacts (owner_id, last_letter_id);

CREATE TABLE mail_copies (
    owner_id BIGINT NOT NULL,
    contact_id BIGINT NOT NULL REFERENCES mail_contacts (id),
    letter_id BIGINT NOT NULL REFERENCES letters (id),
    received SMALLINT NOT NULL,
    read_ms BIGINT,
    list SMALLINT NOT NULL DEFAULT 0,
    PRIMARY KEY (owner_id, contact_id, letter_id)
){clustered};
CREATE INDEX mail_copies_unread ON mail_copies (owner_id, contact_id, letter_id) WHERE received = 1 AND read_ms IS NULL;
"""


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
