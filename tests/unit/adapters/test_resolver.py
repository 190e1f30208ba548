"""Asking the DNS, by a small server that knows what it is told."""

import asyncio
from collections.abc import Iterator

import pytest

from beseda.adapters.resolver import DnsLookup, read_server
from beseda.domain.errors import ResolverSilent
from resolver import SmallDns


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def small() -> Iterator[SmallDns]:
    with SmallDns() as small:
        yield small


@pytest.fixture
def lookup(small: SmallDns) -> DnsLookup:
    return make(small, timeout_s=30)


def make(small: SmallDns, timeout_s: float) -> DnsLookup:
    return DnsLookup([small.address], port=small.port, timeout_s=timeout_s, may_ask=lambda address: True)


async def test_texts_are_joined_and_absent_ones_are_none(
    runner: asyncio.Runner, small: SmallDns, lookup: DnsLookup
) -> None:
    small.records["_c.vzor.ru", "TXT"] = ['"one" "two"', '"three"']
    small.records["vzor.ru", "A"] = ["192.0.2.1"]
    assert await lookup.texts("_c.vzor.ru") == {"onetwo", "three"}
    assert await lookup.texts("vzor.ru") == frozenset()
    assert await lookup.texts("nikde.ru") == frozenset()
    assert await lookup.texts(f"_beseda-challenge.{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 57}.ru") == frozenset()
    small.broken.add("vzor.ru")
    assert await lookup.texts("_d.vzor.ru") == frozenset()


async def test_a_delegation_to_servers_that_do_not_answer_yet_is_what_the_zone_above_says(
    runner: asyncio.Runner, small: SmallDns, lookup: DnsLookup
) -> None:
    small.records["hotovo.ru", "NS"] = ["NS1.Example.org."]
    assert await lookup.delegation("hotovo.ru") == {"ns1.example.org"}
    assert await lookup.delegation("nikde.ru") == frozenset()
    small.broken.add("vzor.co.ru")
    assert await lookup.delegation("vzor.co.ru") == frozenset()  # nobody serves what is above
    small.records |= {("ru", "NS"): ["a.ru."], ("a.ru", "A"): ["127.0.0.1"]}
    assert await lookup.delegation("vzor.co.ru") == frozenset()  # who does says nothing of it
    small.referrals["vzor.co.ru"] = ["ns1.beseda.example.", "NS2.beseda.example."]
    assert await lookup.delegation("vzor.co.ru") == {"ns1.beseda.example", "ns2.beseda.example"}


async def test_no_server_of_the_inner_network_is_asked(runner: asyncio.Runner, small: SmallDns) -> None:
    small.broken.add("vzor.ru")
    small.records |= {("ru", "NS"): ["a.ru."], ("a.ru", "A"): ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.0.1"]}
    small.referrals["vzor.ru"] = ["ns1.beseda.example."]
    asked = DnsLookup([small.address], port=small.port, timeout_s=30)
    assert await asked.delegation("vzor.ru") == frozenset()
    assert small.asked.count(("vzor.ru", "NS")) < 5  # of which none without the wish for recursion


@pytest.mark.long
async def test_who_does_not_answer_is_silent(runner: asyncio.Runner, small: SmallDns) -> None:
    small.silent, lookup = True, make(small, timeout_s=0.5)
    for ask in (lookup.texts, lookup.delegation):
        with pytest.raises(ResolverSilent):
            await ask("vzor.ru")
    with pytest.raises(ResolverSilent):
        await DnsLookup(["127.0.0.1:1"], timeout_s=0.5).texts("vzor.ru")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("192.0.2.1:5353", ("192.0.2.1", 5353)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]", ("2001:db8::1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
    ],
)
def test_a_resolver_is_an_address_with_or_without_a_port(text: str, read: tuple[str, int]) -> None:
    assert read_server(text) == read


@pytest.mark.parametrize("text", ["", "dns.example", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:x"])
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_server(text)
