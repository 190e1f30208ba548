"""The passwords that are refused because everybody tries them first, and those that Beseda makes."""

import re

import pytest

from beseda.server.passwords import common_passwords, make_password


def test_there_are_enough_of_them_in_the_form_in_which_they_are_compared() -> None:
    common = common_passwords()
    assert len(common) >= 10_000
    assert len([each for each in common if len(each) >= 8]) >= 3_000
    assert all(each == each.casefold() and len(each) >= 6 for each in common)


@pytest.mark.parametrize(
    "password",
    [
        "password1",
        "12345678",
        "qwertyuiop",
        "qwertzuiop",
        "1qaz2wsx",
        "iloveyou",
        "heslo123",
        "slunicko",
        "йцукенгш",
        "пароль123",
        "natasha1",
        "P@ssw0rd",
        "Password2026",
        "Martin1990",
    ],
)
def test_those_of_our_languages_and_keyboards_are_among_them(password: str) -> None:
    assert password.casefold() in common_passwords()


def test_made_ones_are_of_a_length_that_every_client_takes() -> None:
    made = {make_password() for _ in range(1_000)}
    assert len(made) == 1_000
    assert all(re.fullmatch("[a-z2-9]{4}(-[a-z2-9]{4}){3}", each) for each in made)
    assert not made & common_passwords()
