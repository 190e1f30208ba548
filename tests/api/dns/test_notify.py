"""Secondaries are told of changes until they answer; whoever does not is told again, and of the newest state."""

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.tsig
import pytest

from api.dns.line import read_zones
from beseda.api.dns.notify import Notifier, Secondary, read_address, read_secondary
from beseda.api.dns.wire import join_text

ZONE = "$ORIGIN example.org.\n@ 60 SOA ns1 hostmaster 7 1 1 1 1\n@ 60 NS ns1"
ORIGIN = join_text("example.org")
SECRET = b"x" * 32


class Ear:
    """A secondary that hears, and answers when it is told to."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.port: int = self.socket.getsockname()[1]

    async def hear(self, **keyring: Any) -> tuple[dns.message.Message, Any]:
        data, address = await asyncio.get_running_loop().sock_recvfrom(self.socket, 4096)
        return dns.message.from_wire(data, **keyring), address

    def answer(self, message: dns.message.Message, address: Any) -> None:
        reply = dns.message.make_response(message) if not message.had_tsig else dns.message.make_query(".", "A")
        reply.id, reply.flags = message.id, dns.flags.QR | dns.opcode.to_flags(dns.opcode.NOTIFY)
        self.socket.sendto(reply.to_wire(), address)


@pytest.fixture
def ear() -> Iterator[Ear]:
    ear = Ear()
    yield ear
    ear.socket.close()


def make(ear: Ear, key: str = "", waits_s: tuple[float, ...] = (0.05,) * 20) -> Notifier:
    (zone,) = read_zones(ZONE)

    async def secret(name: str) -> tuple[str, bytes] | None:
        return ("hmac-sha256", SECRET) if name == "secondary" else None

    secondaries = [Secondary("127.0.0.1", ear.port, key)]
    return Notifier(secondaries, lambda origin: zone if origin == ORIGIN else None, secret, lambda: 1e9, waits_s)


def test_a_secondary_is_told_until_it_answers(ear: Ear) -> None:
    async def scene() -> None:
        notifier = make(ear)
        notifier.tell(ORIGIN)
        heard = [await ear.hear() for _ in range(3)]
        message, address = heard[-1]
        assert (message.opcode(), message.flags & dns.flags.AA) == (dns.opcode.NOTIFY, dns.flags.AA)
        assert [each.to_text() for each in message.question] == ["example.org. IN SOA"]
        assert message.answer[0][0].serial == 7
        ear.answer(message, address)
        await asyncio.gather(*notifier._tasks.values())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ear.hear(), 0.2)
        assert notifier.unheard == 0

    asyncio.run(scene())


def test_one_that_never_answers_is_given_up_and_told_of_the_next_change(ear: Ear) -> None:
    async def scene() -> None:
        notifier = make(ear, waits_s=(0.01, 0.01))
        for told in (1, 2):
            notifier.tell(ORIGIN)
            await asyncio.gather(*notifier._tasks.values())
            assert notifier.unheard == told
        for _ in range(4):
            await asyncio.wait_for(ear.hear(), 1)
        notifier.tell(join_text("gone.example"))
        await asyncio.gather(*notifier._tasks.values())
        assert notifier.unheard == 2

    asyncio.run(scene())


def test_changes_meanwhile_are_told_as_one(ear: Ear) -> None:
    async def scene() -> None:
        notifier = make(ear, waits_s=(5.0,))
        notifier.tell(ORIGIN)
        message, address = await ear.hear()
        for _ in range(50):
            notifier.tell(ORIGIN)
        ear.answer(message, address)
        message, address = await ear.hear()
        ear.answer(message, address)
        await asyncio.gather(*notifier._tasks.values())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ear.hear(), 0.1)

    asyncio.run(scene())


def test_what_is_told_is_signed_where_a_key_is_named(ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        notifier = make(ear, "secondary")
        notifier.tell(ORIGIN)
        key = dns.tsig.Key("secondary.", SECRET, "hmac-sha256")
        monkeypatch.setattr("time.time", lambda: 1e9)
        message, address = await ear.hear(keyring={key.name: key})
        assert message.had_tsig
        ear.answer(message, address)
        await notifier.stop()

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.1:53", Secondary("192.0.2.1", 53)),
        ("[2001:db8::1]:5300 Secondary.", Secondary("2001:db8::1", 5300, "secondary")),
    ],
)
def test_secondaries_are_read(text: str, expected: Secondary) -> None:
    assert read_secondary(text) == expected


@pytest.mark.parametrize("text", ["", "192.0.2.1", "2001:db8::1:53", "ns.example.org:53", "192.0.2.1:", "192.0.2.1:x"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ADDRESS:PORT"):
        read_address(text)
