"""The object `domains/dns`: the records of a zone, addressed by their places in the lists of their families."""

from collections.abc import Callable
from enum import Enum
from typing import Annotated

import msgspec

from beseda.api.spaceweb.codec import INVALID_PARAMS, RpcRefused
from beseda.api.spaceweb.dns_rows import DnsRow, split_service, tell_rows
from beseda.api.spaceweb.domains import DOMAIN
from beseda.api.spaceweb.table import Done, Gateway, Kind, Method, Param, integer, text
from beseda.core.caller import Caller
from beseda.core.records import Meant, Wanted
from beseda.domain.records import APEX, HOSTS, Row, family_of, quoted
from beseda.wire.spaceweb.envelope import Fault

NOT_AN_ACTION = Fault(-32500, "Неверное действие с DNS-записью")
VALUE_MAX = 65_535
HOST_TYPES = frozenset({"CNAME", "NS", "PTR"})
DEFAULT_PRIORITY = 10


class Action(Enum):
    """What an edit method is to do."""

    ADD = "add"
    EDIT = "edit"
    DEL = "del"


class File(msgspec.Struct, frozen=True):
    """A file: its type, nothing else about it, its text, its name."""

    mimetype: str
    metadata: tuple[()]
    content: str
    name: str


async def info(gateway: Gateway, caller: Caller, domain: str) -> Annotated[msgspec.Raw, list[DnsRow]]:
    """All records of the zone that the domain is, or is in."""
    return msgspec.Raw(await gateway.core.records.told(caller, domain, tell_rows))


async def get_file(gateway: Gateway, caller: Caller, domain: str) -> File:
    """The zone as a master file."""
    zone, content = await gateway.core.zone_files.export(caller, domain)
    return File("text/plain", (), content, f"{zone}.zone.txt")


async def _edit(
    gateway: Gateway,
    caller: Caller,
    domain: str,
    action: Action,
    index: int | None,
    family: str,
    wanted: Callable[[Row | None], Wanted],
    meant: Meant,
) -> None:
    """Do it. Raises RpcRefused when what the action needs was not sent."""
    records = gateway.core.records
    if action is Action.ADD:
        await records.add(caller, domain, wanted(None))
        return
    if index is None:
        raise RpcRefused(INVALID_PARAMS)
    if action is Action.EDIT:
        await records.edit(caller, domain, family, index, wanted, meant.type)
    else:
        await records.remove(caller, domain, family, index, meant)


def _needed(value: str | None) -> str:
    if value is None:
        raise RpcRefused(INVALID_PARAMS)
    return value


def _host(value: str) -> str:
    """A host's name is whole, with or without its final dot, as the service has it."""
    written = value.strip()
    return written if written.endswith(".") else f"{written}."


async def edit_txt(
    gateway: Gateway,
    caller: Caller,
    domain: str,
    action: Action,
    index: int | None,
    sub_domain: str | None,
    value: str | None,
    type_: str | None,
) -> bool:
    """Add, change or remove a TXT record."""

    def wanted(_row: Row | None) -> Wanted:
        return Wanted(sub_domain, "TXT", quoted(_needed(value)))

    meant = Meant(sub_domain, type_, None if value is None else quoted(value))
    await _edit(gateway, caller, domain, action, index, "TXT", wanted, meant)
    return True


async def edit_mx(
    gateway: Gateway,
    caller: Caller,
    domain: str,
    action: Action,
    index: int | None,
    priority: int | None,
    value: str | None,
    sub_domain: str | None,
    type_: str | None,
) -> Done:
    """Add, change or remove an MX record."""

    def wanted(row: Row | None) -> Wanted:
        kept = row.data.text.split(" ")[0] if row else DEFAULT_PRIORITY
        return Wanted(sub_domain, "MX", f"{kept if priority is None else priority} {_host(_needed(value))}")

    meant = Meant(sub_domain, type_, target=None if value is None else _host(value))
    await _edit(gateway, caller, domain, action, index, "MX", wanted, meant)
    return 1


async def edit_ns(
    gateway: Gateway,
    caller: Caller,
    domain: str,
    action: Action,
    index: int | None,
    sub_domain: str | None,
    value: str | None,
    type_: str | None,
) -> bool:
    """Add, change or remove an NS record: a subdomain that others serve."""

    def wanted(_row: Row | None) -> Wanted:
        return Wanted(sub_domain, "NS", _host(_needed(value)))

    meant = Meant(sub_domain, type_, target=None if value is None else _host(value))
    await _edit(gateway, caller, domain, action, index, "NS", wanted, meant)
    return True


