"""With which settings the name server last started, and how far the serials of zones were raised for it.

Older code goes on without: then no serial rises when the settings change. Nothing is remembered yet, so that nothing
rises at the first start.
"""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

STATEMENTS = """
CREATE TABLE zone_settings (
    id BIGINT NOT NULL PRIMARY KEY,
    said TEXT NOT NULL,
    raised BIGINT NOT NULL
);
"""


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
