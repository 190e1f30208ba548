"""From which address a session was begun: its owner sees it on the list of sessions, while the session lives."""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run(op.get_bind(), "ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';")
