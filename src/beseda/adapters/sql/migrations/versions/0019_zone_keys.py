"""Keys by which programs sign DNS messages; their secrets follow from the server's key and the salt."""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

STATEMENTS = """
CREATE TABLE zone_keys (
    id {id},
    zone {sorted} NOT NULL,
    label {sorted} NOT NULL,
    account_id BIGINT REFERENCES accounts (id),
    algorithm TEXT NOT NULL,
    salt TEXT NOT NULL,
    may_update BIGINT NOT NULL,
    may_transfer BIGINT NOT NULL,
    names TEXT NOT NULL,
    types TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    UNIQUE (zone, label)
);
"""


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
