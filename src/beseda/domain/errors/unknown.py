"""Nobody knows whether it was done."""

from beseda.domain.errors.base import BesedaError


class OutcomeUnknown(BesedaError):
    """The database was lost while the change was made durable: it may be there. Who does it again may do it twice."""

    code = "outcome_unknown"
