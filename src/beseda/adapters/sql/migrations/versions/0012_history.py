"""What members may read of rooms, how far they have read, and when they were last awake."""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# Whoever is inside has read at least what came since he entered; before, a newcomer would have seen fifty lines.
STATEMENTS = """
ALTER TABLE rooms ADD COLUMN history_lines BIGINT;
ALTER TABLE occupants ADD COLUMN first_seq BIGINT NOT NULL DEFAULT 1;
UPDATE occupants SET first_seq = entered_seq - 50 WHERE entered_seq > 50;
ALTER TABLE occupants ADD COLUMN awake_ms BIGINT;

CREATE TABLE room_stays (
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    left_ms BIGINT,
    PRIMARY KEY (room_id, account_id, first_seq)
){clustered};

CREATE TABLE room_reads (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    room_id BIGINT NOT NULL REFERENCES rooms (id),
    seq BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (account_id, room_id)
){clustered};
"""


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
