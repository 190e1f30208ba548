"""What operators announced to everybody, and until when pages show it.

Older code reads none of it, and passes over the lines in which rooms are told.
"""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

STATEMENTS = """
CREATE TABLE announcements (
    id {id},
    at_ms BIGINT NOT NULL,
    until_ms BIGINT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX announcements_by_end ON announcements (until_ms);
"""


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
