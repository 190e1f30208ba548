"""Lists of the mailbox, updates for members' own clients, notifications."""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STATEMENTS = """
ALTER TABLE letters ADD COLUMN answers_id BIGINT;

ALTER TABLE mail_copies ADD COLUMN favourite SMALLINT NOT NULL DEFAULT 0;
CREATE INDEX mail_copies_by_letter ON mail_copies (letter_id, owner_id);
CREATE INDEX mail_copies_sent_unread ON mail_copies (contact_id, letter_id) WHERE received = 0 AND read_ms IS NULL;
CREATE INDEX mail_copies_thrown ON mail_copies (contact_id, letter_id) WHERE list = 4;
CREATE INDEX mail_copies_favourite ON mail_copies (contact_id, letter_id) WHERE favourite = 1;
UPDATE mail_copies SET read_ms = (
    SELECT r.read_ms FROM mail_copies r WHERE r.letter_id = mail_copies.letter_id AND r.received = 1
) WHERE received = 0;

ALTER TABLE mail_contacts ADD COLUMN fresh BIGINT NOT NULL DEFAULT 0;
ALTER TABLE mail_contacts ADD COLUMN received BIGINT NOT NULL DEFAULT 0;
ALTER TABLE mail_contacts ADD COLUMN sent BIGINT NOT NULL DEFAULT 0;
ALTER TABLE mail_contacts ADD COLUMN favourites BIGINT NOT NULL DEFAULT 0;
ALTER TABLE mail_contacts ADD COLUMN thrown BIGINT NOT NULL DEFAULT 0;
ALTER TABLE mail_contacts ADD COLUMN last_received_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE mail_contacts ADD COLUMN last_thrown_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE mail_contacts ADD COLUMN draft TEXT NOT NULL DEFAULT '';
CREATE INDEX mail_contacts_unread ON mail_contacts (owner_id, id) WHERE unread > 0;
UPDATE mail_contacts SET fresh = unread,
    received = (SELECT count(*) FROM mail_copies m WHERE m.owner_id = mail_contacts.owner_id
                AND m.contact_id = mail_contacts.id AND m.received = 1),
    sent = (SELECT count(*) FROM mail_copies m WHERE m.owner_id = mail_contacts.owner_id
            AND m.contact_id = mail_contacts.id AND m.received = 0),
    last_received_id = (SELECT coalesce(max(m.letter_id), 0) FROM mail_copies m
                        WHERE m.owner_id = mail_contacts.owner_id AND m.contact_id = mail_contacts.id
                        AND m.received = 1);

CREATE TABLE updates (
    id {id},
    account_id BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    kind TEXT NOT NULL,
    contact_id BIGINT NOT NULL,
    letter_id BIGINT NOT NULL,
    other_id BIGINT REFERENCES accounts (id),
    number BIGINT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX updates_by_account ON updates (account_id, id);

CREATE TABLE notifications (
    id {id},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    at_ms BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor_id BIGINT REFERENCES accounts (id),
    room_id BIGINT REFERENCES rooms (id),
    number BIGINT NOT NULL,
    text TEXT NOT NULL,
    read_ms BIGINT
);
CREATE INDEX notifications_by_account ON notifications (account_id, id);
CREATE INDEX notifications_unread ON notifications (account_id, id) WHERE read_ms IS NULL;
"""


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
