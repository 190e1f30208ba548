"""Requests that follow each other; bodies and heads that have no end."""

import asyncio
import random
import re

import pytest

from api.wire.line import HOST, Server, chunked, get, post
from beseda.server.http import (
    BODY_S,
    HEAD_MAX_BYTES,
    LINGER_S,
    PIPELINE_MAX,
    UNREAD_MAX_BYTES,
    UNREAD_S,
)

SENT = 4 * 1024 * 1024


class TestTheSameAgain:
    """Heads that came before are not read once more, which nobody may notice."""

    async def test_is_another_request(self, server: Server) -> None:
        client = await server.connect()
        heads = []
        for body in ("abc", "xyz", "abc"):
            await client.send(post("/read", 3, body))
            assert await client.answer() == (200, "3")
            heads.append(client.head)
            server.scopes[-1]["path"] = server.scopes[-1]["scheme"] = "changed by who was asked"
        assert len(set(heads)) == 3
        assert [scope.pop("request_id") in head for scope, head in zip(server.scopes, heads, strict=True)] == [True] * 3
        assert server.executed == ["/read"] * 3

    async def test_waits_for_the_one_before(self, server: Server) -> None:
        client = await server.connect()
        await client.send(get("/first"))
        for _ in range(3):
            await client.send(get("/wait"))
        assert server.executed == ["/first", "/wait"]
        server.gate.set()
        assert [(await client.answer())[1] for _ in range(4)] == ["/first", "/wait", "/wait", "/wait"]

    async def test_is_looked_at_for_when_it_comes_in_pieces_or_with_more(self, server: Server) -> None:
        """However the bytes are cut, the answers are the same."""
        chance, client = random.Random(5), await server.connect()
        kinds = [
            (get("/one"), "/one"),
            (get("/one", "Cookie: a=b"), "/one"),
            (post("/read", 3, "abc"), "3"),
            (post("/read", 3, "\r\n\r"), "3"),
            (post("/read", 4, "abcd"), "4"),
            (post("/read", 0), "0"),
            (chunked("/read", "2\r\nab\r\n0\r\n\r\n"), "2"),
            ("\r\n" + get("/two"), "/two"),
        ]
        for _ in range(60):
            asked = [chance.choice(kinds)] * chance.choice([1, 1, 2])
            text = "".join(request for request, _ in asked)
            cut = chance.choice([0, 0, chance.randrange(len(text))])
            for piece in filter(None, (text[:cut], text[cut:])):
                await client.send(piece)
            assert [await client.answer() for _ in asked] == [(200, answer) for _, answer in asked]

    async def test_is_refused_when_it_is_not_quite_the_same(self, server: Server) -> None:
        client = await server.connect()
        for _ in range(2):
            await client.send(post("/read", 3, "abc"))
            assert await client.answer() == (200, "3")
        await client.send(post("/read", 3, "abc").replace("Host: x", "Host:\0x"))
        assert (await client.answer())[0] == 400
        assert await client.is_closed()

    async def test_who_wants_to_hang_up_is_heard(self, server: Server) -> None:
        for _ in range(2):
            client = await server.connect()
            await client.send(get("/one", "Connection: close"))
            assert await client.answer() == (200, "/one")
            assert await client.is_closed()


