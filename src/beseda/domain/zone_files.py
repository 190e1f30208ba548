"""Zones as text: master files (RFC 1035, 5)."""

from collections.abc import Iterable

from beseda.domain.records import RecordSet, in_tree_order


def zone_file(zone: str, sets: Iterable[RecordSet], default_ttl: int) -> str:
    """A master file of record sets, the SOA among them; times to live other than the default stand at their records."""
    lines = [f"$ORIGIN {zone}.", f"$TTL {default_ttl}"]
    for each in in_tree_order(sets):
        ttl = "" if each.ttl == default_ttl else str(each.ttl)
        lines += [f"{each.name}\t{ttl}\tIN\t{each.type}\t{data.text}" for data in each.data]
    return "\n".join(lines) + "\n"
