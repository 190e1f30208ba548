"""Connections at their edges: deadlines, limits, pipelining, clients that do not read."""

import asyncio
import re
import socket
from ipaddress import ip_network

import pytest

from api.wire.line import BIG, HOST, Server, chunked, get, post, settle
from beseda.server.connections import ConnectionLimits
from beseda.server.http import (
    BODY_MIN_BYTES_PER_S,
    BODY_S,
    FIRST_BYTE_S,
    FLUSH_S,
    HEAD_MAX_BYTES,
    HEAD_S,
    KEEP_ALIVE_S,
)

LONG_AGO = 100_000.0


class TestDeadlines:
    async def test_first_byte(self, server: Server) -> None:
        client = await server.connect()
        await server.sweep(FIRST_BYTE_S - 0.5)
        assert server.open == 1
        await server.sweep(FIRST_BYTE_S + 0.1)
        assert await client.is_closed()
        assert server.open == 0

    async def test_head(self, server: Server) -> None:
        client = await server.connect()
        await client.send("GET /quick HTTP/1.1\r\nHo")
        await server.sweep(HEAD_S - 0.5)
        await client.send("st: x\r\nA: ")
        await server.sweep(HEAD_S - 0.5)
        assert server.open == 1
        await server.sweep(HEAD_S + 0.1)
        assert await client.answer() == (408, "Request not received in time.")
        assert await client.is_closed()
        assert server.executed == []

    async def test_line_ends_that_lead_nowhere(self, server: Server) -> None:
        client = await server.connect()
        await client.send("\r\n\r\n")
        await server.sweep(FIRST_BYTE_S + 0.1)
        await client.send("\r\n")
        await server.sweep(HEAD_S + 0.1)
        assert await client.answer() == (408, "Request not received in time.")
        assert server.open == 0

    async def test_body(self, server: Server) -> None:
        client = await server.connect()
        await client.send(post("/read", 60_000, "a" * 10))
        await server.sweep(BODY_S - 0.5)
        assert server.open == 1
        await server.sweep(BODY_S + 0.1)
        assert await client.answer() == (408, "Request not received in time.")
        assert await client.is_closed()
        await settle()
        assert server.gone == ["/read"]

    async def test_body_that_comes_on_has_more_time(self, server: Server) -> None:
        client = await server.connect()
        await client.send(post("/read", 60_000, "a" * 50 * BODY_MIN_BYTES_PER_S))
        await server.sweep(BODY_S + 49)
        assert server.open == 1
        await server.sweep(BODY_S + 51)
        assert server.open == 0

    async def test_chunks_of_nothing_give_no_more_time(self, server: Server) -> None:
        client = await server.connect()
        await client.send(chunked("/read", "1;" + "a" * 10_000))
        await server.sweep(BODY_S + 0.1)
        assert (await client.answer())[0] == 408

    async def test_next_request(self, server: Server) -> None:
        client = await server.connect()
        for _ in range(3):
            await client.send(get("/quick"))
            assert await client.answer() == (200, "/quick")
            await server.sweep(KEEP_ALIVE_S - 0.5)
            assert server.open == 1
        await server.sweep(KEEP_ALIVE_S + 0.1)
        assert await client.is_closed()

    @pytest.mark.parametrize("limits", [ConnectionLimits(keep_alive_s=7)])
    async def test_next_request_as_configured(self, server: Server) -> None:
        client = await server.connect()
        await client.send(get("/quick"))
        await client.answer()
        await server.sweep(6.5)
        assert server.open == 1
        await server.sweep(7.1)
        assert await client.is_closed()

    async def test_next_request_after_a_long_answer(self, server: Server) -> None:
        client = await server.connect()
        await client.send(get("/wait"))
        await server.sweep(LONG_AGO)
        assert server.open == 1
        server.gate.set()
        assert await client.answer() == (200, "/wait")
        await server.sweep(KEEP_ALIVE_S - 0.5)
        await client.send(get("/quick"))
        assert await client.answer() == (200, "/quick")

    async def test_half_a_next_request_while_the_first_is_answered(self, server: Server) -> None:
        client = await server.connect()
        await client.send(get("/wait"))
        await client.send("GET /second HTTP/1.1\r\n")
        await server.sweep(HEAD_S + 0.1)
        server.gate.set()
        assert await client.answer() == (200, "/wait")
        assert await client.is_closed()
        assert server.executed == ["/wait"]

    async def test_half_a_next_request_after_the_first_is_answered(self, server: Server) -> None:
        client = await server.connect()
        await client.send(get("/quick") + "GET /second HTTP/1.1\r\n")
        assert await client.answer() == (200, "/quick")
        await server.sweep(max(KEEP_ALIVE_S, HEAD_S) + 0.1)
        await settle()
        assert server.open == 0

    async def test_half_a_next_request_has_the_time_of_a_head(self, server: Server) -> None:
        """Though it came in the same piece as the one before; it is no idle connection either."""
        client = await server.connect()
        await client.send(get("/quick") + "GET /second HTTP/1.1\r\n")
        assert await client.answer() == (200, "/quick")
        (connection,) = server.listener.connections.open
        assert connection.idle_since is None
        await server.sweep(HEAD_S - 0.5)
        await client.send(HOST)
        await server.sweep(HEAD_S - 0.5)
        assert server.open == 1
        await server.sweep(HEAD_S + 0.1)
        assert await client.answer() == (408, "Request not received in time.")
        assert server.open == 0

    async def test_half_a_next_request_that_ends_in_time(self, server: Server) -> None:
        client = await server.connect()
        await client.send(get("/quick") + get("/second") + "GE")
        assert [await client.answer() for _ in range(2)] == [(200, "/quick"), (200, "/second")]
        await client.send(get("/third")[2:])
        assert await client.answer() == (200, "/third")
        await server.sweep(KEEP_ALIVE_S - 0.5)
        assert server.open == 1

    async def test_half_a_next_request_waits_while_nothing_is_read(self, server: Server) -> None:
        """Behind two that are not answered yet it is the server who is due, then the client."""
        client = await server.connect()
        await client.send(get("/wait") + get("/second") + "GET /third HTTP/1.1\r\n")
        await server.sweep(LONG_AGO)
        assert server.open == 1
        server.gate.set()
        assert [await client.answer() for _ in range(2)] == [(200, "/wait"), (200, "/second")]
        await server.sweep(HEAD_S - 0.5)
        assert server.open == 1
        await server.sweep(HEAD_S + 0.1)
        assert await client.answer() == (408, "Request not received in time.")

    async def test_half_a_next_request_is_no_way_around_the_size_of_a_head(self, server: Server) -> None:
        client = await server.connect()
        await client.send(get("/quick") + f"GET /second HTTP/1.1\r\n{HOST}A: " + "a" * HEAD_MAX_BYTES)
        await client.send("\r\n\r\n")
        assert await client.answer() == (200, "/quick")
        assert (await client.answer())[0] == 431
        assert server.executed == ["/quick"]

    async def test_are_counted(self, server: Server) -> None:
        for _ in range(3):
            await server.connect()
        for _ in range(3):
            await server.sweep(FIRST_BYTE_S + 0.1)
        assert server.listener.connections.timed_out == 3


