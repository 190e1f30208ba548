"""Passwords of accounts and rooms."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.domain.errors import BesedaError, PasswordTooLong, PasswordTooShort, PasswordUnreadable, RoomPasswordWrong
from beseda.domain.secrets import (
    PASSWORD_MAX,
    ROOM_PASSWORD_MAX,
    check_password,
    check_room_password,
    forms_to_try,
    is_readable,
    opens,
    prepare,
)

readable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffd"), max_size=40)
NFC, NFD = "žluťoučký kůň", unicodedata.normalize("NFD", "žluťoučký kůň")
LOST = ["\udcef\udcf0" * 4, "heslo heslo \ufffd", "\ud800" * 8, "abcdefgh\udfff"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (NFC, NFD),
        ("modry zvonek 12", "modry\u00a0zvonek\u300012"),
        ("모두의 마블 게임", unicodedata.normalize("NFD", "모두의 마블 게임")),
        ("\u212b\u212b", "\u00c5A\u030a"),
        ("a\u1680\u2000\u2001\u200a\u202f\u205fb", "a      b"),
    ],
)
def test_the_same_word_from_two_keyboards_is_one_secret(one: str, other: str) -> None:
    assert one != other
    assert prepare(one) == prepare(other)
    assert opens(one, other)
    assert forms_to_try(other)[0] == prepare(one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("heslo", "Heslo"),
        ("heslo", "heslo "),
        ("a  b", "a b"),
        ("a\u200db", "ab"),
        ("heslo", "ｈｅｓｌｏ"),
        ("ﬁ", "fi"),
        ("x²", "x2"),
        ("ß", "ss"),
        ("a\tb", "a b"),
        ("\u0438", "\u0439"),
    ],
)
def test_nothing_else_is(one: str, other: str) -> None:
    assert prepare(one) != prepare(other)
    assert not opens(one, other)


@given(readable)
def test_preparing_once_is_enough(secret: str) -> None:
    assert prepare(prepare(secret)) == prepare(secret)
    for form in ("NFC", "NFD"):
        assert prepare(unicodedata.normalize(form, secret)) == prepare(secret)
    assert opens(secret, secret)


@given(readable)
def test_what_was_typed_is_tried_as_well_where_it_differs(secret: str) -> None:
    assert forms_to_try(secret) == ((secret,) if prepare(secret) == secret else (prepare(secret), secret))


@given(readable)
def test_no_character_is_forbidden(secret: str) -> None:
    assert check_password(secret + "12345678", min_chars=8) == prepare(secret + "12345678")


@pytest.mark.parametrize("secret", LOST)
def test_where_characters_were_lost_it_is_nobodys(secret: str) -> None:
    assert not is_readable(secret)
    assert forms_to_try(secret) == ()
    assert not opens(secret, secret)
    with pytest.raises(PasswordUnreadable):
        check_password(secret, min_chars=8)
    with pytest.raises(RoomPasswordWrong):
        check_room_password(secret)


def test_lengths_are_those_of_what_is_kept() -> None:
    assert check_password("a" * 8, min_chars=8) == "a" * 8
    assert check_password("z\u030c" * PASSWORD_MAX, min_chars=8) == "ž" * PASSWORD_MAX
    for short in ("a" * 7, "z\u030c" * 7):
        with pytest.raises(PasswordTooShort) as too_short:
            check_password(short, min_chars=8)
        assert too_short.value.min_chars == 8
    for long in ("a" * (PASSWORD_MAX + 1), "\u0958" * (PASSWORD_MAX // 2 + 1)):
        with pytest.raises(PasswordTooLong) as too_long:
            check_password(long, min_chars=8)
        assert too_long.value.max_chars == PASSWORD_MAX


def test_what_is_too_long_costs_no_hash() -> None:
    assert forms_to_try("a" * (PASSWORD_MAX + 1)) == ()
    assert forms_to_try("z\u030c" * PASSWORD_MAX) == ("ž" * PASSWORD_MAX,)
    assert forms_to_try("\u0958" * PASSWORD_MAX) == ("\u0958" * PASSWORD_MAX,)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("", ""),
        (" sezam ", " sezam "),
        ("se\u00a0zam", "se zam"),
        ("z\u030c", "ž"),
        ("👩\u200d🚀 \U0001fae8", "👩\u200d🚀 \U0001fae8"),
        ("a" * ROOM_PASSWORD_MAX, "a" * ROOM_PASSWORD_MAX),
    ],
)
def test_a_rooms_password_is_kept_prepared(written: str, kept: str) -> None:
    assert check_room_password(written) == kept


@pytest.mark.parametrize("written", ["a\tb", "a\nb", "a\0b", "a\u2028b", "a\x85b", "a" * (ROOM_PASSWORD_MAX + 1)])
def test_a_rooms_password_is_one_line(written: str) -> None:
    with pytest.raises(BesedaError):
        check_room_password(written)
