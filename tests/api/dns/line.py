"""A name server on real sockets, over zones from a master file and without a database; and messages as text."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdatatype
import uvloop

from beseda.api.dns.answers import Answers, Peer, error_to
from beseda.api.dns.book import ZoneBook
from beseda.api.dns.edns import Cookies
from beseda.api.dns.rates import Network, Rates
from beseda.api.dns.server import bind_both
from beseda.api.dns.wire import REFUSED, Message
from beseda.api.dns.zone import RecordSet, Zone

T = TypeVar("T")
SECRET = bytes.fromhex("e5e973e5a6b2a43f48e7dc849e37bfcf")


def read_zones(text: str) -> list[Zone]:
    """Zones from lines of name, TTL, type, data; each begins at its $ORIGIN."""
    zones: list[tuple[dns.name.Name, dict[tuple[bytes, int], tuple[int, list[bytes]]]]] = []
    for line in text.splitlines():
        name, *rest = line.split(maxsplit=3)
        if name == "$ORIGIN":
            zones.append((dns.name.from_text(rest[0]), {}))
            continue
        origin, sets = zones[-1]
        rdtype = dns.rdatatype.from_text(rest[1])
        data = dns.rdata.from_text("IN", rdtype, rest[2], origin=origin, relativize=False).to_wire() or b""
        owner = (dns.name.from_text(name, origin).to_wire() or b"").lower() if name != "@" else origin.to_wire() or b""
        sets.setdefault((owner, rdtype), (int(rest[0]), []))[1].append(data)
    return [
        Zone(
            origin.to_wire() or b"",
            1,
            [(name, RecordSet(rdtype, *_whole(each))) for (name, rdtype), each in sets.items()],
        )
        for origin, sets in zones
    ]


def _whole(given: tuple[int, list[bytes]]) -> tuple[int, tuple[bytes, ...]]:
    return given[0], tuple(given[1])


def make_answers(zones: Sequence[Zone], rate: int = 0, exempt: Sequence[Network] = ()) -> Answers:
    book = ZoneBook()
    for zone in zones:
        book.put(zone)
    return Answers(book, Cookies(SECRET), Rates(rate, exempt, time.monotonic), time.time)


class Line:
    """Serves until the block is left; `port` is of UDP and TCP."""

    def __init__(self, answers: Answers, host: str = "127.0.0.1", most: int = 1000, per_address: int = 100) -> None:
        self.answers = answers
        self.datagrams, self.connections = bind_both(host, 0, most, per_address)
        self.port = self.datagrams.port
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.run(self._start())
        return self

    async def _start(self) -> None:
        def slowly(message: Message, peer: Peer, send: Callable[[bytes], None]) -> None:
            send(error_to(message, REFUSED))

        async def stream(message: Message, peer: Peer) -> AsyncIterator[bytes]:
            yield error_to(message, REFUSED)

        self.datagrams.start(self.answers.answer, slowly)
        await self.connections.start(self.answers.answer, stream)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine that runs in the server's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        async def stop() -> None:
            self.datagrams.close()
            self.connections.close()
            await asyncio.sleep(0)

        self.run(stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def told(answer: dns.message.Message) -> list[str]:
    """An answer as the lines of questions.txt."""
    flags = [
        name for name, flag in (("aa", dns.flags.AA), ("tc", dns.flags.TC), ("ra", dns.flags.RA)) if answer.flags & flag
    ]
    if answer.ednsflags & dns.flags.DO:
        flags.append("do")
    lines = [" ".join([dns.rcode.to_text(answer.rcode()), *flags])]
    for mark, section in (("an", answer.answer), ("au", answer.authority), ("ad", answer.additional)):
        lines += [
            f"{mark} {rrset.name} {rrset.ttl} {dns.rdatatype.to_text(rrset.rdtype)} {rdata}"
            for rrset in section
            for rdata in rrset
        ]
    return lines


def cases(file: Path) -> list[tuple[str, list[str]]]:
    """Questions and what is expected, from a file."""
    lines = [line for line in file.read_text().splitlines() if not line.startswith("#")]
    blocks = [block.splitlines() for block in "\n".join(lines).split("\n\n") if block.strip()]
    return [(block[0], block[1:]) for block in ([line for line in block if line] for block in blocks)]
