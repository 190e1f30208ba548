"""How names are compared."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.domain.text import INVISIBLE, folded, one_line


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Praha", "PRAHA"),
        ("Žižkov", "Z\u030ciz\u030ckov"),
        ("straße", "STRASSE"),
        ("ﬁrma", "firma"),
        ("Ｐｒａｈａ", "praha"),
        ("a\u00a0b", "a b"),
        ("a \t b", "A B"),
        (" a ", "a"),
        ("Pra\u200bha", "Praha"),
        ("Pra\u00adha", "Praha"),
        ("Praha\ufe0f", "Praha"),
        ("\u202ePraha", "Praha"),
        ("Pra\x00ha", "Praha"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ],
)
def test_same_to_the_eye_is_the_same(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("Praha", "Prahá"), ("a b", "ab"), ("é", "e"), ("Ё", "Е"), ("1", "l")])
def test_different_to_the_eye_is_different(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@given(st.text())
def test_folding_once_is_enough(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.text())
def test_case_does_not_matter(text: str) -> None:
    assert folded(text.casefold()) == folded(text)


@given(st.text(st.characters(codec=None)))
def test_one_line_is_printable_and_idempotent(text: str) -> None:
    line = one_line(text)
    assert line.isprintable()
    assert "\0" not in line
    assert one_line(line) == line
    line.encode("utf-8")


def test_nothing_visible_is_taken_for_invisible() -> None:
    for code in range(sys.maxunicode + 1):
        if INVISIBLE.match(chr(code)):
            assert unicodedata.category(chr(code)) in {"Cf", "Mn", "Lo", "Cn"}, hex(code)
