"""Domains that were removed: whose they were, for those who want them back."""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

STATEMENTS = """
CREATE TABLE removed_domains (
    zone_id BIGINT NOT NULL PRIMARY KEY REFERENCES zones (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    name {sorted} NOT NULL,
    readable {sorted} NOT NULL,
    renewal TEXT NOT NULL,
    directory TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    removed_ms BIGINT NOT NULL
);
CREATE INDEX removed_domains_by_account ON removed_domains (account_id, name);
CREATE INDEX removed_domains_by_age ON removed_domains (removed_ms);
"""


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
