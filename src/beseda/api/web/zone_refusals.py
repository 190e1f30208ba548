"""What zones do not take, in words: each with the detail, in English, that says which record it is."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from beseda.api.web.refusals import OTHERWISE
from beseda.api.web.refusals import TEXTS as OTHERS
from beseda.api.words import N_
from beseda.domain import errors
from beseda.domain.errors import BesedaError, RecordRefused, RecordsRefused, ZoneFileInvalid, ZoneFull
from beseda.domain.records import TTL_MAX, TTL_MIN

REASONS = {
    "type_refused": N_("Records of this type are not kept here."),
    "name_invalid": N_("No record of this zone can have this name."),
    "data_invalid": N_("This is no value of a record of this type."),
    "ttl_invalid": N_("The time to live is a number of seconds, from {least} to {most}."),
    "set_too_large": N_("There is too much at this name and type: no answer could hold it."),
    "cname_not_alone": N_("A CNAME stands alone at its name; other records cannot be beside it."),
    "cname_at_apex": N_("The domain itself cannot be a CNAME."),
    "ds_at_apex": N_("The DS of a domain is kept by the zone above it, through your registrar."),
    "ds_without_ns": N_("A DS needs NS records of the same name."),
    "wildcard": N_("A wildcard cannot have NS or DS records."),
    "target_address": N_("Here belongs the name of a host, not an address."),
    "target_alias": N_("MX, NS and SRV records must not point to a CNAME."),
    "null_mx": N_("An MX of no host (0 .) stands alone."),
}
FIELDS = {"type_refused": "type", "name_invalid": "name", "ttl_invalid": "ttl"}
"""Where a reason is told that is not one of the value."""
TEXTS: Mapping[type[BesedaError], str] = {
    errors.RecordMismatch: N_("Somebody has changed this record meanwhile."),
    errors.RecordNotFound: N_("This record is not there any more: somebody has removed or moved it."),
    errors.ZoneMoved: N_("The zone has been changed meanwhile. This is what it would come to now."),
    errors.ZoneFull: N_("A zone has at most {max_records} records."),
    errors.ZoneFileInvalid: N_("Line {line} is not as a zone file has it."),
    errors.ZoneStateNotFound: N_("The history does not reach back so far."),
}
UNREADABLE = N_("This is no zone file.")


class Fault(NamedTuple):
    """A message, what stands in it, the detail in English, and which field of a record is at fault."""

    text: str
    facts: Mapping[str, Any]
    detail: str = ""
    field: str = ""


def faults_of(refusal: BesedaError | None) -> list[Fault]:
    """All that is wrong, one by one; nothing where nothing was refused."""
    match refusal:
        case None:
            return []
        case RecordsRefused():
            return [fault for each in refusal.refusals for fault in faults_of(each)]
        case RecordRefused():
            field = FIELDS.get(refusal.reason, "data")
            return [Fault(REASONS[refusal.reason], {"least": TTL_MIN, "most": TTL_MAX}, refusal.detail, field)]
        case ZoneFileInvalid():
            text = TEXTS[ZoneFileInvalid] if refusal.line else UNREADABLE
            return [Fault(text, {"line": refusal.line}, refusal.detail)]
        case ZoneFull():
            return [Fault(TEXTS[ZoneFull], {"max_records": refusal.max_records})]
    return [Fault(TEXTS.get(type(refusal)) or OTHERS.get(type(refusal), OTHERWISE), {})]
