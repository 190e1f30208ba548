"""Which letters are new: those that came after their owner last looked, wherever they have been since."""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# `fresh` was lost whenever a contact or a letter was moved, and what it had been nobody can tell: from here on all
# that is unread counts again, until the owner looks.
STATEMENTS = """
ALTER TABLE mail_contacts ADD COLUMN seen_id BIGINT NOT NULL DEFAULT 0;
UPDATE mail_contacts SET fresh = unread WHERE fresh <> unread;
"""


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
