"""Streams and datagrams on real sockets: several questions at once, halves, floods, and who does not read."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import dns.message
import dns.query
import pytest

from api.dns.line import Line, make_answers, read_zones
from beseda.api.dns.connections import IDLE_S
from beseda.api.dns.server import bind_both

HERE = Path(__file__).parent
ZONES = (HERE / "zones.txt").read_text()


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    with Line(make_answers(read_zones(ZONES)), most=40, per_address=30) as line:
        yield line


def connect(line: Line) -> socket.socket:
    return socket.create_connection(("127.0.0.1", line.port), timeout=10)


def framed(name: str, ident: int) -> bytes:
    wire = dns.message.make_query(name, "A", id=ident).to_wire()
    return struct.pack("!H", len(wire)) + wire


def read(sock: socket.socket) -> dns.message.Message:
    head = sock.recv(2, socket.MSG_WAITALL)
    return dns.message.from_wire(sock.recv(struct.unpack("!H", head)[0], socket.MSG_WAITALL))


def test_questions_of_one_stream_are_answered_in_turn(line: Line) -> None:
    with connect(line) as sock:
        sock.sendall(b"".join(framed("example.org", ident) for ident in range(500)))
        assert [read(sock).id for _ in range(500)] == list(range(500))


def test_a_question_may_come_octet_by_octet(line: Line) -> None:
    with connect(line) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in framed("www.example.org", 7):
            sock.sendall(bytes([octet]))
        assert read(sock).id == 7


def test_the_slow_and_the_quick_are_answered_in_their_order(line: Line) -> None:
    """A transfer, which takes a task of its own, between two questions."""
    transfer = dns.message.make_query("example.org", "AXFR", id=2).to_wire()
    with connect(line) as sock:
        sock.sendall(framed("example.org", 1) + struct.pack("!H", len(transfer)) + transfer + framed("example.org", 3))
        sock.shutdown(socket.SHUT_WR)
        assert [read(sock).id for _ in range(3)] == [1, 2, 3]
        assert sock.recv(1) == b""


def test_a_message_of_64_kib_is_no_message_and_costs_nothing(line: Line) -> None:
    with connect(line) as sock:
        for fill in (b"\0", b"\xc0", b"\xff", b"\x01a"):
            junk = (b"\0\7\0\0\0\1\xff\xff\0\0\0\0" + fill * 65_535)[:65_535]
            sock.sendall(b"\xff\xff" + junk)
            assert read(sock).rcode() == 1
        sock.sendall(b"\0\0" * 100 + framed("example.org", 9))
        assert read(sock).id == 9


def test_one_address_has_no_more_than_its_share(line: Line) -> None:
    refused = line.connections.refused
    with contextlib.ExitStack() as stack:
        socks = [stack.enter_context(connect(line)) for _ in range(35)]
        for sock in socks[:30]:
            sock.sendall(framed("example.org", 1))
            assert read(sock).id == 1
        for sock in socks[30:]:
            with contextlib.suppress(OSError):
                sock.sendall(framed("example.org", 1))
                assert sock.recv(1) == b""
    assert line.connections.refused == refused + 5


def test_the_longest_idle_makes_room() -> None:
    with Line(make_answers(read_zones(ZONES)), most=3, per_address=30) as line, contextlib.ExitStack() as stack:
        socks = [stack.enter_context(connect(line)) for _ in range(3)]
        for sock in (socks[1], socks[2], socks[0], socks[2]):
            sock.sendall(framed("example.org", 1))
            read(sock)
        newest = stack.enter_context(connect(line))
        newest.sendall(framed("example.org", 5))
        assert read(newest).id == 5
        with contextlib.suppress(ConnectionResetError):
            assert socks[1].recv(1) == b""
        socks[0].sendall(framed("example.org", 6))
        assert read(socks[0]).id == 6


def test_who_sends_no_whole_message_is_hung_up_on(line: Line) -> None:
    """However busily: octets alone are no messages."""
    with connect(line) as sock:
        sock.sendall(framed("example.org", 1))
        read(sock)
        sock.sendall(b"\0\x30abc")

        async def later() -> None:
            await asyncio.sleep(0)
            line.connections.hang_up_idle(asyncio.get_running_loop().time() + IDLE_S)

        line.run(later())
        with contextlib.suppress(ConnectionResetError):
            assert sock.recv(1) == b""


def test_who_does_not_read_waits_and_holds_up_nobody(line: Line) -> None:
    wire = framed("big.example.org", 1)
    with connect(line) as greedy, connect(line) as other:
        greedy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        greedy.setblocking(False)
        sent = 0
        with contextlib.suppress(BlockingIOError):
            while sent < 50_000_000:
                sent += greedy.send(wire * 100)
        other.sendall(framed("example.org", 8))
        assert read(other).id == 8
        assert sent < 50_000_000


def test_all_addresses_of_the_machine_answer_from_themselves() -> None:
    """A socket for all of them knows which of them was asked: a client takes an answer from no other."""
    for host, asked in (("0.0.0.0", ("127.0.0.1", "127.0.0.2", "127.3.3.3")), ("::", ("::1",))):  # noqa: S104 - in a test
        with Line(make_answers(read_zones(ZONES)), host) as line:
            for address in asked:
                message = dns.message.make_query("example.org", "A")
                assert dns.query.udp(message, address, timeout=10, port=line.port).answer


def test_where_the_stream_has_no_room_the_datagrams_leave_theirs() -> None:
    """Also before there is a loop. Nothing is left open: the port can be had as soon as the other has gone."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            bind_both("127.0.0.1", port, 1, 1)
    for each in bind_both("127.0.0.1", port, 1, 1):
        each.close()


@pytest.mark.long
def test_thousands_of_idle_streams_are_harmless() -> None:
    with (
        Line(make_answers(read_zones(ZONES)), most=1000, per_address=20_000) as line,
        contextlib.ExitStack() as stack,
    ):
        for _ in range(10_000):
            sock = stack.enter_context(connect(line))
            sock.setblocking(False)
        message = dns.message.make_query("example.org", "A")
        assert dns.query.udp(message, "127.0.0.1", timeout=30, port=line.port).answer
        assert dns.query.tcp(message, "127.0.0.1", timeout=30, port=line.port).answer
        assert len(line.connections.open) <= 1000
