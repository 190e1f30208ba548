"""Names that members ask an operator for; domains that they hand over; keys of zones that end with a personal token.

Older code makes keys that no token ends, and leaves offers of domains behind that are nobody's: nobody sees them.
"""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0025"
down_revision = "0021"
branch_labels = None
depends_on = None

STATEMENTS = """
CREATE TABLE domain_requests (
    id {id},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    name {sorted} NOT NULL,
    readable {sorted} NOT NULL,
    renewal TEXT NOT NULL,
    directory TEXT NOT NULL,
    asked_ms BIGINT NOT NULL,
    denied_ms BIGINT,
    reason TEXT NOT NULL,
    UNIQUE (account_id, name)
);
CREATE INDEX domain_requests_by_name ON domain_requests (name);

CREATE TABLE domain_offers (
    domain_id BIGINT NOT NULL PRIMARY KEY,
    giver_id BIGINT NOT NULL REFERENCES accounts (id),
    taker_id BIGINT NOT NULL REFERENCES accounts (id),
    at_ms BIGINT NOT NULL
);
CREATE INDEX domain_offers_by_giver ON domain_offers (giver_id);
CREATE INDEX domain_offers_by_taker ON domain_offers (taker_id);

ALTER TABLE zone_keys ADD COLUMN token_id BIGINT;
CREATE INDEX zone_keys_by_token ON zone_keys (token_id);
"""


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
