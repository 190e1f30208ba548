"""Members who are to be deleted, and when."""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

STATEMENTS = """
ALTER TABLE accounts ADD COLUMN delete_ms BIGINT;
CREATE INDEX accounts_to_delete ON accounts (delete_ms) WHERE delete_ms IS NOT NULL;
"""


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
