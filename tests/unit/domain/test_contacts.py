"""E-mail addresses, and what people write as phone numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.domain.contacts import (
    EMAIL_MAX,
    check_email,
    email_domain,
    email_key,
    email_spelling,
    old_phone_key,
    phone_text,
)
from beseda.domain.domains import DomainName
from beseda.domain.errors import EmailInvalid

anything = st.text(st.characters(codec=None), max_size=30)


class TestEmail:
    @pytest.mark.parametrize(
        "email",
        [
            "a@b.cz",
            "Alena.Nova+chat@example.org",
            "вера@пример.рф",
            "o'neil@example.co.uk",
            " a@b.cz ",
            "\U0001fae8@example.org",
        ],
    )
    def test_may_be(self, email: str) -> None:
        assert check_email(email) == email.strip()

    @pytest.mark.parametrize(
        "email",
        [
            "",
            "a",
            "@b.cz",
            "a@",
            "a@b",
            "a@b.",
            "a@.cz",
            "a@b..cz",
            "a@b@c.cz",
            "a b@c.cz",
            "a@b c.cz",
            "a@b.cz\x00",
            "a\x00@b.cz",
            "a@b\x00.cz",
            "a@b.c\u202ez",
            "a@b.cz\r\nBcc: c@d.cz",
            "<a@b.cz>",
            "a@<b>.cz",
            'a"@b.cz',
            "a,c@b.cz",
            "a" * 65 + "@b.cz",
            "a@" + "b" * 250 + ".cz",
            "a@b.\ud800",
            "\udce9@b.cz",
            "a\ufffd@b.cz",
            "a\u200b@b.cz",
            "a\ufdd0@b.cz",
            "a\ufff9@b.cz",
        ],
    )
    def test_may_not_be(self, email: str) -> None:
        with pytest.raises(EmailInvalid):
            check_email(email)

    def test_may_be_so_long(self) -> None:
        longest = "a" * 64 + "@" + "b" * (EMAIL_MAX - 68) + ".cz"
        assert check_email(longest) == longest
        with pytest.raises(EmailInvalid):
            check_email("a" * 64 + "@b" + "b" * (EMAIL_MAX - 68) + ".cz")
        assert email_domain("a@b@example.org") == "example.org"

    def test_is_compared_without_case_and_width(self) -> None:
        domain = DomainName("example.org", "example.org")
        assert email_key(" Alena@Example.ORG ", domain) == email_key("alena@example.org", domain) == "alena@example.org"
        assert email_key("ａ@EXAMPLE.org", domain) == "a@example.org"
        assert email_key(" Ａ@a_B.cz", None) == "a@a_b.cz"

    @given(anything)
    def test_a_spelling_is_no_key(self, text: str) -> None:
        assert email_spelling(text).startswith("<")
        try:
            email = check_email(text)
        except EmailInvalid:
            return
        assert email_spelling(email) == email_spelling(email.upper().lower())
        assert "<" not in email_key(email, None)


class TestPhone:
    @pytest.mark.parametrize(
        ("written", "text"),
        [
            ("+420 777 123 456", "+420 777 123 456"),
            ("\u202a+420777123456\u202c", "+420777123456"),
            ("\u200e+420\u2011777\u2011123\u2013456\u200f", "+420-777-123-456"),
            ("\ufeff+420\u00a0777\u202f123\u3000456\u00ad", "+420 777 123 456"),
            ("\u2066+420\u2069\t777\n123\u2060456", "+420 777 123456"),
            ("＋４２０（７７７）１２３\u2212４５６", "+420(777)123-456"),
            ("00420 777 123 456", "+420 777 123 456"),
            ("(00420) 777 123 456", "+420) 777 123 456"),
            ("(+420) 601 123 456", "+420) 601 123 456"),
            ("（＋４２０）６０１", "+420)601"),
            ("( +44 ) 20 7946 0958", "+44 ) 20 7946 0958"),
            ("(++420) 601", ""),
            ("((+420) 601", ""),
            ("(+", ""),
            ("030/123456", "030/123456"),
            ("", ""),
            ("nothing", ""),
            ("+420777123456 ext. 5", ""),
            ("+1 800 FLOWERS", ""),
            ("++420777123456", ""),
            ("777+123456", ""),
            ("+420\x00777123456", ""),
            ("\ud800+420", ""),
        ],
    )
    def test_is_what_is_seen(self, written: str, text: str) -> None:
        assert phone_text(written) == text

    @pytest.mark.parametrize(
        ("written", "kept"),
        [
            ("+420 777 123 456", "+420777123456"),
            ("00420777123456", "+420777123456"),
            ("420777123456", "+420777123456"),
            ("8 (999) 123-45-67", "+79991234567"),
            ("89991234567", "+79991234567"),
            ("+7 999 123.45.67", "+79991234567"),
            ("(+420) 601 123 456", "+420601123456"),
            ("（＋４４） 20 7946 0958", "+442079460958"),
            ("1234567", "+1234567"),
            ("601 123 456", "+601123456"),
            ("+44 (0)20 7946 0958", "+4402079460958"),
            ("+123456789012345", "+123456789012345"),
        ],
    )
    def test_was_kept_in_one_form(self, written: str, kept: str) -> None:
        assert old_phone_key(written) == old_phone_key(kept) == kept

    @pytest.mark.parametrize(
        "written",
        [
            "",
            "+",
            "00",
            "123456",
            "+1234567890123456",
            "++420777123456",
            "+0042077712",
            "12345a7",
            "٤٢٠٧٧٧١٢٣",
            "777/12",
        ],
    )
    def test_was_none(self, written: str) -> None:
        assert old_phone_key(written) == ""

    @given(anything)
    def test_one_form_stays_as_it_is(self, text: str) -> None:
        assert phone_text(phone_text(text)) == phone_text(text)
        if key := old_phone_key(text):
            assert old_phone_key(key) == key


def test_no_more_of_a_phone_is_read_than_one_may_be_long() -> None:
    assert [phone_text(" " * count + "1") for count in (99, 100)] == ["1", ""]