class TestPipeline:
    async def test_is_answered_in_order(self, server: Server) -> None:
        client = await server.connect()
        await client.send(
            get("/wait") + post("/read", 3, "abc") + chunked("/read", "2\r\nab\r\n0\r\n\r\n") + get("/last")
        )
        assert server.executed == ["/wait"]
        server.gate.set()
        answers = [await client.answer() for _ in range(4)]
        assert answers == [(200, "/wait"), (200, "3"), (200, "2"), (200, "/last")]
        assert await client.stays_open()

    async def test_byte_by_byte(self, server: Server) -> None:
        client = await server.connect()
        for byte in (get("/one") + post("/read", 3, "abc") + get("/two")).encode():
            client.writer.write(bytes([byte]))
            await client.writer.drain()
            await asyncio.sleep(0)
        assert [await client.answer() for _ in range(3)] == [(200, "/one"), (200, "3"), (200, "/two")]

    async def test_has_an_end(self, server: Server) -> None:
        client = await server.connect()
        await client.send(get("/wait") + "".join(get(f"/{number}") for number in range(PIPELINE_MAX + 50)))
        server.gate.set()
        answers = [await client.answer() for _ in range(PIPELINE_MAX + 1)]
        assert answers == [(200, "/wait")] + [(200, f"/{number}") for number in range(PIPELINE_MAX)]
        assert await client.is_closed()
        assert len(server.executed) == PIPELINE_MAX + 1

    @pytest.mark.parametrize("at_once", [True, False])
    @pytest.mark.parametrize(
        "bad", ["GE T /bad HTTP/1.1\r\n\r\n", "GET /bad HTTP/1.1\r\n\r\n", "CONNECT bad:1 HTTP/1.1\r\nHost: x\r\n\r\n"]
    )
    async def test_ends_at_a_bad_request_but_what_came_before_is_answered(
        self, server: Server, bad: str, at_once: bool
    ) -> None:
        client = await server.connect()
        parts = [get("/wait"), get("/second"), bad, get("/third")]
        for part in ["".join(parts)] if at_once else parts:
            await client.send(part)
        server.gate.set()
        assert [await client.answer() for _ in range(2)] == [(200, "/wait"), (200, "/second")]
        assert re.match("HTTP/1.1 400 |$", await client.rest())
        assert server.executed == ["/wait", "/second"]

    @pytest.mark.parametrize("at_once", [True, False])
    async def test_ends_at_a_bad_body(self, server: Server, at_once: bool) -> None:
        """One that waits its turn is never executed; one that is read already is told that its client is gone."""
        client = await server.connect()
        parts = [get("/wait"), get("/second"), chunked("/read"), "zz\r\n", get("/third")]
        for part in ["".join(parts)] if at_once else parts:
            await client.send(part)
        server.gate.set()
        assert [await client.answer() for _ in range(2)] == [(200, "/wait"), (200, "/second")]
        assert re.match("HTTP/1.1 400 |$", await client.rest())
        assert server.executed == ["/wait", "/second", *server.gone]
        assert not (at_once and server.gone)

    async def test_ends_at_a_body_that_comes_too_late(self, server: Server) -> None:
        client = await server.connect()
        await client.send(get("/wait") + post("/read", 10, "abc"))
        await server.sweep(BODY_S + 0.1)
        server.gate.set()
        assert await client.answer() == (200, "/wait")
        assert await client.is_closed()
        assert server.executed == ["/wait"]


