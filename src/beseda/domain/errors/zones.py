"""What a zone does not take: records, changes, files."""

from beseda.domain.errors.base import BesedaError
from beseda.domain.errors.refused import Refused


class RecordRefused(Refused):
    """`reason` is one of domain/records.py's REASONS; `detail` says in English what is wrong with which record."""

    code = "record_refused"
    name: str
    type: str
    reason: str
    detail: str


class RecordMismatch(Refused):
    """The record at that place is not the one that was meant."""

    code = "record_mismatch"


class ZoneFull(Refused):
    code = "zone_full"
    max_records: int


class ZoneFileInvalid(Refused):
    """What is no master file (RFC 1035, 5); `line` is 0 when no one line is at fault."""

    code = "zone_file_invalid"
    line: int
    detail: str


class RecordsRefused(Refused):
    """Nothing of a change was done; `refusals` says of each bad record what is wrong with it."""

    code = "records_refused"
    refusals: "tuple[BesedaError, ...]"


class ZoneMoved(Refused):
    """The zone is at another serial than the change was made for."""

    code = "zone_moved"
    serial: int
