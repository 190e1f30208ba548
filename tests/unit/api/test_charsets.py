"""The labels of character sets."""

import codecs

import pytest

from beseda.api.charsets import CODECS, find_codec

ASCII = "".join(map(chr, range(128)))


@pytest.mark.parametrize("label", CODECS)
def test_a_label_stands_for_a_set_that_python_has_and_that_holds_ascii(label: str) -> None:
    codec = find_codec(label)
    assert codec is not None
    assert codecs.lookup(codec)._is_text_encoding
    assert ASCII.encode(codec) == ASCII.encode()
    assert find_codec(f" {label.upper()}\t") == codec


def test_where_a_label_has_two_meanings_it_is_that_of_browsers() -> None:
    assert find_codec("iso-8859-1") == "cp1252"
    assert find_codec("latin5") == "cp1254"
    assert find_codec("us-ascii") == "utf-8"


@pytest.mark.parametrize("label", [None, "", "utf-16", "utf-7", "idna", "rot13", "unicode_escape", "\0", "x" * 10_000])
def test_others_are_none(label: str | None) -> None:
    assert find_codec(label) is None
