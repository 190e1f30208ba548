"""Hosts below domains with folders of their own, and where domains redirect browsers to."""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

STATEMENTS = """
CREATE TABLE subdomains (
    zone_id BIGINT NOT NULL REFERENCES zones (id),
    machine {sorted} NOT NULL,
    directory TEXT NOT NULL,
    PRIMARY KEY (zone_id, machine)
){clustered};

CREATE TABLE redirects (
    zone_id BIGINT NOT NULL PRIMARY KEY REFERENCES zones (id),
    url TEXT NOT NULL
);
"""


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
