"""What `domains/dns` tells of records: a row for each, with the members that its type has."""

from collections.abc import Callable
from itertools import chain, groupby
from operator import itemgetter

import msgspec
from msgspec import UNSET, UnsetType

from beseda.api.spaceweb.codec import ascii_json
from beseda.domain.records import APEX, HOSTS, Row, family_of, said

GROUPS = (HOSTS, "MX", "SRV", "TXT", "NS")
"""The order of families in `info`; others follow by name."""


class DnsRow(msgspec.Struct, frozen=True, gc=False, rename={"can_change": "canChange"}):
    """One record, with the members that its type has.

    `index` is its place among those that are counted together: A, AAAA and CNAME, or one other type. It moves when a
    record before it goes. The owner name of a TXT is `domain`, "@" for the domain itself; of others `name`, "" for it.
    """

    index: int
    type: str
    category: str
    name: str | UnsetType = UNSET
    domain: str | UnsetType = UNSET
    value: str | UnsetType = UNSET
    can_change: str | UnsetType = UNSET
    sel: str | UnsetType = UNSET
    service: str | UnsetType = UNSET
    protocol: str | UnsetType = UNSET
    ttl: str | UnsetType = UNSET
    priority: str | UnsetType = UNSET
    weight: str | UnsetType = UNSET
    port: str | UnsetType = UNSET
    target: str | UnsetType = UNSET
    main: int | UnsetType = UNSET
    flag: str | UnsetType = UNSET
    tag: str | UnsetType = UNSET


def _host_row(row: Row, name: str, index: int) -> DnsRow:
    if row.type != "CNAME" and name in ("", "www"):
        return DnsRow(index, row.type, "zoneMain", name=name, value=row.data.text, can_change="true", sel=row.type)
    return DnsRow(index, row.type, "subdom", name=name, value=row.data.text)


def _mx_row(row: Row, name: str, index: int) -> DnsRow:
    priority, _, host = row.data.text.partition(" ")
    return DnsRow(index, "MX", "mx", name=name, value=host, priority=priority)


def _srv_row(row: Row, name: str, index: int) -> DnsRow:
    priority, weight, port, target = row.data.text.split(" ")
    service, protocol, host = split_service(name)
    return DnsRow(
        index,
        "SRV",
        "srv",
        name=host,
        service=service,
        protocol=protocol,
        ttl=str(row.ttl),
        priority=priority,
        weight=weight,
        port=port,
        target=target,
    )


def _txt_row(row: Row, name: str, index: int) -> DnsRow:
    ttl, value = str(row.ttl), said(row.data.wire)
    if name:
        return DnsRow(index, "TXT", "subdomTxt", domain=name, ttl=ttl, value=value)
    return DnsRow(index, "TXT", "mainTxt", domain=APEX, ttl=ttl, value=value, main=1)


def _caa_row(row: Row, name: str, index: int) -> DnsRow:
    flag, tag, _ = row.data.text.split(" ", 2)
    return DnsRow(index, "CAA", "caa", name=name, value=row.data.text, flag=flag, tag=tag)


def _other_row(row: Row, name: str, index: int) -> DnsRow:
    return DnsRow(index, row.type, row.type.lower(), name=name, value=row.data.text)


SHAPES: dict[str, Callable[[Row, str, int], DnsRow]] = {
    "A": _host_row,
    "AAAA": _host_row,
    "CNAME": _host_row,
    "MX": _mx_row,
    "SRV": _srv_row,
    "TXT": _txt_row,
    "CAA": _caa_row,
}


def split_service(name: str) -> tuple[str, str, str]:
    """Service and protocol of an SRV's name, and the host below which it is; two "" when it is not of that form."""
    labels = name.split(".")
    if len(labels) > 1 and labels[0].startswith("_") and labels[1].startswith("_"):
        return labels[0][1:], labels[1][1:], ".".join(labels[2:])
    return "", "", name


def dns_rows(rows: list[Row]) -> list[DnsRow]:
    """All records in the order of `info`."""
    families: dict[str, list[DnsRow]] = {family: [] for family in GROUPS}
    for type_, alike in groupby(rows, itemgetter(Row._fields.index("type"))):
        family, shape = families.setdefault(family_of(type_), []), SHAPES.get(type_, _other_row)
        for index, row in enumerate(alike, len(family)):
            family.append(shape(row, "" if row.name == APEX else row.name, index))
    return list(chain.from_iterable(families.values()))


def tell_rows(rows: list[Row]) -> bytes:
    """The same as they are sent."""
    return ascii_json(dns_rows(rows))
