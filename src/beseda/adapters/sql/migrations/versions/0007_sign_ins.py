"""The addresses that members signed in from, as keyed hashes: a flood of guesses does not shut their owners out."""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STATEMENTS = """
CREATE TABLE sign_in_addresses (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    digest TEXT NOT NULL,
    seen_ms BIGINT NOT NULL,
    PRIMARY KEY (account_id, digest)
){clustered};
CREATE INDEX sign_in_addresses_by_age ON sign_in_addresses (seen_ms);
"""


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
