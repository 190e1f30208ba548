"""What SpaceWeb tells of domains, records and money. Names differ from the wire's where the docstring says so."""

from beseda.wire.spaceweb.description import Description, MethodDescription, Parameter
from beseda.wire.spaceweb.dns import Record
from beseda.wire.spaceweb.domains import DomainInfo, DomainRow, RenewalOffer, Subdomain
from beseda.wire.spaceweb.envelope import AnyExtended as ExtendedResult
from beseda.wire.spaceweb.pay import Account, Balance
from beseda.wire.spaceweb.zone import Change, RecordView, SetView, ZoneView

__all__ = [
    "Account",
    "Balance",
    "Change",
    "Description",
    "DomainInfo",
    "DomainRow",
    "ExtendedResult",
    "MethodDescription",
    "Parameter",
    "Record",
    "RecordView",
    "RenewalOffer",
    "SetView",
    "Subdomain",
    "ZoneView",
]
