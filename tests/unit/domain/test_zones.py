"""Serials of zones, and taking changes back."""

from datetime import timedelta

import pytest

from beseda.domain.errors import ZoneFull
from beseda.domain.ids import DomainId, ZoneId
from beseda.domain.records import Data, RecordSet
from beseda.domain.zones import (
    RECORDS_MAX,
    Deed,
    Soa,
    ZoneChange,
    ZoneHead,
    is_after,
    next_serial,
    plan,
    serial_after_loss,
    undone,
)
from unit.domain.made import NOON

DATED = 2026112000
ONE, TWO = Data(b"1", "192.0.2.1"), Data(b"2", "192.0.2.2")
TAKEN = ("www", "A", 600, ONE)


def test_the_soa_says_what_is_meant() -> None:
    assert Soa().text("example.org", 7) == "localhost. hostmaster.example.org. 7 7200 900 1209600 600"
    named = Soa(("ns1.example.net", "ns2.example.net"), "jan.novak@example.org")
    assert named.text("example.org", 7).startswith("ns1.example.net. jan\\.novak.example.org. 7 ")
    assert Soa().ttl == 3600


def test_a_serial_is_the_day_or_one_more() -> None:
    assert [next_serial(last, NOON) for last in (0, 1, DATED - 1, DATED, DATED + 200)] == [
        DATED,
        DATED,
        DATED,
        DATED + 1,
        DATED + 201,
    ]
    assert next_serial(2**32 - 1, NOON) == DATED


def test_after_a_loss_it_is_above_all_that_can_have_been_served() -> None:
    at_once = serial_after_loss(DATED, NOON, NOON)
    assert at_once == DATED + 1_000
    assert serial_after_loss(DATED, NOON, NOON - timedelta(days=9)) == at_once
    later = [serial_after_loss(DATED, NOON - timedelta(days=days), NOON) for days in (1, 30, 365)]
    assert sorted(later) == later
    assert is_after(later[0], at_once)
    for serial in (0, 1, 2**31, 2**32 - 1):
        new = serial_after_loss(serial, NOON - timedelta(days=3650), NOON)
        assert 0 < new < 2**32
        assert is_after(new, serial)


def test_what_was_changed_is_undone_the_newest_first() -> None:
    now = {("www", "A"): RecordSet("www", "A", 600, (TWO,))}
    changes = [
        ZoneChange(Deed.CHANGED, 2, 3, NOON, added=(("www", "A", 600, TWO),), removed=(TAKEN,)),
        ZoneChange(Deed.CHANGED, 1, 2, NOON, added=(TAKEN,)),
    ]
    assert undone(now, changes[:1]) == {("www", "A"): RecordSet("www", "A", 600, (ONE,))}
    assert undone(now, changes) == {}
    assert undone({}, [ZoneChange(Deed.CHANGED, 1, 2, NOON, added=(TAKEN,))]) == {}  # it was not there any more


@pytest.mark.parametrize("above", [0, 1])
def test_a_full_zone_takes_no_more_and_one_that_is_too_full_can_become_smaller(above: int) -> None:
    head = ZoneHead(ZoneId(1), DomainId(1), "example.org", DATED, RECORDS_MAX + above, 0, 0)
    implied = RecordSet("", "NS", 3600, (Data(b"ns", "ns1.example.org."),))
    one, two = RecordSet("www", "A", 600, (ONE,)), RecordSet("www", "A", 600, (ONE, TWO))
    with pytest.raises(ZoneFull):
        plan(head, {one.key: one}, {one.key: two}, implied)
    fewer = plan(head, {two.key: two}, {one.key: one}, implied)
    assert (fewer.records, fewer.removed, fewer.added) == (RECORDS_MAX + above - 1, (("www", "A", 600, TWO),), ())
