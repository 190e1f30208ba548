"""Slash commands, their words and their nicks."""

import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.domain.accounts import NICK_MAX
from beseda.domain.commands import WORDS, Command, nick_readings, read_command


@pytest.mark.parametrize("word", WORDS)
def test_every_word_however_written(word: str) -> None:
    for text in (f"/{word} a b", f"/{word.upper()}   a b ", f"/{word}\u00a0a b"):
        assert read_command(text) == Command(WORDS[word], "a b")
    assert read_command(f"/{word}") == Command(WORDS[word], "")


@given(text=st.text(max_size=40))
def test_only_a_slash_at_the_very_beginning_makes_a_command(text: str) -> None:
    word = text[1:] if text.startswith("/") and not text[1:2].isspace() else ""
    has_path = "/" in (word.split() or [""])[0]
    assert (read_command(text) is not None) == (text.startswith("/") and not has_path)


@pytest.mark.parametrize(
    "text",
    [
        "/usr/bin/python is here",
        "//",
        "// later",
        "/etc/",
        "/kick/Jan",
        "/w/",
        "/домой/или нет",
        "//kick Jan",
        "/🫨/x y",
    ],
)
def test_a_path_is_a_text(text: str) -> None:
    assert read_command(text) is None


@pytest.mark.parametrize("space", ["\t", "\u00a0", "\u3000", "\u202f", "\u2028", "\n", "  "])
def test_any_white_space_ends_a_word(space: str) -> None:
    assert read_command(f"/kick{space}Jan{space}/usr/bin") == Command("kick", "Jan /usr/bin")


def test_a_word_is_compared_as_texts_are() -> None:
    assert read_command("/ｋｉｃｋ Jan") == read_command("/ki\u200bck Jan") == Command("kick", "Jan")


def test_unknown_words() -> None:
    for text in ("/", "/ kick x", "/kicky x", "/Žx", "/ /x"):
        command = read_command(text)
        assert command is not None
        assert command.name == ""


@given(
    nick=st.text("abcž .", min_size=1, max_size=15).map(str.strip).filter(bool),
    rest=st.text("abc \u201c", max_size=10).map(str.strip),
    quotes=st.sampled_from(['""', "\u201e\u201c", "\u201c\u201d", "\u00bb\u00ab", "\u00ab\u00bb"]),
)
def test_quotes_make_a_nick_certain(nick: str, rest: str, quotes: str) -> None:
    (reading,) = nick_readings(f"{quotes[0]}{nick}{quotes[1]} {rest}")
    assert reading == (nick, rest, True)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_nick_is_as_long_as_it_is_kept(form: Literal["NFC", "NFD"]) -> None:
    assert next(nick_readings(unicodedata.normalize(form, "Příšerně žluťou"))) == ("Příšerně žluťou", "", False)
    assert next(nick_readings(unicodedata.normalize(form, '"Příšerně žluťou" x'))) == ("Příšerně žluťou", "x", True)
    assert ("Příšerně žluťou", "secret", False) in nick_readings(unicodedata.normalize(form, "Příšerně žluťou secret"))


@given(words=st.lists(st.text("abcž", min_size=1, max_size=6), min_size=1, max_size=6))
def test_without_quotes_the_longest_comes_first(words: list[str]) -> None:
    readings = list(nick_readings(" ".join(words)))
    assert readings
    lengths = [len(nick) for nick, _, _ in readings]
    assert lengths == sorted(lengths, reverse=True)
    for nick, follows, certain in readings:
        assert f"{nick} {follows}".strip() == " ".join(words)
        assert len(nick) <= NICK_MAX
        assert not certain
