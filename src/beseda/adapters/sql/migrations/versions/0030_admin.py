"""Members who work as operators, when each last proved that it is him, and what the server measured minute by minute.

Older code reads none of it.
"""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

STATEMENTS = """
CREATE TABLE operator_members (
    account_id BIGINT NOT NULL PRIMARY KEY REFERENCES accounts (id),
    role BIGINT NOT NULL,
    at_ms BIGINT NOT NULL
);

CREATE TABLE operator_proofs (
    session_id BIGINT NOT NULL PRIMARY KEY,
    at_ms BIGINT NOT NULL
);
CREATE INDEX operator_proofs_by_time ON operator_proofs (at_ms);

CREATE TABLE samples (
    at_ms BIGINT NOT NULL,
    node {sorted} NOT NULL,
    sockets BIGINT NOT NULL,
    lines BIGINT NOT NULL,
    commits BIGINT NOT NULL,
    units BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    call_us BIGINT NOT NULL,
    slow_us BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    free_bytes BIGINT NOT NULL,
    PRIMARY KEY (at_ms, node)
){clustered};
"""


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
