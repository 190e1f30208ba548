"""Whether a word is written in one script, so that it looks like no word of another (UTS 39, section 5.1)."""

from bisect import bisect_right
from functools import cache

from beseda.domain.script_ranges import RANGES

_WRITTEN_TOGETHER = {
    "Bopo": {"Hanb"},
    "Hang": {"Kore"},
    "Hani": {"Hanb", "Jpan", "Kore"},
    "Hira": {"Jpan"},
    "Kana": {"Jpan"},
}
"""Scripts that are parts of one way to write: Japanese is written in three."""


def mixes_scripts(word: str) -> bool:
    """Whether no script has all of these letters and digits; what goes with every script counts for nothing."""
    if word.isascii():
        return False
    shared: frozenset[str] = frozenset()
    for char in word:
        if own := scripts_of(char):
            shared = shared & own if shared else own
            if not shared:
                return True
    return False


def scripts_of(char: str) -> frozenset[str]:
    """The scripts that a character is used in (ISO 15924 codes); none for what is used in all, or is not known."""
    firsts, lasts, scripts = _table()
    code = ord(char)
    place = bisect_right(firsts, code) - 1
    return scripts[place] if place >= 0 and code <= lasts[place] else frozenset()


@cache
def _table() -> tuple[list[int], list[int], list[frozenset[str]]]:
    """First and last code points of the ranges, in their order, and what each is used in; made when first asked for."""
    rows: list[tuple[int, int, frozenset[str]]] = []
    for entry in RANGES.split(";"):
        names, _, ranges = entry.partition(":")
        own = frozenset(names.split())
        own = own.union(*(_WRITTEN_TOGETHER.get(name, ()) for name in own))
        for part in ranges.split():
            first, _, last = part.partition("-")
            rows.append((int(first, 16), int(last or first, 16), own))
    rows.sort(key=lambda row: row[0])
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]
