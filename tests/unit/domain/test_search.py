"""Words and questions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.domain.search import ASKED_MAX, WORD_MAX, Question, ask, encoded, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Příliš, ŽLUŤOUČKÝ kůň! kůň", ["prilis", "zlutoucky", "kun"]),
        ("ПрИвет, Ёж и Йод", ["привет", "еж", "и", "иод"]),
        ("https://example.org/a-b", ["https", "example", "org", "a", "b"]),
        ("ｆｕｌｌ ﬁ ① Straße", ["full", "fi", "1", "strasse"]),
        ("東京 と", ["東", "京", "と"]),
        ("हिन्दी में", ["हिनदी", "में"]),
        ("🦊 -- !", []),
        ("", []),
        ("a" * 100, ["a" * WORD_MAX]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Ahoj Br", Question(("ahoj",), "br")),
        ("Ahoj Brno ", Question(("ahoj", "brno"))),
        ("ahoj,", Question(("ahoj",))),
        ("", Question(())),
        ('" *', Question(())),
        ('"OR* NOT', Question(("or",), "not")),
        (" ".join(map(str, range(99))), Question(tuple(map(str, range(ASKED_MAX - 1))), str(ASKED_MAX - 1))),
    ],
)
def test_questions(text: str, question: Question) -> None:
    assert ask(text) == question


@given(st.text(max_size=60))
def test_codes_are_ascii_differ_and_keep_beginnings(text: str) -> None:
    found = words(text)
    codes = [encoded(word) for word in found]
    assert len(set(codes)) == len(found)
    for word, code in zip(found, codes, strict=True):
        assert code.isascii()
        assert code.isalnum()
        assert code == code.lower()
        if word.isascii() or not word[:1].isascii():
            assert code.startswith(encoded(word[:1]))


def test_a_question_without_words_is_empty() -> None:
    assert Question(()).is_empty is True
    assert Question(("a",)).is_empty is Question((), "a").is_empty is Question(("a",), "b").is_empty is False
