"""Tokens of operators who work over HTTP, and what operators did."""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

STATEMENTS = """
CREATE TABLE operator_tokens (
    id {id},
    name TEXT NOT NULL,
    role SMALLINT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    created_ms BIGINT NOT NULL,
    used_ms BIGINT
);
CREATE TABLE operator_audit (
    id {id},
    at_ms BIGINT NOT NULL,
    who TEXT NOT NULL,
    command TEXT NOT NULL,
    arguments TEXT NOT NULL,
    outcome TEXT NOT NULL
);
CREATE INDEX operator_audit_by_time ON operator_audit (at_ms);
"""


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
