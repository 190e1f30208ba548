"""The journal: what happened, for other nodes; who is away; who does what the clock brings about."""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

STATEMENTS = """
CREATE TABLE journal (
    id {id},
    at_ms BIGINT NOT NULL,
    node TEXT NOT NULL,
    kind TEXT NOT NULL,
    room_id BIGINT,
    seq BIGINT,
    facts TEXT NOT NULL
);

CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    node TEXT NOT NULL,
    beat BIGINT NOT NULL
);

ALTER TABLE occupants ADD COLUMN away SMALLINT NOT NULL DEFAULT 0;
CREATE INDEX occupants_away ON occupants (room_id, account_id) WHERE away = 1;
"""


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
