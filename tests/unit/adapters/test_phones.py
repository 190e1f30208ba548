"""Phone numbers of the world."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.adapters.phones import Phones, check_region
from beseda.domain.errors import PhoneInvalid

NOWHERE, CZECHIA, RUSSIA = Phones(), Phones("CZ"), Phones("ru")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+420 601 123 456", "+420601123456"),
        ("00420601123456", "+420601123456"),
        ("\u202a+420\u2011601\u2011123\u2011456\u202c\u200e", "+420601123456"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("(+420) 601 123 456", "+420601123456"),
        ("（＋４２０） ６０１ 123 456", "+420601123456"),
        ("(+44) 20 7946 0958", "+442079460958"),
        ("(0044) (0) 20 7946 0958", "+442079460958"),
        ("+44 20 7946 0958", "+442079460958"),
        ("0044 ( 0 ) 20 7946 0958", "+442079460958"),
        ("+49 (0)30 901820", "+4930901820"),
        ("+420 (0)601 123 456", "+420601123456"),
        ("+39 (0)6 6982", "+39066982"),
        ("+7 (900) 555-01-43", "+79005550143"),
        ("+٤٢٠٦٠١١٢٣٤٥٦", "+420601123456"),
        ("＋４２０６０１１２３４５６", "+420601123456"),
        ("+1 202-555-0143", "+12025550143"),
    ],
)
def test_a_number_that_says_its_country_is_the_same_everywhere(written: str, kept: str) -> None:
    for phones in (NOWHERE, CZECHIA, RUSSIA):
        assert phones.number(written) == kept
        assert phones.number(kept) == kept


@pytest.mark.parametrize(
    ("phones", "written", "kept"),
    [
        (CZECHIA, "601 123 456", "+420601123456"),
        (CZECHIA, "420 601 123 456", "+420601123456"),
        (CZECHIA, "601\u2011123\u2011456", "+420601123456"),
        (RUSSIA, "8 (900) 555-01-43", "+79005550143"),
        (RUSSIA, "900 555 01 43", "+79005550143"),
    ],
)
def test_one_that_does_not_is_of_the_country_that_is_set(phones: Phones, written: str, kept: str) -> None:
    assert phones.number(written) == kept
    with pytest.raises(PhoneInvalid):
        NOWHERE.number(written)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "+",
        "12",
        "nothing",
        "+420",
        "+420 601 123",
        "+420 601 123 456 789 012",
        "+601123456",
        "+999 123 456 789",
        "+0 601 123 456",
        "+420601123456 ext 5",
        "+420601123456;ext=5",
        "call +420601123456",
        "+1 800 FLOWERS",
        "+" * 5_000,
        "+4" + "2" * 5_000,
        "\ud800\udfff",
    ],
)
def test_others_are_none(written: str) -> None:
    for phones in (NOWHERE, CZECHIA, RUSSIA):
        with pytest.raises(PhoneInvalid):
            phones.number(written)


@given(st.text(st.characters(codec=None), max_size=30) | st.text("+0123456789 ()-.", max_size=20))
def test_what_is_kept_is_kept(written: str) -> None:
    for phones in (NOWHERE, CZECHIA):
        try:
            kept = phones.number(written)
        except PhoneInvalid:
            continue
        assert kept.startswith("+")
        assert kept[1:].isdecimal()
        assert len(kept) <= 16


def test_a_region_is_a_country() -> None:
    for region in ("", "CZ", "ru"):
        check_region(region)
    for region in ("ZZ", "Czechia", "420", "C", "001"):
        with pytest.raises(ValueError, match="is no country"):
            check_region(region)


def test_the_library_is_not_loaded_before_there_is_a_number() -> None:
    code = (
        "import sys; from beseda.server.bootstrap import Phones; from beseda.domain.errors import PhoneInvalid\n"
        "for text in ('Alena', 'a@example.org', '601123456', '12'):\n"
        "    try: Phones().number(text)\n"
        "    except PhoneInvalid: pass\n"
        "print('phonenumbers' in sys.modules, Phones().number('+420601123456'), 'phonenumbers' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["False", "+420601123456", "True"]
