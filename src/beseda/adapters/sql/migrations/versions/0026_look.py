"""Language and theme that a member has chosen, for all his browsers; both are NULL where he has not."""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

STATEMENTS = """
ALTER TABLE accounts ADD COLUMN language TEXT;
ALTER TABLE accounts ADD COLUMN theme TEXT;
"""


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
