"""WebSockets on the wire: the handshake, frames by the rules and against them, silence, floods, the end."""

import asyncio
import gc
from collections.abc import Iterator

import pytest
import websockets
from websockets.protocol import Protocol

from api.wire.line import Client, get, settle
from api.wire.ws import ACCEPT, BINARY, CLOSE, CONT, PING, PONG, TEXT, Guest, Live, Peer, close_frame, frame, upgrade
from awake import awake_s
from beseda.domain.limits import LIMITS
from beseda.server.connections import ConnectionLimits
from beseda.server.cycle import Cycle
from beseda.server.http import BEYOND_MAX_BYTES, KEEP_ALIVE_S, HttpProtocol
from beseda.server.sockets import CLOSE_S, MESSAGE_MAX_BYTES, PING_S, SILENCE_S, SPARE_MAX, WRITE_MAX_BYTES, WebSocket

BURST = LIMITS["socket_frame"].burst
LONG_AGO = 100_000.0


@pytest.fixture
def server(runner: asyncio.Runner, limits: ConnectionLimits) -> Iterator[Live]:
    server = Live(limits)
    runner.run(server.listener.start(server.app))
    yield server
    runner.run(server.close())


class TestHandshake:
    @pytest.mark.parametrize("version", ["13", "8"])
    async def test_good(self, server: Live, version: str) -> None:
        client = await server.connect()
        await client.send(upgrade("/echo", version=version))
        assert (await client.answer())[0] == 101
        assert f"sec-websocket-accept: {ACCEPT}\r\n" in client.head
        assert "upgrade: websocket\r\n" in client.head
        assert "connection: Upgrade\r\n" in client.head
        assert "x-request-id: " in client.head
        peer = Peer(client)
        await peer.say("Ahoj, Привет")
        assert await peer.hear() == "Ahoj, Привет"

    @pytest.mark.parametrize(
        ("request_head", "status"),
        [
            (upgrade("/echo", version="7"), 426),
            (upgrade("/echo", version="13, 8"), 426),
            (upgrade("/echo", leave_out="Sec-WebSocket-Version"), 426),
            (upgrade("/echo", leave_out="Sec-WebSocket-Key"), 400),
            (upgrade("/echo", leave_out="Sec-WebSocket-Key", also="Sec-WebSocket-Key: c2hvcnQ=\r\n"), 400),
            (upgrade("/echo", leave_out="Sec-WebSocket-Key", also="Sec-WebSocket-Key: ===\r\n"), 400),
            (upgrade("/echo", also="Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), 400),
            (upgrade("/echo", leave_out="Connection"), 426),
            (upgrade("/echo", leave_out="Upgrade"), 426),
            (upgrade("/echo", leave_out="Upgrade", also="Upgrade: h2c\r\n"), 426),
            (upgrade("/echo", method="POST"), 426),
            (upgrade("/echo", also="Content-Length: 3\r\n") + "abc", 426),
            (upgrade("/echo").replace("HTTP/1.1", "HTTP/1.0"), 426),
            (get("/echo"), 426),
        ],
    )
    async def test_bad(self, server: Live, request_head: str, status: int) -> None:
        client = await server.connect()
        await client.send(request_head)
        assert (await client.answer())[0] == status
        assert ("upgrade: websocket\r\n" in client.head) == (status == 426)
        assert server.listener.connections.sockets == 0
        assert server.guests[0].socket is None

    async def test_of_another_version_is_told_the_right_one(self, server: Live) -> None:
        client = await server.connect()
        await client.send(upgrade("/echo", version="7"))
        assert (await client.answer())[0] == 426
        assert "sec-websocket-version: 13\r\n" in client.head
        assert "connection: close\r\n" in client.head
        assert await client.is_closed()

    async def test_where_there_is_no_socket_gets_the_page(self, server: Live) -> None:
        client = await server.connect()
        await client.send(upgrade("/quick") + frame(TEXT, "a").decode("latin-1"))
        assert await client.answer() == (200, "/quick")
        assert await client.is_closed()

    async def test_may_choose_a_subprotocol(self, server: Live) -> None:
        client = await server.connect()
        await client.send(upgrade("/subprotocol", also="Sec-WebSocket-Protocol: a, beseda\r\n"))
        assert (await client.answer())[0] == 101
        assert "sec-websocket-protocol: beseda\r\n" in client.head

    async def test_byte_by_byte(self, server: Live) -> None:
        client = await server.connect()
        for byte in upgrade("/echo").encode() + frame(TEXT, "one") + frame(TEXT, "two"):
            client.writer.write(bytes([byte]))
            await client.writer.drain()
            await asyncio.sleep(0)
        assert (await client.answer())[0] == 101
        peer = Peer(client)
        assert [await peer.hear(), await peer.hear()] == ["one", "two"]

    async def test_with_the_first_frames_in_the_same_packet(self, server: Live) -> None:
        client = await server.connect()
        await client.send(upgrade("/echo").encode() + frame(TEXT, "one") + frame(TEXT, "two"))
        assert (await client.answer())[0] == 101
        assert await Peer(client).hear() == "one"

    async def test_behind_other_requests(self, server: Live) -> None:
        """The frames came before anybody knew that they are such, and are kept; what is too much waits."""
        client = await server.connect()
        text = "a" * 10_000
        await client.send(get("/wait") + get("/second") + upgrade("/echo"))
        for _ in range(3):
            await client.send(frame(TEXT, text))
        assert server.executed == ["/wait"]
        server.gate.set()
        assert [await client.answer() for _ in range(2)] == [(200, "/wait"), (200, "/second")]
        assert (await client.answer())[0] == 101
        peer = Peer(client)
        assert [await peer.hear() for _ in range(3)] == [text] * 3
        assert 3 * len(text) > BEYOND_MAX_BYTES

    async def test_behind_a_large_answer_that_is_not_taken_is_refused(self, server: Live) -> None:
        client = await server.connect()
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await client.send(get("/big") + upgrade("/echo"))
        client.writer.transport.resume_reading()  # type: ignore[attr-defined]
        assert (await client.answer())[0] == 200
        assert (await client.answer())[0] in (101, 503)

    async def test_of_who_has_gone_is_nothing(self, server: Live) -> None:
        client = await server.connect()
        await client.send(get("/wait") + upgrade("/echo"))
        client.writer.transport.abort()
        await settle()
        server.gate.set()
        await settle()
        assert server.open == server.listener.connections.sockets == 0
        assert all(guest.ends for guest in server.guests if guest.socket)


class TestMessages:
    async def test_in_fragments_with_a_ping_between(self, server: Live) -> None:
        peer = await server.peer()
        ho, j = "Ahoj, čaj".encode()[:7], "Ahoj, čaj".encode()[7:]
        await peer.send(frame(TEXT, ho, fin=False), frame(PING, "still there?"), frame(CONT, fin=False), frame(CONT, j))
        assert [await peer.next(), await peer.next()] == [(PONG, b"still there?"), (TEXT, "Ahoj, čaj".encode())]
        assert server.guests[0].heard == ["Ahoj, čaj"]

    async def test_ping_is_answered(self, server: Live) -> None:
        peer = await server.peer()
        await peer.send(frame(PING, "a"), frame(PING))
        assert [await peer.next(), await peer.next()] == [(PONG, b"a"), (PONG, b"")]

    @pytest.mark.parametrize("talked_before", [False, True])
    async def test_pongs_are_taken(self, server: Live, talked_before: bool) -> None:
        peer = await server.peer()
        if talked_before:
            await peer.say("a")
            assert await peer.hear() == "a"
        await peer.send(frame(PONG))
        await peer.send(frame(PONG, "a" * 125))
        await peer.send(frame(PONG)[:3])
        await peer.send(frame(PONG)[3:])
        await peer.say("b")
        assert await peer.hear() == "b"

    @pytest.mark.parametrize("size", [0, 125, 126, MESSAGE_MAX_BYTES])
    async def test_of_any_size_up_to_the_bound(self, server: Live, size: int) -> None:
        peer = await server.peer()
        await peer.say("a" * size)
        assert await peer.hear() == "a" * size

    async def test_from_a_real_client(self, server: Live) -> None:
        url = server.listener.url.replace("http", "ws") + "/echo"
        async with websockets.connect(url) as client:  # it offers compression, which is not taken
            assert client.protocol.extensions == []
            for text in ("Ahoj", "č" * 8_000):
                await client.send(text)
                assert await client.recv() == text
            await (await client.ping())
            await client.send(["Ah", "oj"])
            assert await client.recv() == "Ahoj"
        assert (client.close_code, server.open) == (1000, 0)
        await settle()
        assert server.guests[0].ends == 1


class TestAgainstTheRules:
    @pytest.mark.parametrize(
        ("sent", "code"),
        [
            ([frame(TEXT, "a", masked=False)], 1002),
            ([frame(CONT, "a")], 1002),
            ([frame(TEXT, "a", fin=False), frame(TEXT, "b")], 1002),
            ([frame(PING, "a" * 126)], 1002),
            ([frame(PING, "a", fin=False)], 1002),
            ([frame(PONG, "a" * 126)], 1002),
            ([frame(PONG, masked=False)], 1002),
            ([frame(0x3)], 1002),
            ([frame(0x40 | TEXT, "a")], 1002),
            ([frame(CLOSE, b"\x03")], 1002),
            ([close_frame(1005)], 1002),
            ([close_frame(1000)[:-2] + b"\xff\xff"], 1002),
            ([frame(CLOSE, b"\x03\xe8\xff")], 1007),
            ([frame(TEXT, b"\xff")], 1007),
            ([frame(TEXT, b"\xed\xa0\x80")], 1007),
            ([frame(TEXT, b"\xc3", fin=False), frame(CONT, b"\xff")], 1007),
            ([frame(TEXT, "a" * (MESSAGE_MAX_BYTES + 1))], 1009),
            ([frame(TEXT, "a" * MESSAGE_MAX_BYTES, fin=False), frame(CONT, "a")], 1009),
            ([frame(BINARY, "a")], 1003),
            ([frame(PING)] * (BURST + 1), 1008),
            ([frame(PONG)] * (BURST + 1), 1008),
        ],
    )
    async def test_ends_with_a_code(self, server: Live, sent: list[bytes], code: int) -> None:
        peer = await server.peer("/silent")
        await peer.send(*sent, frame(TEXT, "after"))
        while (got := await peer.next())[0] == PONG:
            pass
        assert got[0] == CLOSE
        assert int.from_bytes(got[1][:2], "big") == code
        assert await peer.client.is_closed()
        assert server.guests[0].heard in ([], ["a"])
        peer.client.writer.close()
        await settle()
        assert (server.open, server.listener.connections.sockets) == (0, 0)
        assert server.guests[0].ends == 1

    async def test_fragments_of_nothing_are_a_flood_too(self, server: Live) -> None:
        peer = await server.peer()
        await peer.send(frame(TEXT, "a", fin=False), *[frame(CONT, fin=False)] * BURST)
        assert (await peer.closed())[0] == 1008

    async def test_pongs_one_by_one_are_a_flood_too(self, server: Live) -> None:
        peer = await server.peer()
        for _ in range(BURST + 1):
            peer.client.writer.write(frame(PONG))
            await peer.client.writer.drain()
            await asyncio.sleep(0.001)
        assert (await peer.closed())[0] == 1008
        assert server.listener.connections.flooding == 1

    async def test_a_flood_is_cut_off_within_the_packet(self, server: Live) -> None:
        """Of ten thousand messages that come at once only those are read that may be."""
        peer = await server.peer("/silent")
        await peer.send(frame(TEXT, "a") * 10_000)
        assert (await peer.closed())[0] == 1008
        assert len(server.guests[0].heard) == BURST
        assert server.listener.connections.flooding == 1
        assert server.open == 0

    async def test_who_goes_on_after_the_end_is_cut_off(self, server: Live) -> None:
        peer = await server.peer()
        await peer.send(frame(TEXT, b"\xff"))
        await peer.send(frame(TEXT, "a") * 1000)
        assert server.open == 1
        await server.sweep(CLOSE_S + 0.1)
        assert server.open == 0
        assert server.listener.connections.timed_out == 0


class TestBetweenFragments:
    """Control frames may stand there (RFC 6455, 5.4). After Autobahn's cases 5.6, 5.7, 5.19, 5.20 and 7.1.5."""

    PING_ON_THE_WAY = (frame(TEXT, "frag", fin=False), frame(PING, "ping"), frame(CONT, "ment"))

    async def test_a_ping_is_answered_first(self, server: Live) -> None:
        peer = await server.peer("/at_once")
        await peer.send(*self.PING_ON_THE_WAY)
        assert [await peer.next(), await peer.next()] == [(PONG, b"ping"), (TEXT, b"fragment")]

    async def test_a_ping_is_answered_first_byte_by_byte(self, server: Live) -> None:
        peer = await server.peer("/at_once")
        for byte in b"".join(self.PING_ON_THE_WAY):
            peer.client.writer.write(bytes([byte]))
            await peer.client.writer.drain()
            await asyncio.sleep(0)
        assert [await peer.next(), await peer.next()] == [(PONG, b"ping"), (TEXT, b"fragment")]

    @pytest.mark.parametrize("at_once", [True, False])
    async def test_many_pings_are_answered_in_order(self, server: Live, at_once: bool) -> None:
        peer = await server.peer("/at_once")
        first = [
            frame(TEXT, "1", fin=False),
            frame(CONT, "2", fin=False),
            frame(PING, "one"),
            frame(CONT, "3", fin=False),
            frame(CONT, "4", fin=False),
            frame(PING, "two"),
        ]
        if at_once:
            await peer.send(*first, frame(CONT, "5"))
        else:
            await peer.send(*first)
            assert [await peer.next(), await peer.next()] == [(PONG, b"one"), (PONG, b"two")]
            await peer.send(frame(CONT, "5"))
        expected = [(PONG, b"one"), (PONG, b"two"), (TEXT, b"12345")][2 * (not at_once) :]
        assert [await peer.next() for _ in expected] == expected

    async def test_a_ping_before_a_text_is_answered_first(self, server: Live) -> None:
        peer = await server.peer("/at_once")
        await peer.send(frame(PING, "1"), frame(TEXT, "a"), frame(PING, "2"), frame(PONG), frame(TEXT, "b"))
        heard = [await peer.next() for _ in range(4)]
        assert heard.index((PONG, b"1")) < heard.index((TEXT, b"a")) < heard.index((TEXT, b"b"))
        assert heard.index((PONG, b"2")) < heard.index((TEXT, b"b"))

    async def test_a_ping_before_a_text_and_the_end_is_answered_first(self, server: Live) -> None:
        peer = await server.peer("/at_once")
        await peer.send(frame(PING, "1"), frame(TEXT, "a"), close_frame(1000))
        assert [await peer.next(), await peer.next()] == [(PONG, b"1"), (TEXT, b"a")]
        assert (await peer.closed())[0] == 1000

    async def test_a_ping_before_what_is_against_the_rules_is_answered_first(self, server: Live) -> None:
        peer = await server.peer("/at_once")
        await peer.send(frame(PING, "1"), frame(TEXT, "a"), frame(0x3))
        assert [await peer.next(), await peer.next()] == [(PONG, b"1"), (TEXT, b"a")]
        assert (await peer.closed())[0] == 1002

    @pytest.mark.parametrize("also", [(), (frame(CONT, "ment", fin=False),), (frame(PING),), (frame(PONG),)])
    @pytest.mark.parametrize("at_once", [True, False])
    async def test_a_close_is_answered_as_any(self, server: Live, also: tuple[bytes, ...], at_once: bool) -> None:
        peer = await server.peer("/at_once")
        frames = (frame(TEXT, "frag", fin=False), *also, close_frame(1000, "bye"), frame(CONT, "ment"))
        for part in [b"".join(frames)] if at_once else frames:
            await peer.send(part)
        while (got := await peer.next())[0] == PONG:
            pass
        assert got == (CLOSE, b"\x03\xe8bye")
        assert await peer.client.is_closed()
        assert server.guests[0].heard == []
        await settle()
        assert (server.open, server.guests[0].ends) == (0, 1)

    async def test_a_bad_close_is_answered_as_any_bad_one(self, server: Live) -> None:
        for sent, code in ((frame(CLOSE, b"\x03"), 1002), (frame(CLOSE, b"\x03\xe8\xff"), 1007)):
            peer = await server.peer("/at_once")
            await peer.send(frame(TEXT, "frag", fin=False), sent)
            assert (await peer.closed())[0] == code


class TestClosing:
    async def test_by_the_client(self, server: Live) -> None:
        peer = await server.peer()
        await peer.send(frame(TEXT, "a"), close_frame(4000, "bye"))
        assert server.guests[0].heard == ["a"]
        assert server.open == 0
        assert server.guests[0].ends == 1
        peer = await server.peer()
        await peer.send(close_frame(4000), frame(TEXT, "after"))
        assert server.guests[1].heard == []

    async def test_is_answered_with_the_same(self, server: Live) -> None:
        for sent, answer in ((close_frame(4000, "bye"), b"\x0f\xa0bye"), (frame(CLOSE), b"")):
            peer = await server.peer()
            await peer.send(sent)
            assert await peer.next() == (CLOSE, answer)
            assert await peer.client.is_closed()

    async def test_by_the_server(self, server: Live) -> None:
        peer = await server.peer()
        await peer.send(frame(TEXT, "bye"), frame(TEXT, "after"))
        assert server.guests[0].ends == 1
        await peer.say("after")
        assert await peer.closed() == (4001, "as you wish")
        assert server.guests[0].heard == ["bye"]
        assert server.open == 0

    async def test_unanswered_is_cut_off(self, server: Live) -> None:
        await (await server.peer()).say("bye")
        await server.sweep(CLOSE_S - 0.5)
        assert server.open == 1
        await server.sweep(CLOSE_S + 0.1)
        assert (server.open, server.listener.connections.sockets) == (0, 0)

    @pytest.mark.parametrize("politely", [True, False])
    async def test_without_a_word(self, server: Live, politely: bool) -> None:
        peer = await server.peer("/room")
        assert server.hub.members("/room") == 1
        transport = peer.client.writer.transport
        transport.write_eof() if politely else transport.abort()
        await settle()
        assert server.hub.groups == server.open == 0
        assert server.guests[0].ends == 1

    async def test_when_something_breaks(self, server: Live) -> None:
        peer = await server.peer()
        await peer.say("crash")
        assert (await peer.closed())[0] == 1011
        assert (await (await server.peer("/crash")).closed())[0] == 1011
        await settle()
        assert server.open == 0

    @pytest.mark.parametrize("answers", [True, False])
    async def test_when_the_server_stops(self, server: Live, answers: bool) -> None:
        peers = [await server.peer("/room") for _ in range(3)]
        began = awake_s()
        stopping = asyncio.create_task(server.listener.stop(5 if answers else 0.2))
        await settle()
        for peer in peers if answers else []:
            assert await peer.closed() == (1001, "the server stops")
        await stopping
        assert server.open == 0
        assert awake_s() - began < 3
        assert [guest.ends for guest in server.guests] == [1] * 3

    async def test_of_what_is_opened_while_the_server_stops(self, server: Live) -> None:
        client = await server.connect()
        await client.send(get("/wait") + upgrade("/echo"))
        stopping = asyncio.create_task(server.listener.stop(5))
        await settle()
        server.gate.set()
        assert await client.answer() == (200, "/wait")
        assert (await client.answer())[0] == 101
        assert (await Peer(client).closed())[0] == 1001
        await stopping
        assert server.open == 0


class TestSilence:
    async def test_is_broken_by_pings(self, server: Live) -> None:
        peer = await server.peer()
        await server.sweep(PING_S + 0.1)
        assert await peer.next() == (PING, b"")
        await server.sweep(2 * PING_S + 0.2)
        assert await peer.next() == (PING, b"")
        await server.sweep(SILENCE_S + 0.3)
        assert await peer.closed() == (1001, "no sign of life")
        assert server.listener.connections.timed_out == 1

    async def test_a_pong_is_a_sign_of_life(self, server: Live) -> None:
        peer = await server.peer()
        await server.sweep(PING_S + 0.1)
        assert await peer.next() == (PING, b"")
        await peer.send(frame(PONG))
        await server.sweep(PING_S * 2)
        assert not server.sockets_of(0).is_closed

    async def test_may_be_allowed(self, server: Live) -> None:
        peer = await server.peer("/silent")
        for turn in range(1, 20):
            await server.sweep(turn * (PING_S + 0.1))
            assert await peer.next() == (PING, b"")
        await server.sweep(LONG_AGO)
        assert not server.sockets_of(0).is_closed

    async def test_is_not_taken_for_a_slow_request(self, server: Live) -> None:
        await server.peer()
        await server.sweep(KEEP_ALIVE_S + 1)
        assert server.open == 1


class TestSlowReader:
    async def test_is_closed_and_nobody_else_notices(self, server: Live) -> None:
        """One of ten does not read; what is kept for him has a bound, and he is told how it ended."""
        slow, others = await server.peer("/room"), [await server.peer("/room") for _ in range(9)]
        slow.client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        socket, kept, sent = server.sockets_of(0), 0, 0
        text = "a" * 50_000
        while not socket.is_closed and sent < 1_000:
            server.hub.broadcast("/room", f"{sent} {text}".encode())
            assert [await other.hear() for other in others] == [f"{sent} {text}"] * 9
            kept = max(kept, socket.transport.get_write_buffer_size())
            sent += 1
        await settle()
        assert socket.is_closed
        assert WRITE_MAX_BYTES < kept < WRITE_MAX_BYTES + 2 * len(text)
        assert server.hub.members("/room") == 9
        assert server.listener.connections.too_slow == 1
        server.hub.broadcast("/room", b"last")
        assert [await other.hear() for other in others] == ["last"] * 9
        slow.client.writer.transport.resume_reading()  # type: ignore[attr-defined]
        assert [await slow.hear() for _ in range(sent)] == [f"{number} {text}" for number in range(sent)]
        assert await slow.closed() == (1013, "too slow, resume with your cursor")
        assert server.open == 9

    async def test_that_stays_so_is_cut_off(self, server: Live) -> None:
        peer = await server.peer("/room")
        peer.client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        while server.hub.members("/room"):
            server.hub.broadcast("/room", b"a" * 50_000)
            await asyncio.sleep(0)
        await server.sweep(CLOSE_S - 0.5)
        assert server.open == 1
        await server.sweep(CLOSE_S + 0.1)
        assert server.open == 0
        assert server.guests[0].ends == 1

    async def test_may_get_much_at_once_if_he_reads(self, server: Live) -> None:
        peer = await server.peer("/room")
        text = "a" * (WRITE_MAX_BYTES - 100)
        for _ in range(10):
            server.hub.broadcast("/room", text.encode())
            assert await peer.hear() == text


class TestTheHub:
    async def test_writes_once_a_turn(self, server: Live) -> None:
        peers = [await server.peer("/room") for _ in range(3)]
        writes: list[bytes] = []
        socket = server.sockets_of(0)
        socket.write = writes.append
        for number in range(16):
            server.hub.broadcast("/room", str(number).encode())
        await settle()
        assert len(writes) == 1
        assert [await peers[1].hear() for _ in range(16)] == [str(number) for number in range(16)]

    async def test_keeps_the_order_of_private_frames(self, server: Live) -> None:
        alena, boris = await server.peer("/room"), await server.peer("/room")
        socket = server.sockets_of(0)
        server.hub.broadcast("/room", b"1")
        server.hub.send(socket, b"2")
        server.hub.broadcast("/room", b"3")
        server.hub.close(socket, 4001, "go")
        server.hub.broadcast("/room", b"4")
        assert [await alena.hear() for _ in range(3)] == ["1", "2", "3"]
        assert await alena.closed() == (4001, "go")
        assert [await boris.hear() for _ in range(3)] == ["1", "3", "4"]

    async def test_does_not_mind_who_goes_while_it_writes(self, server: Live) -> None:
        peers = [await server.peer("/room") for _ in range(4)]
        peers[0].client.writer.transport.abort()
        server.hub.broadcast("/room", b"1")
        await settle()
        server.sockets_of(1).transport.abort()
        server.hub.broadcast("/room", b"2")
        await settle()
        assert [await peers[3].hear() for _ in range(2)] == ["1", "2"]
        assert server.hub.members("/room") == 2


class TestLimits:
    @pytest.mark.parametrize("limits", [ConnectionLimits(per_address=3)])
    async def test_hold_for_sockets(self, server: Live) -> None:
        peers = [await server.peer() for _ in range(3)]
        assert await (await server.connect()).is_closed()
        peers[0].client.writer.transport.abort()
        await settle()
        assert server.listener.connections.sockets == 2
        await server.peer()
        assert await (await server.connect()).is_closed()

    @pytest.mark.long
    async def test_nothing_is_left_of_who_has_gone(self, server: Live) -> None:
        """Not for a moment: what refers to itself would wait for the garbage collector, which is off here."""
        await come_and_go(server, 10, 0)
        gc.collect()
        gc.disable()
        try:
            for turn in range(20):
                await come_and_go(server, 100, turn)
            kept = [type(each) for each in gc.get_objects() if issubclass(type(each), OF_A_CONNECTION)]
        finally:
            gc.enable()
        assert kept == []


class TestParsers:
    """One that stands between two messages is anybody's; in the middle of one it is its client's."""

    @pytest.mark.parametrize("cut", [1, 2, 4, 8, 9])
    async def test_of_messages_in_pieces_are_apart(self, server: Live, cut: int) -> None:
        peers, texts = [await server.peer("/echo"), await server.peer("/echo")], ["a" * 200, "b" * 300]
        for part in (slice(cut), slice(cut, None)):
            for peer, text in zip(peers, texts, strict=True):
                await peer.send(frame(TEXT, text)[part])
                await settle()
        assert [await peer.hear() for peer in peers] == texts

    async def test_of_fragments_are_apart(self, server: Live) -> None:
        one, other = await server.peer("/echo"), await server.peer("/echo")
        await one.send(frame(TEXT, "first, ", fin=False))
        await settle()
        await other.say("whole")
        assert await other.hear() == "whole"
        await one.send(frame(CONT, "last"))
        assert await one.hear() == "first, last"

    async def test_are_not_kept_by_who_is_silent(self, server: Live) -> None:
        peers = [await server.peer("/echo") for _ in range(3 * SPARE_MAX)]
        for peer in peers:
            await peer.say("Ahoj")
            assert await peer.hear() == "Ahoj"
        gc.collect()
        assert sum(isinstance(each, Protocol) for each in gc.get_objects()) <= 2 * SPARE_MAX  # of this and other tests


OF_A_CONNECTION = (WebSocket, HttpProtocol, Cycle, Guest)


async def come_and_go(server: Live, number: int, turn: int) -> None:
    """Open so many sockets and close them, each in one of three ways."""
    connections = server.listener.connections
    clients = [await fast_client(server) for _ in range(number)]
    assert connections.sockets == len(connections.open) == server.hub.members("/room") == number
    for index, client in enumerate(clients):
        if index % 2:
            client.writer.transport.abort()
        else:
            client.writer.write(close_frame(1000) if turn % 2 else frame(TEXT, b"\xff"))
            client.writer.close()
    while connections.open:  # noqa: ASYNC110 - until the last has gone
        await asyncio.sleep(0.001)
    await settle()
    assert connections.sockets == server.hub.groups == 0
    assert not connections.per_address
    assert [guest.ends for guest in server.guests] == [1] * number
    server.guests.clear()


async def fast_client(server: Live) -> Client:
    port = int(server.listener.url.rpartition(":")[2])
    client = Client(*await asyncio.open_connection("127.0.0.1", port))
    client.writer.write(upgrade("/room").encode())
    await client.reader.readuntil(b"\r\n\r\n")
    return client
