"""Zones: record sets, their records, and what happened to them; domains that were removed; hosts below domains.

Every domain that there is gets a zone without records. Older code that removes a domain leaves its zone behind, where
nobody sees it.
"""

from alembic import op

from beseda.adapters.sql.migrations.dialects import run

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

STATEMENTS = """
CREATE TABLE zones (
    id {id},
    domain_id BIGINT UNIQUE,
    name {sorted} NOT NULL,
    serial BIGINT NOT NULL,
    records BIGINT NOT NULL,
    changes BIGINT NOT NULL,
    changed_records BIGINT NOT NULL
);

CREATE TABLE zone_serials (
    name {sorted} NOT NULL PRIMARY KEY,
    serial BIGINT NOT NULL
){clustered};

CREATE TABLE record_sets (
    id {id},
    zone_id BIGINT NOT NULL REFERENCES zones (id),
    name {sorted} NOT NULL,
    type TEXT NOT NULL,
    ttl BIGINT NOT NULL,
    UNIQUE (zone_id, name, type)
);

CREATE TABLE records (
    id {id},
    set_id BIGINT NOT NULL REFERENCES record_sets (id),
    zone_id BIGINT NOT NULL,
    family {sorted} NOT NULL,
    rank BIGINT NOT NULL,
    text TEXT NOT NULL,
    wire {bytes} NOT NULL
);
CREATE INDEX records_by_place ON records (zone_id, family, rank, id);
CREATE INDEX records_by_set ON records (set_id);

CREATE TABLE zone_changes (
    id {id},
    zone_id BIGINT NOT NULL REFERENCES zones (id),
    number BIGINT NOT NULL,
    deed TEXT NOT NULL,
    serial_from BIGINT NOT NULL,
    serial_to BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    author_id BIGINT REFERENCES accounts (id),
    note TEXT NOT NULL,
    records_before BIGINT NOT NULL,
    UNIQUE (zone_id, number)
);

CREATE TABLE zone_change_records (
    zone_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    place BIGINT NOT NULL,
    added BIGINT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    ttl BIGINT NOT NULL,
    text TEXT NOT NULL,
    wire {bytes} NOT NULL,
    PRIMARY KEY (zone_id, number, place)
){clustered};

INSERT INTO zones (domain_id, name, serial, records, changes, changed_records)
SELECT id, name, 1, 0, 0, 0 FROM domains ORDER BY id;
"""


def upgrade() -> None:
    run(op.get_bind(), STATEMENTS)
