"""Serials of zones in a database that was put back: what was served since the backup is not in it, and was higher."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from beseda.adapters.sql.statements import Row, to_ms
from beseda.domain.zones import ANY_NAME, Deed, serial_after_loss

ZONES = "SELECT id, serial, changes, changed_records FROM zones WHERE domain_id IS NOT NULL ORDER BY id"
SERIALS = "SELECT name, serial FROM zone_serials WHERE name <> $1"
SET_ZONE = "UPDATE zones SET serial = $2, changes = $3 WHERE id = $1"
ADD_STEP = (
    "INSERT INTO zone_changes (zone_id, number, deed, serial_from, serial_to, at_ms, note, records_before)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
)
SET_SERIAL = (
    "INSERT INTO zone_serials (name, serial) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET serial = excluded.serial"
)
NOTE = "backup put back"


class Raised(NamedTuple):
    """Arguments of SET_ZONE, ADD_STEP and SET_SERIAL."""

    zones: list[tuple[int, int, int]]
    steps: list[tuple[int, int, str, int, int, int, str, int]]
    serials: list[tuple[str, int]]


def raised(zones: Iterable[Row], serials: Iterable[Row], made: str, now: datetime) -> Raised:
    """Of rows of ZONES and SERIALS in a backup that was `made` then (RFC 3339).

    Each zone gets a step without records, so that the history, and with it IXFR, has no gap.
    """
    since, at_ms = datetime.fromisoformat(made).astimezone(UTC), to_ms(now)
    found = Raised([], [], [(ANY_NAME, serial_after_loss(0, since, now))])
    for id_, serial, changes, changed_records in zones:
        number, higher = changes + 1, serial_after_loss(serial, since, now)
        found.zones.append((id_, higher, number))
        found.steps.append((id_, number, Deed.RESTORED.value, serial, higher, at_ms, NOTE, changed_records))
    found.serials.extend((name, serial_after_loss(serial, since, now)) for name, serial in serials)
    return found
