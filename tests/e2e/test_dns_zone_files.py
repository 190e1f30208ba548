"""Zones as Beseda writes them out are read without a word by BIND's, Knot's and NLnet Labs' tools (see .ci/run)."""

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from beseda.core.domains import NewDomain
from beseda.core.zone_files import How, WrittenSet
from e2e.name_server import which
from unit.core.world import World

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
ZONES = 200
AT_ONCE = 8
HEX = "0123456789abcdef"
NEWER = {"CAA", "HTTPS", "SVCB", "TYPE65280"}
"""Types that validns knows not."""
SHAPES = {
    "A": lambda r: f"192.0.2.{r.randrange(256)}",
    "AAAA": lambda r: f"2001:db8::{r.randrange(1, 65536):x}",
    "MX": lambda r: f"{r.randrange(65536)} mail{r.randrange(3)}.example.org.",
    "TXT": lambda r: " ".join(f'"{text(r)}"' for _ in range(r.randrange(1, 4))),
    "SRV": lambda r: f"{r.randrange(9)} {r.randrange(9)} {r.randrange(1, 65536)} srv.example.org.",
    "CAA": lambda r: f'0 {r.choice(["issue", "issuewild", "iodef"])} "ca{r.randrange(9)}.example.net"',
    "TLSA": lambda r: f"3 1 1 {''.join(r.choices(HEX, k=64))}",
    "SSHFP": lambda r: f"4 2 {''.join(r.choices(HEX, k=64))}",
    "HTTPS": lambda r: f"{r.randrange(1, 9)} . alpn=h2,h3 port={r.randrange(1, 65536)}",
    "SVCB": lambda r: f"{r.randrange(1, 9)} svc.example.org. ipv4hint=192.0.2.{r.randrange(256)}",
    "NAPTR": lambda r: f'{r.randrange(99)} 10 "u" "E2U+sip" "!^.*$!sip:a{r.randrange(9)}@example.org!" .',
    "LOC": lambda r: f"{r.randrange(89)} {r.randrange(60)} 0.000 N {r.randrange(179)} 5 0.000 E 7.00m",
    "PTR": lambda r: f"host{r.randrange(9)}.example.org.",
    "TYPE65280": lambda r: f"\\# 4 {''.join(r.choices(HEX, k=8))}",
}


def text(r: random.Random) -> str:
    """Of all that has to be escaped, and of what has not."""
    return "".join(
        r.choice(("a", "Z", "0", " ", ";", "\\\\", '\\"', "\\195\\169", "\\000", "\\127")) for _ in range(12)
    )


def sets(r: random.Random, shapes: list[str]) -> Iterator[WrittenSet]:
    owners = ["@", "www", "*", "a.b", "_sip._tcp", "*.lab", "_x", "xn--80a1acny", *(f"h{n}" for n in range(6))]
    for owner in r.sample(owners, r.randrange(3, len(owners))):
        if owner != "@" and r.random() < 0.15:
            yield WrittenSet(owner, "CNAME", ("alias.example.org.",), r.randrange(1, 86_400))
            continue
        for kind in r.sample(shapes, r.randrange(1, 6)):
            data = tuple(dict.fromkeys(SHAPES[kind](r) for _ in range(r.randrange(1, 4))))
            yield WrittenSet(owner, kind, data, r.randrange(1, 86_400))
    if r.random() < 0.5:
        yield WrittenSet("deti", "NS", ("ns.deti", "ns.example.org."), 3_600)
        yield WrittenSet("ns.deti", "A", ("192.0.2.53",), 3_600)
        yield WrittenSet("deti", "DS", (f"12345 13 2 {''.join(r.choices(HEX, k=64))}",), 3_600)


async def write(world: World, folder: Path) -> dict[str, tuple[Path, set[str]]]:
    """The zones' files, and the types that are in them."""
    alena, found = await world.known("Alena"), {}
    for number in range(ZONES):
        name, r = f"vzor{number}.ru", random.Random(number)
        shapes = sorted(SHAPES if number % 4 else SHAPES.keys() - NEWER)
        await world.core.domains.give(alena.id, NewDomain(name))
        made = list({(each.name, each.type): each for each in sets(r, shapes)}.values())
        await world.core.zone_files.replace(None, name, made, How())
        _, content = await world.core.zone_files.export(None, name)
        (folder / name).write_text(content)
        found[name] = (folder / name, {each.type for each in made})
    return found


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, set[str]]]:
    with World({"dns.name_servers": ["ns1.example.net", "ns2.example.net"]}) as world:
        return world.run(write(world, tmp_path_factory.mktemp("zones")))


def begun(*command: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.parametrize(
    "command",
    [
        ["named-checkzone", "-q", "-i", "none", "-k", "ignore", "{name}", "{file}"],
        ["kzonecheck", "-o", "{name}", "{file}"],
        ["ldns-read-zone", "-c", "{file}"],
        ["validns", "-z", "{name}", "{file}"],
    ],
    ids=lambda command: command[0],
)
def test_they_are_read(files: dict[str, tuple[Path, set[str]]], command: list[str]) -> None:
    assert which(command[0]), "see .ci/run"
    newer = NEWER if command[0] == "validns" else set()
    wanted = [(name, file) for name, (file, kinds) in files.items() if not kinds & newer]
    assert len(wanted) >= (ZONES // 4 if newer else ZONES)
    told: dict[str, str] = {}
    for start in range(0, len(wanted), AT_ONCE):
        running = [
            (name, begun(*(word.format(name=name, file=file) for word in command)))
            for name, file in wanted[start : start + AT_ONCE]
        ]
        for name, process in running:
            said, _ = process.communicate(timeout=60)
            if process.returncode:
                told[name] = said
    assert told == {}
