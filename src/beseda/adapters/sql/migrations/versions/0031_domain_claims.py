"""Names that members asked for and have yet to show to be theirs.

Older code neither reads them nor drops them when somebody has the name: they are over in a week.
"""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

STATEMENTS = """
CREATE TABLE domain_claims (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    name {sorted} NOT NULL,
    readable {sorted} NOT NULL,
    asked_ms BIGINT NOT NULL,
    PRIMARY KEY (account_id, name)
){clustered};
CREATE INDEX domain_claims_by_name ON domain_claims (name);
"""


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
