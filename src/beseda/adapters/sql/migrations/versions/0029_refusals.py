"""What calls were refused for, for a week."""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

STATEMENTS = """
CREATE TABLE refusals (
    request_id TEXT NOT NULL PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    protocol TEXT NOT NULL,
    method TEXT NOT NULL,
    outcome TEXT NOT NULL,
    address TEXT NOT NULL,
    error TEXT NOT NULL,
    facts TEXT NOT NULL
);
CREATE INDEX refusals_by_time ON refusals (at_ms);
"""


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
