"""DNS records as SpaceWeb has them (`domains/dns`): rows of several shapes, addressed by family and place."""

import unicodedata
from typing import Any

import msgspec

EDITORS = {"TXT": "editTxt", "MX": "editMx", "SRV": "editSrv", "NS": "editNS"}
MAIN_EDITOR = "editMain"
"""For A, AAAA, CNAME and other records."""
ADD, EDIT, DELETE = "add", "edit", "del"
APEX = "@"


class Row(msgspec.Struct, frozen=True, rename={"can_change": "canChange"}, omit_defaults=True):
    """A record. TXT rows name their host in `domain`, SRV rows what they lead to in `target`."""

    type: str
    index: int
    category: str = ""
    name: str | None = None
    domain: str | None = None
    value: str = ""
    target: str = ""
    priority: int | None = None
    ttl: int | None = None
    weight: int | None = None
    port: int | None = None
    service: str = ""
    protocol: str = ""
    can_change: bool = True


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A DNS record.

    `host` is relative to the domain, "" for the domain itself (`name`, or `domain` of TXT rows). `index` is its place
    among the records of its family just now: it shifts when others go. `value` is the text, the address, or the name it
    leads to (`value`, `target`), names without the dot at their end. `ttl_s` is None where the zone's own holds.
    `changeable` (`canChange`) says whether the account may change it.
    """

    type: str
    host: str
    value: str
    index: int
    priority: int | None = None
    ttl_s: int | None = None
    weight: int | None = None
    port: int | None = None
    service: str = ""
    protocol: str = ""
    category: str = ""
    changeable: bool = True


NAMES = frozenset({"CNAME", "MX", "SRV", "NS"})
"""Records whose value is a name."""


def record_of(row: Row) -> Record:
    """A row as a record."""
    host = row.domain if row.name is None else row.name
    value = row.target or row.value
    return Record(
        type=row.type,
        host=relative_host(host or ""),
        value=value.rstrip(".") if row.type in NAMES else value,
        index=row.index,
        priority=row.priority,
        ttl_s=row.ttl,
        weight=row.weight,
        port=row.port,
        service=row.service,
        protocol=row.protocol,
        category=row.category,
        changeable=row.can_change,
    )


def relative_host(host: str) -> str:
    """Hosts are compared without case; the apex is "", however it was written."""
    return "" if host == APEX else host.lower().rstrip(".")


def readable_host(host: str) -> str:
    """As people write it, to compare: what was sent as `čas` comes back as `xn--as-cka`."""
    return ".".join(map(_readable, unicodedata.normalize("NFKC", relative_host(host)).lower().split(".")))


def _readable(label: str) -> str:
    try:
        return label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else label
    except UnicodeError:
        return label


def read_rows(result: Any) -> list[Row]:
    """The records in a result of `info`. Raises msgspec.ValidationError."""
    if type(result) is dict:  # COMPAT(spaceweb): a domain that is tied to a server has them inside, in a list of lists
        rows = result.get("ips", [])
        result = [row for part in rows for row in (part if type(part) is list else [part])]
    return msgspec.convert(result, list[Row], strict=False)
