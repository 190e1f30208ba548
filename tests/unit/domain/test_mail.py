"""Letters: what they may hold, who may change them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.domain.errors import LetterRepeated, LetterTooOld, MessageEmpty, MessageTooLong, NotLetterSender
from beseda.domain.ids import AccountId, ContactId, LetterId
from beseda.domain.mail import (
    EDITED_WITHIN,
    LETTER_MAX,
    REPEATED_WITHIN,
    Contact,
    Last,
    Letter,
    MailList,
    check_edit,
    check_letter,
    check_not_repeated,
    clean,
    matches,
)
from unit.domain.made import NOON as NOW
from unit.domain.made import account, is_fit

SENT = Letter(LetterId(1), ContactId(1), AccountId(2), False, "Ahoj Světe", NOW, None)
A_MOMENT = timedelta(milliseconds=1)


@given(st.text(max_size=200))
def test_what_is_kept_is_kept_as_it_is(text: str) -> None:
    try:
        kept = check_letter(text)
    except MessageEmpty:
        return
    assert check_letter(kept) == kept
    assert kept == kept.strip()
    assert is_fit(kept, spaces=" \n")


def test_lines_stay_and_controls_go() -> None:
    assert clean(" a \r\n\r\nb\x00\x07\rc\u2028 ") == "a\n\nb\nc"
    assert clean("a\u2028b\u2029c\x0bd\x0ce\x85f") == "a\nb\nc\nd\ne\nf"


def test_far_too_long_is_looked_at_no_further() -> None:
    assert clean("a" + " " * (4 * LETTER_MAX - 1)) == "a"
    with pytest.raises(MessageTooLong):
        clean("a" + " " * 4 * LETTER_MAX)


@pytest.mark.parametrize("space", [*"\t\u00a0\u1680\u2000\u2003\u2009\u202f\u205f\u3000"])
def test_what_separates_words_still_does(space: str) -> None:
    assert clean(f"dva{space}{space}tři") == "dva  tři"
    assert clean(f"{space}dva{space}\n{space}tři") == "dva\n tři"


@pytest.mark.parametrize(
    "text", ["\u200d", "\n\u2060\u00ad\n", "\u3164", "\u2800", "\x00 \x07", "\u202a\u202c", "\ufe0f"]
)
def test_nothing_to_see_is_empty(text: str) -> None:
    with pytest.raises(MessageEmpty):
        check_letter(text)


def test_not_too_long() -> None:
    assert len(check_letter("ž" * LETTER_MAX)) == LETTER_MAX
    for text in ("x" * (LETTER_MAX + 1), "\x00" * (5 * LETTER_MAX)):
        with pytest.raises(MessageTooLong):
            check_letter(text)


def test_the_same_just_now() -> None:
    check_not_repeated(None, SENT.text, NOW)
    last = Last(False, SENT.text, NOW)
    check_not_repeated(last, "jinak", NOW)
    check_not_repeated(last._replace(received=True), SENT.text, NOW)
    check_not_repeated(last, SENT.text, NOW + REPEATED_WITHIN)
    with pytest.raises(LetterRepeated):
        check_not_repeated(last, SENT.text, NOW + REPEATED_WITHIN - A_MOMENT)


def test_only_the_sender_changes_a_letter_and_not_for_ever() -> None:
    check_edit(SENT, NOW + EDITED_WITHIN)
    with pytest.raises(LetterTooOld):
        check_edit(SENT, NOW + EDITED_WITHIN + A_MOMENT)
    with pytest.raises(NotLetterSender):
        check_edit(replace(SENT, received=True), NOW)


@pytest.mark.parametrize("kept", ["received", "sent", "thrown"])
def test_whoever_is_known_by_one_letter_is_known(kept: str) -> None:
    contact = Contact(ContactId(1), account(2), 0, LetterId(0))
    assert contact.is_empty
    assert not replace(contact, **{kept: 1}).is_empty  # type: ignore[arg-type]


def test_each_list_has_letters_of_its_own() -> None:
    contact = replace(
        Contact(ContactId(1), account(2), 1, LetterId(9)),
        received=4,
        sent=2,
        favourites=1,
        thrown=3,
        last_thrown_id=LetterId(8),
    )
    assert {shown: contact.count(shown) for shown in (MailList.INBOX, MailList.FAVOURITE, MailList.GARBAGE)} == {
        MailList.INBOX: 6,
        MailList.FAVOURITE: 1,
        MailList.GARBAGE: 3,
    }
    assert [contact.last(shown) for shown in (MailList.INBOX, MailList.FAVOURITE, MailList.GARBAGE)] == [9, 9, 8]


def test_searching_minds_no_case() -> None:
    assert matches(SENT, "SVĚTE")
    assert matches(replace(SENT, text="STRASSE"), "straße")
    assert not matches(SENT, "tma")


@pytest.mark.parametrize(
    "needle", ["sve\u030cte", "Ahoj\u00a0Světe", "ahoj   svě", "ＡＨＯＪ", "ah\u200boj", " ahoj ", "ahoj\n světe"]
)
def test_a_needle_is_read_as_texts_are(needle: str) -> None:
    assert matches(SENT, needle)
    assert matches(replace(SENT, text="Ahoj\n  Sve\u030cte"), needle)
