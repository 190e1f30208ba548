"""How names are compared."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.domain.text import INVISIBLE, folded, is_blank, is_plain, lines, look_key, one_line, sort_key
from unit.domain.made import is_fit

chopped = st.text(
    st.sampled_from("aÁe\u0301\u0323 \u00a0\n\u2028\u202e\u202c\u2067\u2069\u200d\x00\ud800\ufdd0ﬁ\u037e\u1fef")
)
"""What changes others beside it, or comes apart."""


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


@pytest.mark.parametrize(("one", "other"), [("СОСНА", "cocha"), ("Дем'янко", "Демʼянко"), ("Ёж", "Ëж"), ("ТОМ", "tom")])
def test_names_that_look_alike_are_one(one: str, other: str) -> None:
    assert folded(one) != folded(other)
    assert look_key(one) == look_key(other)


@given(st.text())
def test_folding_once_is_enough(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.text())
def test_case_does_not_matter(text: str) -> None:
    assert folded(text.casefold()) == folded(text)


@given(st.text(st.characters(codec=None)) | chopped)
def test_what_is_kept_is_fit_and_kept_as_it_is(text: str) -> None:
    for kept, spaces in ((one_line(text), " "), (lines(text), " \n"), (folded(text), " ")):
        assert is_fit(kept, spaces=spaces)
        kept.encode("utf-8")
    assert one_line(one_line(text)) == one_line(text)
    assert lines(lines(text)) == lines(text) == unicodedata.normalize("NFC", lines(text))
    assert folded(one_line(text)) == folded(lines(text)) == folded(text)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zs", "Zl", "Zp"])))
def test_nothing_else_goes(text: str) -> None:
    bare = text.translate(dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))
    assert one_line(bare) == bare
    assert lines(bare) == unicodedata.normalize("NFC", bare)


@pytest.mark.parametrize(
    "text",
    [
        "👨\u200d👩\u200d👧",
        "می\u200cخواهم",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "\U0001fae8",  # newer than the tables of Python 3.11
        "\U0001fae9\U0001fac8",  # newer still
        "❤\ufe0f",
        "क\u094d\u200dष",
        "\u200fשלום\u200e!",
        "\u2067שלום\u2069 a \u202babc\u202c",
        "\ue000",
        "co\u00adop",
        "z\u200bz",
    ],
)
def test_joiners_marks_and_new_characters_stay(text: str) -> None:
    assert one_line(f" {text} ") == lines(f"\n{text}\n") == text
    assert not is_blank(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\u202eb", "ab"),
        ("a\u202eb\u202cc", "a\u202eb\u202cc"),
        ("a\u202cb\u2069c", "abc"),
        ("\u2066\u202ea\u2069b\u202c", "\u2066a\u2069b"),
        ("\u202a\u2067a\u202cb\u2069", "\u2067ab\u2069"),
        ("\u202a\u202b\u202ca", "\u202b\u202ca"),
        ("\u2068a\u2068b\u2069", "a\u2068b\u2069"),
    ],
)
def test_directions_end_where_the_text_does(text: str, kept: str) -> None:
    assert one_line(text) == kept
    assert lines(f"{text}\n{text}") == f"{kept}\n{kept}"


def test_a_direction_is_closed_on_its_line() -> None:
    assert lines("\u202ea\nb\u202c") == "a\nb"
    assert one_line("\u202ea\nb\u202c") == "\u202ea b\u202c"


@given(st.text(st.sampled_from("ab \n\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"), max_size=30))
def test_all_directions_are_closed(text: str) -> None:
    for line in (one_line(text), *lines(text).split("\n")):
        assert sum(line.count(char) for char in "\u2066\u2067\u2068") == line.count("\u2069")
        assert sum(line.count(char) for char in "\u202a\u202b\u202d\u202e") == line.count("\u202c")


def test_many_directions_take_no_time() -> None:
    deep = "\u2067" * 20_000 + "\u2069" * 20_000
    assert one_line(deep) == deep
    assert one_line("\u202a\u2069" * 20_000) == ""


@pytest.mark.parametrize(
    "space", [*"\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000"]
)
def test_all_white_space_separates(space: str) -> None:
    assert one_line(f"{space}a{space}{space}b{space}") == folded(f"A{space}b") == "a b"
    assert lines(f"a{space}b") in {"a b", "a\nb"}


@pytest.mark.parametrize(
    "text", ["", " \t", "\u200b\u200d", "\u3164\u115f", "\u2800", "\ufe0f", "\U000e0020", "\u2060\u2028"]
)
def test_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["", "a b", "\U0001fae8\U0001fae9", "Žofie", "вера", "\ue000", "क\u094dष"])
def test_plain(text: str) -> None:
    assert is_plain(text)


@pytest.mark.parametrize("char", [*"\0\t\n\x7f\x85\u2028\u202e\u2069\u200b\u00ad\ufe0f\ufff9\ufffd\ud800\udce9\ufdd0"])
def test_not_plain(char: str) -> None:
    assert not is_plain(f"a{char}b")


@pytest.mark.parametrize(
    "names",
    [
        ["Brno", "Caslav", "Čáslav", "Cheb", "Čimice", "Žďár", "Zebín", "Zlín"],
        ["Alena", "Álena", "Alenka", "Ďáblice", "Dvůr"],
        ["Ostrava", "Praha", "Řež", "Rokytná", "Šumperk", "Tábor", "Ústí", "Zlín", "Znojmo"],
        ["Lodz", "Łódź", "Lomża", "Oslo", "Østerbro", "Ostrava", "Strasse", "Straße", "Strast"],
        ["Анна", "Елка", "Ёлка", "Ель", "Женя", "Иван", "Йод", "Ира", "Яна"],
        ["Гай", "Ґанок", "Дім", "Ель", "Євген", "Жук", "Ива", "Івано", "Їжак", "Кит"],
        ["Иод", "Йод", "Семен", "Семён", "Семёнов"],
        ["Αθηνα", "Αθήνα", "Αθήναι"],
    ],
)
def test_names_stand_by_their_letters(names: list[str]) -> None:
    shuffled = names[::2] + names[1::2]
    assert sorted(shuffled, key=sort_key) == names
    assert sorted((unicodedata.normalize("NFD", name) for name in shuffled), key=sort_key) == [
        unicodedata.normalize("NFD", name) for name in names
    ]


@given(st.text(), st.text())
def test_the_order_of_names_is_one(one: str, other: str) -> None:
    assert (sort_key(one) == sort_key(other)) == (one == other)
    assert "\0" not in sort_key(one_line(one))
    if folded(one) < folded(other) and (one + other).isascii():
        assert sort_key(one) < sort_key(other)


letters = st.text(st.characters(max_codepoint=0x52F, categories=["L"]), min_size=1)


@given(letters, letters | st.just(""), st.sampled_from("\u030c\u0301\u0308"))
def test_marks_count_after_all_letters(word: str, rest: str, mark: str) -> None:
    assert sort_key(word + rest) < sort_key(word + mark + rest) < sort_key(f"{word}{rest}a")


def test_nothing_visible_is_taken_for_invisible() -> None:
    for code in range(sys.maxunicode + 1):
        if INVISIBLE.match(chr(code)):
            assert unicodedata.category(chr(code)) in {"Cf", "Mn", "Lo", "Cn"}, hex(code)


def test_noncharacters_of_every_plane_go_and_their_neighbours_stay() -> None:
    for end in range(0xFFFF, 0x110000, 0x10000):
        assert one_line(f"a{chr(end - 1)}{chr(end)}b") == "ab", hex(end)
        assert chr(end - 2) in one_line(f"a{chr(end - 2)}b"), hex(end)