async def edit_srv(
    gateway: Gateway,
    caller: Caller,
    domain: str,
    action: Action,
    index: int | None,
    priority: int | None,
    ttl: int | None,
    weight: int | None,
    target: str | None,
    service: str | None,
    protocol: str | None,
    port: int | None,
    sub_domain: str | None,
    type_: str | None,
) -> bool:
    """Add, change or remove an SRV record. Without a ttl, or with 0, it has that of the zone."""

    def name(row: Row | None) -> str | None:
        if service is None and protocol is None and sub_domain is None and row is not None:
            return None
        kept = split_service(row.name) if row else ("", "", "")
        labels = [service or kept[0], protocol or kept[1]]
        if not all(labels):
            raise RpcRefused(INVALID_PARAMS)
        host = kept[2] if sub_domain is None else sub_domain.replace(APEX, "")
        return ".".join([*(f"_{label.removeprefix('_')}" for label in labels), *filter(None, [host])])

    def wanted(row: Row | None) -> Wanted:
        kept = row.data.text.split(" ") if row else ["0", "0", "", ""]
        given = [priority, weight, port, None if target is None else _host(target)]
        words = [old if new is None else str(new) for old, new in zip(kept, given, strict=True)]
        if not all(words):
            raise RpcRefused(INVALID_PARAMS)
        host_stays = row is not None and sub_domain is None
        return Wanted(name(row), "SRV", " ".join(words), ttl or None, of_zone=host_stays)

    host = None if target is None else _host(target)
    whole = service is not None and protocol is not None
    meant = Meant(name(None) if whole else None, type_, target=host)
    await _edit(gateway, caller, domain, action, index, "SRV", wanted, meant)
    return True


async def edit_main(
    gateway: Gateway,
    caller: Caller,
    domain: str,
    action: Action,
    index: int | None,
    name: str | None,
    type_: str | None,
    value: str | None,
    prefix: str | None,
) -> bool:
    """Add, change or remove any record: A, AAAA and CNAME, but other types too, with their data as in master files."""
    kind = gateway.core.zones.codec.type_name(type_) if type_ else None
    label = None if prefix in (None, "0") else prefix
    owner = name if label is None else f"{label}.{name}" if name and name != APEX else label

    def wanted(row: Row | None) -> Wanted:
        chosen = kind or (row.type if row else None)
        if chosen is None and action is Action.ADD:
            raise RpcRefused(INVALID_PARAMS)
        return Wanted(owner, chosen or HOSTS, _data(chosen or HOSTS, _needed(value)))

    await _edit(
        gateway, caller, domain, action, index, family_of(kind or HOSTS), wanted, _main_meant(owner, kind, value)
    )
    return True


def _main_meant(owner: str | None, kind: str | None, value: str | None) -> Meant:
    if value is None:
        return Meant(owner, kind)
    target = kind in HOST_TYPES or (kind == "MX" and " " not in value.strip())
    if target or (kind is None and not value.strip().replace(".", "").isdigit() and ":" not in value):
        return Meant(owner, kind, target=_host(value))
    return Meant(owner, kind, _data(kind or HOSTS, value))


def _data(type_: str, value: str) -> str:
    """The data of a record as master files have it, of what clients send."""
    if type_ == "TXT":
        return quoted(value)
    if type_ in HOST_TYPES:
        return _host(value)
    words = value.split()
    if type_ == "MX" and len(words) == 1:
        words.insert(0, str(DEFAULT_PRIORITY))
    return " ".join([*words[:-1], _host(words[-1])]) if type_ in ("MX", "SRV") and words else value


def _read_action(value: object) -> Action:
    try:
        return Action(value)
    except ValueError:
        raise RpcRefused(NOT_AN_ACTION) from None


# COMPAT(spaceweb): all but the domain and the action may be sent empty, whatever the action needs.
ACTION = Param("action", Kind(_read_action, {"type": "string", "enum": [each.value for each in Action]}), "What to do.")
INDEX = Param("index", integer(0, 10**9), "Which record, for edit and del: its index in `info`, now.", None)
SUB_DOMAIN = Param("subDomain", text(255), 'The name below the domain; "@" or none for the domain itself.', None)
VALUE = Param("value", text(VALUE_MAX), "The text, the address or the host.", None)
TYPE = Param("type", text(20), "The type of the record.", None)
SHORT = integer(0, 65_535)
PRIORITY = Param("priority", SHORT, "Lower ones are tried first.", None)

METHODS = (
    Method("info", info, (DOMAIN,)),
    Method("editTxt", edit_txt, (DOMAIN, ACTION, INDEX, SUB_DOMAIN, VALUE, TYPE)),
    Method("editMx", edit_mx, (DOMAIN, ACTION, INDEX, PRIORITY, VALUE, SUB_DOMAIN, TYPE)),
    Method("editNS", edit_ns, (DOMAIN, ACTION, INDEX, SUB_DOMAIN, VALUE, TYPE)),
    Method(
        "editSrv",
        edit_srv,
        (
            DOMAIN,
            ACTION,
            INDEX,
            PRIORITY,
            Param("ttl", integer(0, 2**31 - 1), "Seconds to live; 0 or none for the zone's own.", None),
            Param("weight", SHORT, "How often among those of one priority.", None),
            Param("target", text(255), "The host.", None),
            Param("service", text(63), "The service, without its underscore.", None),
            Param("protocol", text(63), "The protocol, without its underscore.", None),
            Param("port", SHORT, "The port.", None),
            SUB_DOMAIN,
            TYPE,
        ),
    ),
    Method(
        "editMain",
        edit_main,
        (
            DOMAIN,
            ACTION,
            INDEX,
            Param("name", text(255), 'The name below the domain; "@" or none for the domain itself.', None),
            TYPE,
            VALUE,
            Param("prefix", text(255), "A label in front of the name; 0 for none.", None),
        ),
    ),
    Method("getFile", get_file, (DOMAIN,)),
)