class TestSlowReader:
    async def test_is_cut_off(self, server: Server) -> None:
        client = await server.connect()
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await client.send(get("/big") + get("/big"))
        await server.sweep(FLUSH_S - 0.5)
        assert server.open == 1
        await server.sweep(FLUSH_S + 0.1)
        assert server.open == 0

    async def test_of_the_last_answer_has_time_to_take_it(self, server: Server) -> None:
        client = await server.connect()
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await client.send(get("/big", "Connection: close"))
        await server.sweep(FLUSH_S - 0.5)
        assert server.open == 1
        client.writer.transport.resume_reading()  # type: ignore[attr-defined]
        status, body = await client.answer()
        assert (status, len(body)) == (200, BIG)
        assert await client.is_closed()

    async def test_who_reads_again_goes_on(self, server: Server) -> None:
        client = await server.connect()
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await client.send(get("/big"))
        await server.sweep(FLUSH_S - 0.5)
        client.writer.transport.resume_reading()  # type: ignore[attr-defined]
        assert len((await client.answer())[1]) == BIG
        await client.send(get("/quick"))
        assert await client.answer() == (200, "/quick")
        await server.sweep(KEEP_ALIVE_S - 0.5)
        assert server.open == 1


class TestLimits:
    @pytest.mark.parametrize("limits", [ConnectionLimits(total=10, per_address=3)])
    async def test_of_one_address(self, server: Server) -> None:
        clients = [await server.connect() for _ in range(3)]
        for _ in range(5):
            assert await (await server.connect()).is_closed()
        await clients[0].send(get("/quick"))
        assert await clients[0].answer() == (200, "/quick")
        assert await (await server.connect(come_from="127.0.0.2")).stays_open()
        clients[1].writer.close()
        await settle()
        again = await server.connect()
        await again.send(get("/quick"))
        assert await again.answer() == (200, "/quick")
        assert server.listener.connections.refused == 5

    @pytest.mark.parametrize("limits", [ConnectionLimits(total=3)])
    async def test_of_all_together(self, server: Server) -> None:
        for _ in range(3):
            await server.connect()
        assert await (await server.connect()).is_closed()

    @pytest.mark.parametrize("limits", [ConnectionLimits(per_address=1, exempt=(ip_network("127.0.0.0/8"),))])
    async def test_do_not_hold_for_proxies(self, server: Server) -> None:
        for _ in range(5):
            client = await server.connect()
            await client.send(get("/quick"))
            assert await client.answer() == (200, "/quick")

    @pytest.mark.parametrize("limits", [ConnectionLimits(total=3), ConnectionLimits(per_address=3)])
    async def test_near_them_the_oldest_idle_one_makes_room(self, server: Server) -> None:
        """Who has asked is served to the end, who has asked nothing yet has its few seconds."""
        busy, silent, half = await server.connect(), await server.connect(), await server.connect()
        await busy.send(get("/wait"))
        await half.send("GET /half HTTP/1.1\r\n")
        assert await (await server.connect()).is_closed()
        silent.writer.close()
        await settle()
        for number in range(20):
            client = await server.connect()
            await client.send(get(f"/{number}"))
            assert await client.answer() == (200, f"/{number}")
        await half.send(f"{HOST}\r\n")
        assert await half.answer() == (200, "/half")
        await client.send(get("/again"))
        assert await client.answer() == (200, "/again")
        assert await (await server.connect()).stays_open()
        assert await half.is_closed()
        server.gate.set()
        assert await busy.answer() == (200, "/wait")
        assert (server.listener.connections.made_room, server.listener.connections.refused) == (20, 1)

    @pytest.mark.parametrize("limits", [ConnectionLimits(total=3)])
    async def test_near_them_who_has_not_taken_his_answer_is_not_idle(self, server: Server) -> None:
        clients = [await server.connect() for _ in range(3)]
        for client in clients:
            client.writer.transport.pause_reading()  # type: ignore[attr-defined]
            await client.send(get("/big"))
        assert await (await server.connect()).is_closed()
        for client in clients:
            client.writer.transport.resume_reading()  # type: ignore[attr-defined]
            status, body = await client.answer()
            assert (status, len(body)) == (200, BIG)
        await server.sweep(0)
        assert await (await server.connect()).stays_open()
        assert await clients[0].is_closed()

    @pytest.mark.parametrize("limits", [ConnectionLimits(per_address=1)])
    async def test_near_them_who_has_begun_to_ask_is_not_idle(self, server: Server) -> None:
        client = await server.connect()
        await client.send(get("/quick") + "GET /second HTTP/1.1\r\n")
        await client.answer()
        assert await (await server.connect()).is_closed()
        await client.send(f"{HOST}\r\n")
        assert await client.answer() == (200, "/second")
        assert await (await server.connect()).stays_open()
        assert await client.is_closed()

    @pytest.mark.long
    @pytest.mark.parametrize("limits", [ConnectionLimits(total=100)])
    async def test_near_them_several_make_room_at_once(self, server: Server) -> None:
        clients = [await server.connect() for _ in range(100)]
        for client in clients[50:] + clients[:50]:
            await client.send(get("/quick"))
            await client.answer()
        await server.connect()
        assert server.open == 96
        assert all([await client.is_closed() for client in clients[50:55]])
        assert await clients[55].stays_open()

    @pytest.mark.parametrize("limits", [ConnectionLimits(per_address=2)])
    async def test_of_one_address_make_no_room_at_another(self, server: Server) -> None:
        other = await server.connect(come_from="127.0.0.2")
        for number in range(5):
            client = await server.connect() if number else other
            await client.send(get("/quick"))
            assert await client.answer() == (200, "/quick")
        assert await other.stays_open()

    async def test_are_not_used_up_by_who_has_gone(self, server: Server) -> None:
        for _ in range(50):
            client = await server.connect()
            client.writer.transport.abort()
        await settle()
        assert server.open == 0
        assert not server.listener.connections.per_address


