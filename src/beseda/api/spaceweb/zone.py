"""The object `domains/zone`, our own: record sets with numbers that stay, whole zones, files, history.

It is for whoever writes a new client: nothing here depends on places in lists. Owner names are relative, "@" for the
domain itself.
"""

from datetime import datetime
from typing import Any

from beseda.api.spaceweb.codec import INVALID_PARAMS, RpcRefused
from beseda.api.spaceweb.domains import DOMAIN
from beseda.api.spaceweb.table import BOOLEAN, DONE, Done, Gateway, Kind, Method, Param, Schema, TooMany, integer, text
from beseda.core.caller import Caller
from beseda.core.zone_files import HISTORY_MAX, How, Report, WrittenSet
from beseda.domain.ids import MAX_ID, RecordSetId
from beseda.domain.records import Record, RecordSet
from beseda.domain.zones import RECORDS_MAX
from beseda.wire.spaceweb.envelope import Extended
from beseda.wire.spaceweb.zone import Change, RecordView, RemovedView, SetView, StepView, ZoneText, ZoneView

FILE_MAX_CHARS = 2 * 1024 * 1024
DATA_MAX_CHARS = 200_000


def _set_view(each: RecordSet) -> SetView:
    return SetView(each.id, each.name, each.type, each.ttl, [data.text for data in each.data])


def _record_view(record: Record) -> RecordView:
    name, type_, ttl, data = record
    return RecordView(name, type_, ttl, data.text)


def _change(report: Report, dry_run: bool) -> Change:
    return Change(
        report.serial,
        [_record_view(each) for each in report.removed],
        [_record_view(each) for each in report.added],
        dry_run,
    )


async def index(gateway: Gateway, caller: Caller, domain: str) -> ZoneView:
    """All record sets of the zone."""
    head, sets = await gateway.core.zone_files.read(caller, domain)
    return ZoneView(head.name, head.serial, head.records, [_set_view(each) for each in sets])


async def put(
    gateway: Gateway,
    caller: Caller,
    domain: str,
    name: str,
    type_: str,
    ttl: int | None,
    data: list[str],
    dry_run: bool,
    serial: int | None,
) -> Change:
    """Make a record set exactly this. No data removes it. The same twice changes nothing the second time."""
    wanted = WrittenSet(name, type_, tuple(data), ttl)
    return _change(await gateway.core.zone_files.put(caller, domain, wanted, How(dry_run, serial)), dry_run)


async def add(
    gateway: Gateway,
    caller: Caller,
    domain: str,
    name: str,
    type_: str,
    ttl: int | None,
    data: list[str],
    dry_run: bool,
    serial: int | None,
) -> Change:
    """See to it that records are in the zone; others of the same name and type stay."""
    wanted = WrittenSet(name, type_, tuple(data), ttl)
    return _change(await gateway.core.zone_files.add(caller, domain, wanted, How(dry_run, serial)), dry_run)


async def remove(
    gateway: Gateway,
    caller: Caller,
    domain: str,
    set_id: int | None,
    name: str,
    type_: str,
    data: list[str],
    dry_run: bool,
    serial: int | None,
) -> Change:
    """See to it that records are not in the zone; without data, none of that name and type, or of the set `id`."""
    how = How(dry_run, serial)
    if set_id is not None:
        report = await gateway.core.zone_files.remove_set(caller, domain, RecordSetId(set_id), how)
    elif type_:
        report = await gateway.core.zone_files.remove(caller, domain, WrittenSet(name, type_, tuple(data)), how)
    else:
        raise RpcRefused(INVALID_PARAMS)
    return _change(report, dry_run)


async def replace(
    gateway: Gateway, caller: Caller, domain: str, sets: list[WrittenSet], dry_run: bool, serial: int | None
) -> Change:
    """Make the whole zone these record sets, in one step: all of it, or nothing and a refusal of each bad record."""
    return _change(await gateway.core.zone_files.replace(caller, domain, sets, How(dry_run, serial)), dry_run)


async def read_in(
    gateway: Gateway, caller: Caller, domain: str, content: str, dry_run: bool, serial: int | None
) -> Change:
    """Make the whole zone what a master file says; its SOA is left aside."""
    return _change(await gateway.core.zone_files.read_in(caller, domain, content, How(dry_run, serial)), dry_run)


async def export(gateway: Gateway, caller: Caller, domain: str) -> ZoneText:
    """The zone as a master file."""
    return ZoneText(*await gateway.core.zone_files.export(caller, domain))


async def history(gateway: Gateway, caller: Caller, domain: str, before: int, limit: int) -> list[StepView]:
    """What happened to the zone, the newest first."""
    steps = await gateway.core.zone_files.history(caller, domain, before=before, limit=limit)
    return [
        StepView(
            each.change.number,
            each.change.deed.value,
            each.change.serial_from,
            each.change.serial_to,
            _moment(each.change.at),
            each.author,
            each.change.note,
        )
        for each in steps
    ]


