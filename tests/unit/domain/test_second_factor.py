"""Codes of authenticators, as the RFC has them."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from beseda.domain.second_factor import (
    code_at,
    looks_like_recovery,
    matching_step,
    otpauth,
    plain,
    recovery_shown,
    secret_text,
    step_of,
)

SECRET = b"12345678901234567890"
NOW = datetime(2026, 11, 27, 8, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at_s", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_the_rfc(at_s: int, code: str) -> None:
    """RFC 6238, appendix B, of which authenticators show the last six digits."""
    at = datetime.fromtimestamp(at_s, UTC)
    assert code_at(SECRET, step_of(at)) == code
    assert matching_step(SECRET, code, at, after=-1) == at_s // 30


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(steps: int, good: bool) -> None:
    code = code_at(SECRET, step_of(NOW + timedelta(seconds=30 * steps)))
    assert (matching_step(SECRET, code, NOW, after=-1) is not None) == good


def test_no_code_is_good_twice_nor_one_before_it() -> None:
    here = step_of(NOW)
    assert matching_step(SECRET, code_at(SECRET, here), NOW, after=here) is None
    assert matching_step(SECRET, code_at(SECRET, here - 1), NOW, after=here) is None
    assert matching_step(SECRET, code_at(SECRET, here + 1), NOW, after=here) == here + 1


@pytest.mark.parametrize("wrong", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "-12345", " 12345"])
def test_what_is_no_code_is_none(wrong: str) -> None:
    assert matching_step(SECRET, wrong, NOW, after=-1) is None


def test_what_people_write_between_digits_says_nothing() -> None:
    assert plain(" 123 456\n") == "123456"
    assert plain("ABCD-efgh 2345") == "abcdefgh2345"


def test_the_address_for_authenticators_holds_whatever_a_nick_does() -> None:
    read = urlsplit(otpauth(SECRET, "Čeněk & сын?", "Beseda example.org:8080"))
    assert (read.scheme, read.netloc, unquote(read.path)) == (
        "otpauth",
        "totp",
        "/Beseda example.org 8080:Čeněk & сын?",
    )
    facts = {name: values[0] for name, values in parse_qs(read.query).items()}
    assert facts == {
        "secret": secret_text(SECRET),
        "issuer": "Beseda example.org 8080",
        "algorithm": "SHA1",
        "digits": "6",
        "period": "30",
    }
    assert "+" not in read.query


def test_a_code_for_who_has_lost_the_authenticator() -> None:
    code = "abcdefgh23456789"
    assert looks_like_recovery(code) is True
    for other in ("", code[1:], code + "a", code.replace("2", "1"), "123456"):
        assert looks_like_recovery(other) is False
    assert recovery_shown(code) == "abcd-efgh-2345-6789"
    assert plain(recovery_shown(code)) == code
    assert plain("a" * 70) == "a" * 64
    assert secret_text(b"12345") == "GEZDGNBV"
    assert secret_text(b"1") == "GE"
