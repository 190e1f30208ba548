"""Whose a name is, and what becomes of who asks for it."""

from beseda.domain.errors.busy import Busy
from beseda.domain.errors.missing import NotFound
from beseda.domain.errors.refused import Refused


class DomainUnproven(Refused):
    """That the name is the member's is not shown; a TXT record named `record` of that `value` would show it."""

    code = "domain_unproven"
    name: str
    record: str
    value: str


class DomainRequested(Refused):
    """The name waits for an operator's decision; `number` is 0 where he was not asked, as more is wrong."""

    code = "domain_requested"
    name: str
    number: int


class DomainDenied(Refused):
    """An operator decided against it; `words` are his."""

    code = "domain_denied"
    name: str
    number: int
    words: str


class DomainRequestsFull(Refused):
    """The member has as many names waiting as anybody may have."""

    code = "domain_requests_full"
    max_requests: int


class DomainRequestNotFound(NotFound):
    code = "domain_request_not_found"
    number: int


class DomainOfferNotFound(NotFound):
    """Nobody offers the member that domain, or no longer."""

    code = "domain_offer_not_found"
    name: str


class ResolverSilent(Busy):
    """The DNS could not be asked whose a name is; nothing was done."""

    code = "resolver_silent"