async def changes(gateway: Gateway, caller: Caller, domain: str, serial: int) -> Change:
    """What became of the zone since a serial: records that are gone, and that are new."""
    return _change(await gateway.core.zone_files.changes(caller, domain, serial), False)


async def revert(gateway: Gateway, caller: Caller, domain: str, to: int, dry_run: bool, serial: int | None) -> Change:
    """Make the zone what it was at a serial. That is a step as any other, with a serial of its own."""
    return _change(await gateway.core.zone_files.revert(caller, domain, to, How(dry_run, serial)), dry_run)


async def removed(gateway: Gateway, caller: Caller) -> list[RemovedView]:
    """Domains that the account had and can have back, the newest first."""
    return [
        RemovedView(each.name.ascii, each.name.readable, _moment(each.removed_at), _moment(each.gone_at))
        for each in await gateway.core.domains.removed(caller)
    ]


async def restore(gateway: Gateway, caller: Caller, domain: str) -> Done | Extended:
    """Put a removed domain back on the account, with its records. An extendedResult with code 0 if it is taken."""
    await gateway.core.domains.restore(caller, domain)
    return DONE


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _read_data(value: object) -> list[str]:
    """One text, or several in a list."""
    listed: list[Any] = value if isinstance(value, list) else [value]
    if any(type(each) is not str or len(each) > DATA_MAX_CHARS for each in listed):
        raise ValueError
    return listed


def _read_sets(value: object) -> list[WrittenSet]:
    if type(value) is not list:
        raise ValueError
    if len(value) > RECORDS_MAX:
        raise TooMany(f"more than {RECORDS_MAX} record sets")
    return [_read_set(each) for each in value]


def _read_set(given: Any) -> WrittenSet:
    if type(given) is not dict:
        raise ValueError
    name, type_, ttl, data = (param.read(given) for param in (NAME, TYPE, TTL, DATA))
    return WrittenSet(name, type_, tuple(data), ttl)


DATA_SCHEMA: Schema = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
NAME = Param("name", text(255), 'The owner name, relative to the domain; "@" or none for the domain itself.', "@")
TYPE = Param("type", text(20), "The type of the records: A, MX, TYPE65280.")
TTL = Param("ttl", integer(0, 2**32), "Seconds to live; the zone's own if not given.", None)
DATA = Param("data", Kind(_read_data, DATA_SCHEMA), "The data as in master files, of one record or in a list.")
SOME_DATA = Param("data", Kind(_read_data, DATA_SCHEMA), "Which records; all if not given.", [])
DRY_RUN = Param("dryRun", BOOLEAN, "Only say what would be done.", False)
SERIAL = Param("ifSerial", integer(0, 2**32 - 1), "Only if the zone is still at this serial.", None)
SETS = Param(
    "sets",
    Kind(
        _read_sets,
        {
            "type": "array",
            "maxItems": RECORDS_MAX,
            "items": {
                "type": "object",
                "properties": {param.name: param.kind.schema for param in (NAME, TYPE, TTL, DATA)},
                "required": ["type", "data"],
            },
        },
    ),
    "All record sets.",
)

METHODS = (
    Method("index", index, (DOMAIN,)),
    Method("set", put, (DOMAIN, NAME, TYPE, TTL, DATA, DRY_RUN, SERIAL)),
    Method("add", add, (DOMAIN, NAME, TYPE, TTL, DATA, DRY_RUN, SERIAL)),
    Method(
        "remove",
        remove,
        (
            DOMAIN,
            Param("id", integer(1, MAX_ID), "The number of the record set, instead of name and type.", None),
            NAME,
            Param("type", text(20), "The type of the records.", ""),
            SOME_DATA,
            DRY_RUN,
            SERIAL,
        ),
    ),
    Method("replace", replace, (DOMAIN, SETS, DRY_RUN, SERIAL)),
    Method("import", read_in, (DOMAIN, Param("content", text(FILE_MAX_CHARS), "The master file."), DRY_RUN, SERIAL)),
    Method("export", export, (DOMAIN,)),
    Method(
        "history",
        history,
        (
            DOMAIN,
            Param("before", integer(1, MAX_ID), "Only steps with a lower number.", MAX_ID),
            Param("limit", integer(1, HISTORY_MAX), "How many steps.", HISTORY_MAX),
        ),
    ),
    Method("changes", changes, (DOMAIN, Param("serial", integer(0, 2**32 - 1), "Since when."))),
    Method("revert", revert, (DOMAIN, Param("serial", integer(0, 2**32 - 1), "To when."), DRY_RUN, SERIAL)),
    Method("removed", removed),
    Method("restore", restore, (DOMAIN,)),
)
