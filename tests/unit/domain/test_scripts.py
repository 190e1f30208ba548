"""Scripts of letters, by Unicode's tables."""

import pytest

from beseda.domain.script_ranges import VERSION
from beseda.domain.scripts import mixes_scripts, scripts_of


@pytest.mark.parametrize(
    ("char", "scripts"),
    [
        ("a", {"Latn"}),
        ("Ž", {"Latn"}),
        ("я", {"Cyrl"}),
        ("٣", {"Arab", "Thaa", "Yezi"}),
        ("ー", {"Hira", "Kana", "Jpan"}),
        ("一", {"Hani", "Hanb", "Jpan", "Kore"}),
        ("1", set()),
        (" ", set()),
        ("\U0001fae8", set()),
        ("\U000e0fff", set()),
        ("\U0010ffff", set()),
        ("\0", set()),
    ],
)
def test_of_a_character(char: str, scripts: set[str]) -> None:
    assert scripts_of(char) == scripts


@pytest.mark.parametrize(
    "word",
    [
        "",
        "Praha",
        "Žižkov2",
        "Москва",
        "メール",
        "東京タワー",
        "お茶の水",
        "علي٣",
        "Демʼянко",
        "Нацʼїв",
        "서울漢城",
        "ㄅ中",
        "שלום",
        "😀Praha",
        "Αθήνα",
    ],
)
def test_one_script(word: str) -> None:
    assert mixes_scripts(word) is False


@pytest.mark.parametrize("word", ["Рraha", "Prаha", "Αlena", "b০b", "Aлена", "٣я", "メaル", "서メ", "Διa"])
def test_several(word: str) -> None:
    assert mixes_scripts(word) is True


def test_the_table_says_of_which_unicode_it_is() -> None:
    assert tuple(map(int, VERSION.split("."))) >= (18, 0, 0)