class TestAnswers:
    async def test_have_an_id_of_their_own_refusals_too(self, server: Server) -> None:
        ids = []
        for request in (get("/quick"), get("/quick"), "nonsense\r\n\r\n", get("/quick", *["A: a"] * 70)):
            client = await server.connect()
            await client.send(request)
            await client.answer()
            match = re.search(r"x-request-id: ([0-9a-f]{8}-[0-9a-f]+)\r\n", client.head)
            assert match
            ids.append(match[1])
            assert re.search(r"date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n", client.head)
            assert "cache-control: no-store\r\n" in client.head
            assert not re.search("server:|uvicorn|python", client.head, re.IGNORECASE)
        assert len(set(ids)) == 4

    async def test_to_head_have_no_body(self, server: Server) -> None:
        client = await server.connect()
        await client.send(f"HEAD /quick HTTP/1.1\r\n{HOST}\r\n" + get("/next"))
        assert await client.answer(has_body=False) == (200, "")
        assert "content-length: 6\r\n" in client.head
        assert await client.answer() == (200, "/next")

    async def test_in_http_1_0_end_the_connection(self, server: Server) -> None:
        client = await server.connect()
        await client.send("GET /quick HTTP/1.0\r\n\r\n")
        assert await client.answer() == (200, "/quick")
        assert "connection: close" in client.head
        assert await client.is_closed()

    @pytest.mark.parametrize("protocol", ["websocket", "h2c"])
    async def test_to_another_protocol_end_the_connection(self, server: Server, protocol: str) -> None:
        client = await server.connect()
        await client.send(get("/quick", "Connection: Upgrade", f"Upgrade: {protocol}") + get("/second"))
        assert await client.answer() == (200, "/quick")
        assert "connection: close" in client.head
        assert await client.is_closed()
        assert server.executed == ["/quick"]


async def test_who_has_gone_is_noticed_though_more_was_asked(server: Server) -> None:
    client = await server.connect()
    await client.send(get("/stay") + get("/second"))
    client.writer.transport.abort()
    await settle()
    assert server.gone == ["/stay"]
    assert server.executed == ["/stay"]


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
async def test_ipv4_on_a_socket_for_both_is_ipv4(server: Server) -> None:
    both = Server(ConnectionLimits(), "::")
    await both.listener.start(both.app)
    for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
        client = await both.connect(address)
        await client.send(get("/quick"))
        await client.answer()
    assert [scope["client"][0] for scope in both.scopes] == ["127.0.0.1", "::1", "127.0.0.1"]
    assert set(both.listener.connections.per_address) == {"127.0.0.1", "::/64"}
    await both.close()


async def test_stopping_lets_answers_out(server: Server) -> None:
    client, idle = await server.connect(), await server.connect()
    await client.send(get("/wait"))
    stopping = asyncio.create_task(server.listener.stop(5))
    await settle()
    assert await idle.is_closed()
    server.gate.set()
    assert await client.answer() == (200, "/wait")
    await stopping
    assert await client.is_closed()
