"""Try again later, or look first whether it was done."""

from beseda.domain.errors.base import BesedaError


class Busy(BesedaError):
    pass


class TooOften(Busy):
    """The limit of that name was reached; `retry_after_s` seconds from now one more call passes."""

    code = "too_often"
    limit: str = ""
    retry_after_s: float


class Overloaded(Busy):
    """A bounded queue is full."""

    code = "overloaded"


class StoreUnavailable(Busy):
    """The change could not be made durable (disk full, database away); nothing of it was kept."""

    code = "store_unavailable"


class OutcomeUnknown(Busy):
    """The database was lost while the change was made durable: it may be there. Who does it again may do it twice."""

    code = "outcome_unknown"
