"""Answers that are not one whole body of known length, and applications that break while they answer."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from api.wire.line import HOST, Server, get
from beseda.api.base import Receive, Scope, Send
from beseda.server.connections import ConnectionLimits


def start(*headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http.response.start", "status": 200, "headers": list(headers)}


def body(text: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": text, "more_body": more}


def length(number: int) -> tuple[bytes, bytes]:
    return (b"content-length", str(number).encode())


ANSWERS = {
    "/whole": [start(length(4)), body(b"abcd")],
    "/close": [start(length(4), (b"connection", b"close")), body(b"abcd")],
    "/parts": [start(), body(b"ab", more=True), body(b"cd")],
    "/parts_of_known": [start(length(4)), body(b"ab", more=True), body(b"cd")],
    "/silent": [],
    "/no_body": [start(length(4))],
    "/half": [start(length(4)), body(b"ab", more=True)],
    "/short": [start(length(4)), body(b"ab")],
    "/smuggled": [start(length(4), (b"x-name", b"a\r\nset-cookie: sid=1")), body(b"abcd")],
    "/unprintable": [start(length(4), (b"x-name", b"a\x00b")), body(b"abcd")],
    "/twice": [start(length(4)), body(b"abcd"), start(length(4)), body(b"abcd")],
}


class Odd(Server):
    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        for message in ANSWERS[scope["path"]]:
            await send(message)


@pytest.fixture
def server(runner: asyncio.Runner) -> Iterator[Server]:
    server = Odd(ConnectionLimits())
    runner.run(server.listener.start(server.app))
    yield server
    runner.run(server.close())


async def all_of(server: Server, request: str) -> tuple[str, str]:
    """Head and body of all that comes until the server hangs up."""
    client = await server.connect()
    await client.send(request)
    head, _, rest = (await client.rest()).partition("\r\n\r\n")
    return head, rest


@pytest.mark.parametrize(
    ("path", "received"),
    [
        ("/whole", "abcd"),
        ("/parts", "2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n"),
        ("/parts_of_known", "abcd"),
        ("/half", "ab"),
        ("/short", "ab"),
    ],
)
async def test_a_body_is_sent_as_it_comes(server: Server, path: str, received: str) -> None:
    head, rest = await all_of(server, get(path, "Connection: close"))
    assert head.startswith("HTTP/1.1 200 ")
    assert head.lower().count("connection: close") == 1
    assert rest == received


@pytest.mark.parametrize("path", ["/whole", "/parts", "/parts_of_known"])
async def test_head_has_no_body(server: Server, path: str) -> None:
    head, rest = await all_of(server, f"HEAD {path} HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n")
    assert head.startswith("HTTP/1.1 200 ")
    assert rest == ""


@pytest.mark.parametrize("path", ["/silent", "/no_body", "/smuggled", "/unprintable"])
async def test_what_breaks_before_anything_was_sent_is_an_error(server: Server, path: str) -> None:
    head, rest = await all_of(server, get(path))
    assert head.startswith("HTTP/1.1 500 ")
    assert "cookie" not in head
    assert rest == "Internal Server Error"


@pytest.mark.parametrize("path", ["/half", "/short", "/close", "/twice"])
async def test_what_breaks_later_ends_the_connection(server: Server, path: str) -> None:
    head, rest = await all_of(server, get(path) + get("/whole"))
    assert head.startswith("HTTP/1.1 200 ")
    assert "abcd".startswith(rest)