class TestBody:
    async def test_that_breaks_off_is_told_to_who_reads_it(self, server: Server) -> None:
        client = await server.connect()
        await client.send(chunked("/read", "3\r\nabc\r\n"))
        await client.send("zz\r\n")
        assert (await client.answer())[0] == 400
        assert await client.is_closed()
        assert server.gone == ["/read"]

    async def test_that_nobody_read_is_passed_over(self, server: Server) -> None:
        client = await server.connect()
        await client.send(post("/quick", 10))
        assert await client.answer() == (200, "/quick")
        await client.send("0123456789" + get("/next"))
        assert await client.answer() == (200, "/next")

    async def test_that_nobody_read_and_that_does_not_come_ends_the_connection(self, server: Server) -> None:
        client = await server.connect()
        await client.send(post("/quick", 10, "012"))
        assert await client.answer() == (200, "/quick")
        await server.sweep(UNREAD_S - 0.5)
        assert server.open == 1
        await server.sweep(UNREAD_S + 0.1)
        assert await client.is_closed()
        assert server.executed == ["/quick"]

    @pytest.mark.parametrize("path", ["/quick", "/read"])
    async def test_without_end_is_cut_off(self, server: Server, path: str) -> None:
        """Ten gigabytes are announced; what gets through is what is on its way when the answer is out."""
        client = await server.connect()
        client.writer.write(chunked(path).encode())
        chunk, sent = b"8000\r\n" + b"a" * 0x8000 + b"\r\n", 0
        while server.open and sent < 10**10:
            client.writer.write(chunk)
            sent += len(chunk)
            await asyncio.sleep(0)
            try:
                await asyncio.wait_for(client.writer.drain(), 1)
            except (ConnectionError, TimeoutError):
                break
        assert sent < UNREAD_MAX_BYTES + 20_000_000
        assert server.open == 0
        assert server.executed == [path]

    @pytest.mark.parametrize(
        ("begun", "status"),
        [
            (post("/quick", SENT), 200),
            (post("/quick", SENT).replace("1.1\r\n", "1.1\r\nConnection: close\r\n"), 200),
            (post("/quick", SENT).replace("1.1\r\n", "1.0\r\n"), 200),
            (chunked("/read") + f"{SENT:x}\r\n", 200),
            (chunked("/read") + "no length\r\n", 400),
            ("GET / HTTP/1.1\r\nA: ", 431),
            ("nonsense\r\n", 400),
        ],
    )
    async def test_that_is_sent_to_its_end_all_the_same_gets_its_answer(
        self, server: Server, begun: str, status: int
    ) -> None:
        """Most clients read nothing before they have sent all: whoever is cut off meanwhile never learns why."""
        client = await server.connect()
        client.writer.write(begun.encode())
        for _ in range(SENT // 0x8000):
            client.writer.write(b"a" * 0x8000)
            await client.writer.drain()
        assert (await client.answer())[0] == status
        assert await client.is_closed()
        await server.sweep(LINGER_S + 0.1)
        assert server.open == 0

    async def test_of_too_many_bytes_is_told_so(self, server: Server) -> None:
        client = await server.connect()
        await client.send(post("/read", 65537, "a" * 65537) + get("/next"))
        assert await client.answer() == (200, "too large")
        assert await client.answer() == (200, "/next")

    @pytest.mark.parametrize(
        "framing",
        [
            "3\r\nabc\r\n0\r\nContent-Length: 5\r\n\r\n",
            "3\r\nabc\r\n0\r\nX-Forwarded-For: 192.0.2.9\r\n\r\n",
            "3\r\nabc\r\n0\r\nA: " + "a" * 30_000,
            "3\r\nabc\r\n0\r\n" + "A: a\r\n" * 5_000,
            "3;" + "a" * 30_000,
        ],
    )
    async def test_with_more_around_it_than_in_it_is_refused(self, server: Server, framing: str) -> None:
        client = await server.connect()
        await client.send(chunked("/read"))
        await client.send(framing)
        await client.send(get("/next"))
        assert (await client.answer())[0] == 400
        assert await client.is_closed()
        assert server.executed == ["/read"]
        names = [name for name, _ in server.scopes[0]["headers"]]
        assert names == [b"host", b"transfer-encoding"]

    async def test_in_chunks_of_one_byte_is_read(self, server: Server) -> None:
        client = await server.connect()
        await client.send(chunked("/read", "1\r\na\r\n" * 10_000 + "0\r\n\r\n"))
        assert await client.answer() == (200, "10000")

    async def test_is_asked_for_when_somebody_wants_it(self, server: Server) -> None:
        client = await server.connect()
        await client.send(f"POST /read HTTP/1.1\r\n{HOST}Content-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        assert await client.answer() == (100, "")
        await client.send("abc")
        assert await client.answer() == (200, "3")
        await client.send(f"POST /quick HTTP/1.1\r\n{HOST}Content-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        assert await client.answer() == (200, "/quick")


class TestHead:
    @pytest.mark.parametrize("piece", [1_000, 7_000, 100_000])
    async def test_has_16_kib_however_it_is_cut(self, server: Server, piece: int) -> None:
        for size, status in ((HEAD_MAX_BYTES - 200, 200), (HEAD_MAX_BYTES + 200, 431)):
            client = await server.connect()
            head = get("/quick", "A: " + "a" * (size - 40))
            for start in range(0, len(head), piece):
                await client.send(head[start : start + piece])
            assert (await client.answer())[0] == status
        assert server.executed == ["/quick"]

    async def test_without_end_is_refused(self, server: Server) -> None:
        for line in ("GET /", "GET / HTTP/1.1\r\nHost: x\r\nA: ", "GET / HTTP/1.1\r\nA"):
            client = await server.connect()
            await client.send(line + "a" * (HEAD_MAX_BYTES + 1))
            assert (await client.answer())[0] == 431
            assert await client.is_closed()

    async def test_may_be_followed_by_a_body_at_once(self, server: Server) -> None:
        head, body = post("/read", 60_000), "a" * 60_000
        for cut in (len(head) - 4, len(head) - 3, len(head) - 2, len(head) - 1, len(head), len(head) + 1):
            client = await server.connect()
            await client.send((head + body)[:cut])
            await client.send((head + body)[cut:])
            assert await client.answer() == (200, "60000")
