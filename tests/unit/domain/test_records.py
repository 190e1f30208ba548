"""Types by their names and numbers, and what is wrong with a set of records by itself."""

from dataclasses import replace

import pytest

from beseda.domain.records import SET_MAX_BYTES, TTL_MAX, Data, RecordSet, number_of, set_faults

ONE, TWO = Data(b"1", "192.0.2.1"), Data(b"2", "192.0.2.2")
HOSTS = RecordSet("www", "A", 600, (ONE, TWO))


@pytest.mark.parametrize(("name", "number"), [("A", 1), ("TXT", 16), ("TYPE0", 0), ("TYPE65535", 65535)])
def test_a_type_is_known_by_either_name(name: str, number: int) -> None:
    assert number_of(name) == number


@pytest.mark.parametrize("name", ["", "TYPE", "TYPE65536", "TYPE000001", "TYPE-1", "TYPE١", "16", "NONESUCH"])
def test_what_is_no_type(name: str) -> None:
    with pytest.raises(ValueError, match=r"^$"):
        number_of(name)


def test_the_mark_of_a_set_is_another_when_it_says_something_else() -> None:
    assert replace(HOSTS, data=(TWO, ONE)).mark == HOSTS.mark
    others = [replace(HOSTS, ttl=601), replace(HOSTS, data=(ONE,)), replace(HOSTS, name="ftp")]
    assert len({HOSTS.mark, *(other.mark for other in others)}) == 4


@pytest.mark.parametrize(
    ("given", "reasons"),
    [
        (HOSTS, []),
        (replace(HOSTS, ttl=TTL_MAX + 1), ["ttl_invalid"]),
        (replace(HOSTS, data=(Data(bytes(SET_MAX_BYTES - 12), ""),)), []),
        (replace(HOSTS, data=(Data(bytes(SET_MAX_BYTES - 11), ""),)), ["set_too_large"]),
        (replace(HOSTS, name="*", type="DS"), ["wildcard"]),
    ],
)
def test_what_is_wrong_with_a_set(given: RecordSet, reasons: list[str]) -> None:
    assert [fault.reason for fault in set_faults(given)] == reasons
