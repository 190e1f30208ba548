"""What stands against guessing is counted over all nodes: the buckets of shared limits, and sign-ins that failed."""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STATEMENTS = """
CREATE TABLE shared_limits (
    digest TEXT NOT NULL PRIMARY KEY,
    tokens DOUBLE PRECISION NOT NULL,
    at_ms BIGINT NOT NULL,
    full_ms BIGINT NOT NULL
){clustered};
CREATE INDEX shared_limits_by_full ON shared_limits (full_ms);
CREATE TABLE sign_in_failures (
    digest TEXT NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    misread BIGINT NOT NULL,
    at_ms BIGINT NOT NULL
){clustered};
CREATE INDEX sign_in_failures_by_age ON sign_in_failures (at_ms);
"""


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
