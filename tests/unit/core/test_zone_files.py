"""Whole zones: what is written out reads in as the same, and any state comes back."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beseda.adapters.dns_records import DnsRecords
from beseda.core.domains import NewDomain
from beseda.core.records import Meant, Wanted
from beseda.core.zone_files import How, WrittenSet
from beseda.domain.errors import BesedaError, RecordMismatch, RecordNotFound
from beseda.domain.records import APEX, RecordSet, quoted, said
from unit.core.world import World

HOW = How()
LABELS = st.from_regex(r"[a-z_][a-z0-9_-]{0,8}", fullmatch=True)
NAMES = st.sampled_from([APEX, "*", "*.lab", "www", "_sip._tcp", "0/25"]) | st.lists(
    LABELS, min_size=1, max_size=3
).map(".".join)
HOSTS = st.sampled_from(["a.example.org.", "mail", "@", "xn--e1afmkfd.xn--p1ai."])
DATA = {
    "A": st.ip_addresses(v=4).map(str),
    "AAAA": st.ip_addresses(v=6).map(str),
    "CNAME": HOSTS,
    "MX": st.tuples(st.integers(0, 65535), HOSTS).map(lambda each: f"{each[0]} {each[1]}"),
    "TXT": st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=300).map(quoted),
    "SRV": st.tuples(st.integers(0, 65535), HOSTS).map(lambda each: f"1 2 {each[0]} {each[1]}"),
    "CAA": st.sampled_from(['0 issue "ca.example.org"', '128 iodef "mailto:a@example.org"', '0 issue ";"']),
    "HTTPS": st.sampled_from(
        ["0 svc.example.org.", '1 . alpn="h2,h3" port="8443"', "16 foo.example.org. ipv6hint=2001:db8::1"]
    ),
    "NAPTR": st.just('100 10 "S" "SIP+D2U" "!^.*$!sip:a@example.org!" .'),
    "TYPE65280": st.binary(max_size=20).map(lambda each: rf"\# {len(each)} {each.hex()}"),
}
SETS = st.sampled_from(sorted(DATA)).flatmap(
    lambda type_: st.builds(
        WrittenSet,
        NAMES,
        st.just(type_),
        st.lists(DATA[type_], min_size=1, max_size=3).map(tuple),
        st.integers(1, 10**6),
    )
)


@given(st.text(max_size=700))
def test_what_a_text_record_says_is_what_was_meant(text: str) -> None:
    written = text.encode("utf-8", "ignore").decode()
    assert said(DnsRecords().data("vzor.ru", APEX, "TXT", quoted(written)).wire) == written


@pytest.fixture(scope="module")
def shared_world() -> Iterator[World]:
    with World() as world:
        alena = world.run(world.member_in("Alena"))
        world.run(world.core.domains.add(alena, NewDomain("vzor.ru")))
        yield world


def shown(sets: list[RecordSet]) -> set[tuple[str, str, int, frozenset[str]]]:
    return {(each.name, each.type, each.ttl, frozenset(data.text for data in each.data)) for each in sets}


STATES = st.lists(st.lists(SETS, max_size=12), min_size=2, max_size=3)


@settings(max_examples=20)
@given(STATES)
def test_reading_in_what_was_written_out_changes_nothing_and_any_state_comes_back(
    shared_world: World, states: list[list[WrittenSet]]
) -> None:
    shared_world.run(_play(shared_world, states))


@pytest.mark.long
@settings(max_examples=100)
@given(STATES)
def test_and_for_long(shared_world: World, states: list[list[WrittenSet]]) -> None:
    shared_world.run(_play(shared_world, states))


async def _play(world: World, states: list[list[WrittenSet]]) -> None:
    files, serials = world.core.zone_files, {}
    for wanted in states:
        try:
            report = await files.replace(None, "vzor.ru", wanted, HOW)
        except BesedaError:
            continue
        _, sets = await files.read(None, "vzor.ru")
        serials[report.serial] = shown(sets)
        _, content = await files.export(None, "vzor.ru")
        again = await files.read_in(None, "vzor.ru", content, HOW)
        assert (again.removed, again.added, again.serial) == ((), (), report.serial), content
        await files.replace(None, "vzor.ru", [], HOW)
        await files.read_in(None, "vzor.ru", content, HOW)
        assert shown((await files.read(None, "vzor.ru"))[1]) == serials[report.serial]
    for serial, state in serials.items():
        await files.revert(None, "vzor.ru", serial, HOW)
        assert shown((await files.read(None, "vzor.ru"))[1]) == state


@pytest.mark.parametrize("settings", [{"server.database": "sqlite://:memory:"}])
async def test_of_ten_who_say_what_they_mean_none_takes_another_record(world: World) -> None:
    """As a provider that runs ten deletions at once, each by a place that the others move."""
    alena = await world.member_in("Alena")
    await world.core.domains.add(alena, NewDomain("vzor.ru"))
    for number in range(20):
        await world.core.records.add(alena, "vzor.ru", Wanted(f"h{number}", "TXT", f'"{number}"'))

    async def remove(number: int) -> None:
        while True:
            rows = await world.core.records.rows(alena, "vzor.ru")
            index = [row.name for row in rows].index(f"h{number}")
            await asyncio.sleep(0)
            try:
                await world.core.records.remove(alena, "vzor.ru", "TXT", index, Meant(text=f'"{number}"'))
            except (RecordMismatch, RecordNotFound):
                continue
            return

    await asyncio.gather(*(remove(number) for number in range(0, 20, 2)))
    left = [row.name for row in await world.core.records.rows(alena, "vzor.ru")]
    assert left == [f"h{number}" for number in range(1, 20, 2)]
