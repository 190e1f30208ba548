"""Types by their names and numbers."""

import pytest

from beseda.domain.records import number_of


@pytest.mark.parametrize(("name", "number"), [("A", 1), ("TXT", 16), ("TYPE0", 0), ("TYPE65535", 65535)])
def test_a_type_is_known_by_either_name(name: str, number: int) -> None:
    assert number_of(name) == number


@pytest.mark.parametrize("name", ["", "TYPE", "TYPE65536", "TYPE000001", "TYPE-1", "TYPE١", "16", "NONESUCH"])
def test_what_is_no_type(name: str) -> None:
    with pytest.raises(ValueError, match=r"^$"):
        number_of(name)
