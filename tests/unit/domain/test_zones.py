"""Serials of zones, what a change of one comes to, and taking it back."""

from datetime import timedelta

import pytest

from beseda.domain.errors import ZoneFull
from beseda.domain.ids import DomainId, ZoneId
from beseda.domain.records import APEX, Data, RecordSet
from beseda.domain.zones import (
    RECORDS_MAX,
    Deed,
    Soa,
    ZoneChange,
    ZoneHead,
    enclosing,
    is_after,
    next_serial,
    owner_within,
    plan,
    serial_after_loss,
    undone,
)
from unit.domain.made import NOON

FAR = NOON.replace(year=2200)
DATED = 2026112000
ONE, TWO = Data(b"1", "192.0.2.1"), Data(b"2", "192.0.2.2")
TAKEN = ("www", "A", 600, ONE)


def test_the_soa_says_what_is_meant() -> None:
    assert Soa().text("example.org", 7) == "localhost. hostmaster.example.org. 7 7200 900 1209600 600"
    named = Soa(("ns1.example.net", "ns2.example.net"), "jan.novak@example.org")
    assert named.text("example.org", 7).startswith("ns1.example.net. jan\\.novak.example.org. 7 ")
    times = "0 7200 900 1209600 600"
    assert named.said == f"3600 ns1.example.net. jan\\.novak.example.org. {times} NS ns1.example.net ns2.example.net"
    assert Soa(("b", "a")).said == "3600 b. hostmaster.. 0 7200 900 1209600 600 NS a b"


@pytest.mark.parametrize(
    ("serial", "other", "after"),
    [(1, 0, True), (0, 0, False), (0, 1, False), (2**31 - 1, 0, True), (2**31, 0, False), (0, 2**32 - 1, True)],
)
def test_serials_go_round(serial: int, other: int, after: bool) -> None:
    assert is_after(serial, other) is after


def test_a_serial_is_the_day_or_one_more() -> None:
    assert [next_serial(last, NOON) for last in (0, 1, DATED - 1, DATED, DATED + 200)] == [
        DATED,
        DATED,
        DATED,
        DATED + 1,
        DATED + 201,
    ]
    assert next_serial(2**32 - 1, NOON) == DATED
    assert next_serial(DATED + 2**31 - 1, NOON) == DATED + 2**31
    assert next_serial(2**32 - 1, FAR) == serial_after_loss(2**32 - 1_000, FAR, FAR) == 1


def test_after_a_loss_it_is_above_all_that_can_have_been_served() -> None:
    at_once = serial_after_loss(DATED, NOON, NOON)
    assert at_once == DATED + 1_000
    assert serial_after_loss(DATED, NOON, NOON - timedelta(days=9)) == at_once
    assert serial_after_loss(DATED, NOON - timedelta(seconds=1), NOON) == DATED + 1_010
    assert serial_after_loss(DATED - 100, NOON, NOON) == DATED + 1_000
    assert serial_after_loss(DATED + 1, NOON, NOON) == DATED + 1_001
    assert serial_after_loss(DATED, NOON - timedelta(days=3650), NOON) == DATED + 2**31 - 1
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


def head(records: int) -> ZoneHead:
    return ZoneHead(ZoneId(1), DomainId(1), "example.org", 1, records, 0, 0)


IMPLIED = RecordSet(APEX, "NS", 60, (Data(b"ns", "ns."),))
WWW = RecordSet("www", "A", 600, (ONE, TWO))
BEFORE = {WWW.key: WWW}


def test_only_what_differs_is_written_and_served() -> None:
    same = RecordSet("www", "A", 600, (TWO, ONE))
    assert plan(head(2), BEFORE, {WWW.key: same, ("x", "A"): None}, IMPLIED).sets == {}
    less = plan(head(2), BEFORE, {WWW.key: RecordSet("www", "A", 600, (TWO,))}, IMPLIED)
    assert (less.removed, less.added, less.records) == ((TAKEN,), (), 1)
    none = plan(head(2), BEFORE, {WWW.key: None}, IMPLIED)
    assert (len(none.removed), none.added, none.records) == (2, (), 0)
    more = plan(head(2), BEFORE, {("x", "A"): RecordSet("x", "A", 600, (ONE,))}, IMPLIED)
    assert (more.removed, more.added, more.records) == ((), (("x", "A", 600, ONE),), 3)


def test_the_zones_own_servers_come_and_go_with_its_ns() -> None:
    own = RecordSet(APEX, "NS", 60, (ONE,))
    implied, given_ = ((APEX, "NS", 60, each.data[0]) for each in (IMPLIED, own))
    there = plan(head(0), {}, {own.key: own}, IMPLIED)
    assert (there.removed, there.added, there.records) == ((implied,), (given_,), 1)
    gone = plan(head(1), {own.key: own}, {own.key: None}, IMPLIED)
    assert (gone.removed, gone.added, gone.records) == ((given_,), (implied,), 0)


def test_a_zone_that_is_full_can_only_become_smaller() -> None:
    more = {("x", "A"): RecordSet("x", "A", 600, (ONE,))}
    assert plan(head(RECORDS_MAX - 1), {}, more, IMPLIED).records == RECORDS_MAX
    with pytest.raises(ZoneFull) as full:
        plan(head(RECORDS_MAX), {}, more, IMPLIED)
    assert full.value.max_records == RECORDS_MAX
    assert plan(head(RECORDS_MAX + 9), BEFORE, {WWW.key: RecordSet("www", "A", 60, WWW.data)}, IMPLIED).added
    assert plan(head(RECORDS_MAX + 9), BEFORE, {WWW.key: None}, IMPLIED).records == RECORDS_MAX + 7


@pytest.mark.parametrize(
    ("deed", "removed", "difference"),
    [(Deed.CHANGED, (TAKEN,), True), (Deed.CHANGED, (), False), (Deed.RESTORED, (TAKEN,), False)],
)
def test_whoever_has_the_zone_before_needs_a_difference(
    deed: Deed, removed: tuple[tuple[str, str, int, Data], ...], difference: bool
) -> None:
    assert ZoneChange(deed, 1, 2, NOON, removed=removed).is_difference is difference
    assert ZoneChange(deed, 1, 2, NOON, added=removed).is_difference is difference
    assert ZoneChange(deed, 1, 2, NOON).number == 0


def test_a_time_to_live_is_undone_with_what_was_added_to_others() -> None:
    now = {WWW.key: RecordSet("www", "A", 60, (ONE, TWO))}
    added = tuple(("www", "A", 60, data) for data in (ONE, TWO))
    assert undone(now, [ZoneChange(Deed.CHANGED, 1, 2, NOON, added=added, removed=(TAKEN,))]) == {
        WWW.key: RecordSet("www", "A", 600, (ONE,))
    }


def test_where_a_name_belongs() -> None:
    assert enclosing("a.b.org") == ["a.b.org", "b.org", "org"]
    assert owner_within("example.org", "example.org", APEX) == APEX
    assert owner_within("example.org", "example.org", "www") == "www"
    assert owner_within("lab.example.org", "example.org", APEX) == "lab"
    assert owner_within("lab.example.org", "example.org", "*") == "*.lab"
