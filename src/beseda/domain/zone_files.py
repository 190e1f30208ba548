"""Zones as text: master files (RFC 1035, 5)."""

from collections.abc import Iterable, Iterator

from beseda.domain.records import APEX, RecordSet, in_tree_order, relative, targets_inside


def zone_file(zone: str, sets: Iterable[RecordSet], default_ttl: int) -> str:
    """A master file of record sets, the SOA among them; times to live other than the default stand at their records."""
    lines = [f"$ORIGIN {zone}.", f"$TTL {default_ttl}"]
    for each in in_tree_order(sets):
        ttl = "" if each.ttl == default_ttl else str(each.ttl)
        lines += [f"{each.name}\t{ttl}\tIN\t{each.type}\t{data.text}" for data in each.data]
    return "\n".join(lines) + "\n"


def warnings(zone: str, sets: Iterable[RecordSet]) -> Iterator[tuple[str, str, str]]:
    """What is allowed, and yet will not work: name, type, and why.

    Hosts of the zone that it has no address for, and what lies below a delegation, where others answer.
    """
    kept = list(sets)
    keys = {each.key for each in kept}
    names = {name for name, _ in keys}
    cuts = {each.name for each in kept if each.type == "NS" and each.name != APEX}
    for each in kept:
        for host in targets_inside(each, zone):
            if not any((host, type_) in keys for type_ in ("A", "AAAA")) and not _wild(host, names):
                yield each.name, each.type, f"{host} has no address"
        if each.type == "CNAME":
            alias = relative(each.data[0].target, zone)
            if alias is not None and alias not in names and not _wild(alias, names):
                yield each.name, "CNAME", f"{alias} does not exist"
        cut = next((cut for cut in cuts if each.name.endswith(f".{cut}")), None)
        if cut and each.type not in {"A", "AAAA"}:
            yield each.name, each.type, f"{cut} is served by others"
        elif each.name in cuts and each.type not in {"NS", "DS"}:
            yield each.name, each.type, f"{each.name} is served by others"


def _wild(host: str, names: set[str]) -> bool:
    """Whether a wildcard stands above the host (RFC 4592)."""
    labels = host.split(".")
    return any(".".join(["*", *labels[index:]]) in names for index in range(1, len(labels) + 1))
