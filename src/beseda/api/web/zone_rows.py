"""How the records of a zone are read and written on pages: names as people read them, texts without quotes."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from beseda.core.zone_files import Report, WrittenSet
from beseda.domain.records import Data, Record, RecordSet, in_tree_order, quoted, said

SHOWN_AT_ONCE = 100
"""Record sets on a page."""
DIFF_SHOWN = 300
"""Records of a change that are told one by one."""
LONG = 300
"""Characters of a value of which the rest is folded away."""
WITH_NAMES = frozenset({"CNAME", "MX", "NS", "PTR", "SRV"})


class Value(NamedTuple):
    """A record's data as it is shown; `readable` has the names in it as people write them, "" for the same."""

    text: str
    readable: str


class Row(NamedTuple):
    """A record set in the table."""

    id: int
    mark: str
    name: str
    readable: str
    type: str
    ttl: int
    values: list[Value]


class Line(NamedTuple):
    """A record that a change takes away or adds."""

    added: bool
    name: str
    readable: str
    type: str
    ttl: int
    value: Value


class Diff(NamedTuple):
    """A change as it is told: its first lines, and how many there are in all."""

    lines: list[Line]
    removed: int
    added: int


def row_of(given: RecordSet) -> Row:
    values = [_shown(given.type, data) for data in given.data]
    return Row(given.id, given.mark, given.name, readable(given.name), given.type, given.ttl, values)


def sought(sets: Iterable[RecordSet], words: str, type_: str) -> list[RecordSet]:
    """Those of a type, and with these words in name or data, in the order of a master file."""
    wanted = words.casefold().split()
    found = [each for each in sets if not type_ or each.type == type_]
    if wanted:
        found = [each for each in found if _has(each, wanted)]
    return in_tree_order(found)


def _has(given: RecordSet, words: Sequence[str]) -> bool:
    values = [_shown(given.type, data) for data in given.data]
    told = (given.name, readable(given.name), given.type, *(part for value in values for part in value))
    text = " ".join(told).casefold()
    return all(word in text for word in words)


def _shown(type_: str, data: Data) -> Value:
    """In the table the pieces of a TXT are joined, as whoever reads it does."""
    text = said(data.wire) if type_ == "TXT" else ""
    return Value(text, "") if text and text.isprintable() else value_of(type_, data)


def value_of(type_: str, data: Data) -> Value:
    """As it is written: exactly this, and nothing else, becomes the record again."""
    if type_ == "TXT":
        return Value(plain(data) or data.text, "")
    return Value(data.text, readable(data.text) if type_ in WITH_NAMES else "")


def readable(text: str) -> str:
    """With U-labels in the place of A-labels; "" where there are none."""
    if "xn--" not in text:
        return ""
    told = ".".join(map(_label, text.split(".")))
    return told if told != text else ""


def _label(label: str) -> str:
    """`10 xn--e1afmkfd` is data of an MX: a label, with what stands before it."""
    before, space, last = label.rpartition(" ")
    if not last.startswith("xn--"):
        return label
    import idna  # its tables are large, and such names rare

    try:
        return before + space + idna.decode(last)
    except UnicodeError:
        return label


def plain(data: Data) -> str:
    """What a TXT says, if it can be written just so and becomes the same record; else ""."""
    text = said(data.wire)
    is_plain = text.isprintable() and text == text.strip() and not text.startswith('"')
    return text if is_plain and _wire(text) == data.wire else ""


def _wire(text: str) -> bytes:
    octets = text.encode()
    pieces = [octets[start : start + 255] for start in range(0, len(octets), 255)]
    return b"".join(bytes([len(piece)]) + piece for piece in pieces)


def written_set(name: str, type_: str, ttl: int | None, data: str) -> WrittenSet:
    """Of what was filled in: a record on a line. A TXT that begins with a quote is as in master files."""
    lines = [line.strip() for line in data.replace("\r", "\n").split("\n")]
    is_text = type_.strip().upper() in {"TXT", "TYPE16"}
    return WrittenSet(
        name,
        type_,
        tuple(quoted(line) if is_text and not line.startswith('"') else line for line in lines if line),
        ttl,
    )


def diff_of(removed: Sequence[Record], added: Sequence[Record]) -> Diff:
    """What belongs together stands together: name by name, what goes before what comes."""
    both = [(False, record) for record in removed] + [(True, record) for record in added]
    both.sort(key=lambda each: (each[1][0].split(".")[::-1], each[1][1], each[0]))
    lines = [
        Line(is_added, name, readable(name), type_, ttl, value_of(type_, data))
        for is_added, (name, type_, ttl, data) in both[:DIFF_SHOWN]
    ]
    return Diff(lines, len(removed), len(added))


def diff_of_report(report: Report) -> Diff:
    return diff_of(report.removed, report.added)
