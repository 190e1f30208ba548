"""Second factors of members, and their recovery codes.

Older code asks for none: the password alone lets such a member in.
"""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0028"
down_revision = "0026"
branch_labels = None
depends_on = None

STATEMENTS = """
CREATE TABLE second_factors (
    account_id BIGINT NOT NULL PRIMARY KEY REFERENCES accounts (id),
    nonce TEXT NOT NULL,
    since_ms BIGINT NOT NULL,
    last_step BIGINT NOT NULL
);
CREATE TABLE recovery_codes (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    digest TEXT NOT NULL,
    PRIMARY KEY (account_id, digest)
);
"""


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
