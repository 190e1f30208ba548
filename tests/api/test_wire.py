"""Requests that two servers might read in two ways: refused, and nothing that stands behind them is done."""

import re
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from beseda.domain.errors import AccountNotFound
from beseda.testing import BesedaServer

HOST = b"Host: beseda.example.org\r\n"
SIGN_IN = b"nick=Pasovan&sex=m"
SECOND = (
    b"POST /login HTTP/1.1\r\n%bContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%b"
    % (HOST, len(SIGN_IN), SIGN_IN)
)
"""What is smuggled: a visitor who signs in."""
INTERNALS = re.compile(
    r"traceback|exception|uvicorn|httptools|starlette|python|sqlite|\.py\b|site-packages", re.IGNORECASE
)


def post(*lines: bytes, body: bytes = b"", version: bytes = b"HTTP/1.1") -> bytes:
    return b"POST /api/token %b\r\n%b" % (version, HOST) + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


def chunks(body: bytes) -> bytes:
    return post(b"Transfer-Encoding: chunked", body=body)


def get(*lines: bytes, target: bytes = b"/api/rooms", version: bytes = b"HTTP/1.1") -> bytes:
    return b"GET %b %b\r\n" % (target, version) + b"".join(line + b"\r\n" for line in (HOST[:-2], *lines)) + b"\r\n"


BAD = {
    "length and chunks": post(b"Content-Length: 5", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    "chunks and length": post(b"Transfer-Encoding: chunked", b"Content-Length: 5", body=b"0\r\n\r\n"),
    "two lengths": post(b"Content-Length: 0", b"Content-Length: 30"),
    "one length twice": post(b"Content-Length: 0", b"Content-Length: 0"),
    "list of lengths": post(b"Content-Length: 0, 0"),
    "negative length": post(b"Content-Length: -1"),
    "length with a plus": post(b"Content-Length: +0"),
    "length with a space": post(b"Content-Length: 1 0", body=b"a"),
    "hexadecimal length": post(b"Content-Length: 0x0"),
    "empty length": post(b"Content-Length:"),
    "length beyond all numbers": post(b"Content-Length: 99999999999999999999999"),
    "length in other digits": post("Content-Length: ٠".encode()),
    "chunks twice": post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    "compressed chunks": post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"),
    "chunks not last": post(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n"),
    "almost chunked": post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"),
    "identity": post(b"Transfer-Encoding: identity"),
    "chunked behind a control character": post(b"Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n"),
    "chunked on a folded line": post(b"Transfer-Encoding:\r\n chunked", body=b"0\r\n\r\n"),
    "space before the colon": post(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n"),
    "chunks in HTTP/1.0": post(b"Transfer-Encoding: chunked", body=b"0\r\n\r\n", version=b"HTTP/1.0"),
    "negative chunk": chunks(b"-1\r\n\r\n"),
    "chunk with 0x": chunks(b"0x1\r\na\r\n0\r\n\r\n"),
    "chunk with a space": chunks(b" 1\r\na\r\n0\r\n\r\n"),
    "chunk beyond all numbers": chunks(b"fffffffffffffffff\r\na\r\n0\r\n\r\n"),
    "chunk longer than it says": chunks(b"1\r\nab\r\n0\r\n\r\n"),
    "chunk with bare line feeds": chunks(b"1\na\n0\n\n"),
    "empty chunk size": chunks(b"\r\n\r\n"),
    "header behind the body": chunks(b"0\r\nHost: other.example.org\r\n\r\n"),
    "two hosts": get(HOST[:-2]),
    "two other hosts": get(b"Host: other.example.org"),
    "no host": b"GET /api/rooms HTTP/1.1\r\n\r\n",
    "bare line feeds": b"GET /api/rooms HTTP/1.1\nHost: a\n\n",
    "one bare line feed": b"GET /api/rooms HTTP/1.1\r\nHost: a\nA: b\r\n\r\n",
    "carriage return in a header": get(b"A: b\rc"),
    "zero in a header": get(b"A: b\x00c"),
    "zero in a name": get(b"A\x00: b"),
    "control character in a header": get(b"A: b\x01c"),
    "folded line": get(b"A: b", b" c"),
    "folded first line": b"GET /api/rooms HTTP/1.1\r\n Host: a\r\n\r\n",
    "no colon": get(b"Nonsense"),
    "no name": get(b": b"),
    "65 lines": get(*(b"A%d: b" % number for number in range(64))),
    "17 KiB head": get(b"A: " + b"a" * 17 * 1024),
    "17 KiB target": get(target=b"/" + b"a" * 17 * 1024),
    "unknown method": b"FOO /api/rooms HTTP/1.1\r\n" + HOST + b"\r\n",
    "small letters": b"get /api/rooms HTTP/1.1\r\n" + HOST + b"\r\n",
    "method with a space": b"GE T /api/rooms HTTP/1.1\r\n" + HOST + b"\r\n",
    "tabs": b"GET\t/api/rooms\tHTTP/1.1\r\n" + HOST + b"\r\n",
    "space in the target": get(target=b"/api/ rooms"),
    "bytes in the target": get(target="/Žižkov".encode()),
    "a target that is a star": get(target=b"*"),
    "options of everything": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    "a target without a slash": get(target=b"api/rooms"),
    "a host for a target": get(target=b"beseda.example.org"),
    "a host and a port for a target": get(target=b"beseda.example.org:443"),
    "a query for a target": get(target=b"?a=b"),
    "a whole address without a host": get(target=b"http:///api/rooms"),
    "a whole address with one slash": get(target=b"http:/api/rooms"),
    "a whole address of another scheme": get(target=b"ftp://beseda.example.org/api/rooms"),
    "a whole address with a name and a password": get(target=b"http://a:b@beseda.example.org/api/rooms"),
    "a whole address with a wrong port": get(target=b"http://beseda.example.org:99999/api/rooms"),
    "a whole address with half a bracket": get(target=b"http://[::1/api/rooms"),
    "a tunnel": b"CONNECT beseda.example.org:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    "HTTP/0.9": b"GET /api/rooms\r\n\r\n",
    "HTTP/1.2": get(version=b"HTTP/1.2"),
    "HTTP/2.0": get(version=b"HTTP/2.0"),
    "HTTP/9.9": get(version=b"HTTP/9.9"),
    "HTTP/2 as it is": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100),
    "nothing at all": bytes(100),
}
GOOD = {
    "plain": (get(), True),
    "64 lines": (get(*(b"A%d: b" % number for number in range(63))), True),
    "absolute target": (get(target=b"http://beseda.example.org/api/rooms"), True),
    "absolute target of a proxy that speaks https": (get(target=b"HTTPS://Beseda.example.org:443/api/rooms?a"), True),
    "absolute target that is an address": (get(target=b"http://[::1]:8080/api/rooms"), True),
    "absolute target without a path": (get(target=b"http://beseda.example.org"), True),
    "absolute target with a query alone": (get(target=b"http://beseda.example.org?room=Praha"), True),
    "two slashes": (get(target=b"//beseda.example.org/api/rooms"), True),
    "line ends before it": (b"\r\n\r\n" + get(), True),
    "colon in a value": (get(b"Cookie:: beta=1;"), True),
    "bytes in a value": (get("A: Žižkov".encode()), True),
    "body of a GET": (get(b"Content-Length: 3") + b"abc", True),
    "chunks with an extension": (get(b"Transfer-Encoding: chunked") + b"1;a=b\r\na\r\n0\r\n\r\n", True),
    "chunked in capitals": (get(b"Transfer-Encoding: CHUNKED") + b"0\r\n\r\n", True),
    "HTTP/1.0": (get(version=b"HTTP/1.0"), False),
    "HTTP/1.0 without a host": (b"GET /api/rooms HTTP/1.0\r\n\r\n", False),
    "the last one": (get(b"Connection: close"), False),
}
"""And whether the connection lives on."""


@pytest.fixture(scope="module")
def server() -> Iterator[BesedaServer]:
    """One for all that must leave it as it was."""
    with BesedaServer() as server:
        yield server


def exchange(server: BesedaServer, *pieces: bytes) -> str:
    """All that comes back; a server that hangs up while it is still being told things is no surprise."""
    parts, received = urlsplit(server.url), b""
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=30) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
            while data := connection.recv(65536):
                received += data
                if received.count(b"HTTP/1.1 ") == 2:  # the second answer: nothing more is to come
                    break
        except ConnectionError:
            pass
    return received.decode("utf-8", "replace")


def statuses(received: str) -> list[str]:
    return re.findall(r"HTTP/1\.1 (\d+)", received)


def has_signed_in(server: BesedaServer) -> bool:
    try:
        server.run(server.core.accounts.find("Pasovan"))
    except AccountNotFound:
        return False
    return True


@pytest.mark.parametrize("name", BAD)
def test_bad_is_refused_and_what_follows_is_not_done(server: BesedaServer, name: str) -> None:
    received = exchange(server, BAD[name] + SECOND)
    assert statuses(received) in (["400"], ["431"]), received
    assert "connection: close\r\n" in received
    assert "x-request-id: " in received
    assert not INTERNALS.search(received)
    assert not has_signed_in(server)


@pytest.mark.parametrize("name", BAD)
def test_bad_in_pieces_is_no_better(server: BesedaServer, name: str) -> None:
    bad = BAD[name]
    exchange(server, bad[: len(bad) // 2], bad[len(bad) // 2 :], SECOND)
    assert not has_signed_in(server)


@pytest.mark.parametrize("name", GOOD)
def test_good_is_answered_and_so_is_what_follows(beseda_server: BesedaServer, name: str) -> None:
    good, lives_on = GOOD[name]
    received = exchange(beseda_server, good + SECOND)
    assert statuses(received)[0] in ("200", "303", "404"), received
    assert has_signed_in(beseda_server) == lives_on


class TestAnswers:
    PATHS = (
        "/",
        "/api/rooms",
        "/api/room/1",
        "/api/room/999999999999999999999999",
        "/api/user/1/profile",
        "/login",
        "/logout",
        "/leaveRoom/1",
        "/register",
        "/avatar/1",
        "/neoapi/session",
        "/neoapi/session/?null",
        "/api/session/check/",
        "/api/auth/",
        "/ajax/neoapi/session/",
        "/rpc/domains",
        "/rpc/nothing",
        "/rpc",
        "/static/nothing",
        "/%00",
        "/%FF%FE",
        "/..%2f..%2fetc%2fpasswd",
        "//",
        "/json/getText",
    )

    @pytest.mark.parametrize("path", PATHS)
    def test_have_an_id_and_tell_nothing_of_the_inside(self, server: BesedaServer, path: str) -> None:
        for method in ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"):
            for body in (b"", b"{", b"\xff\x00"):
                head = (
                    f"{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
                )
                received = exchange(server, head.encode() + body)
                assert int(statuses(received)[0]) < 500, (method, path, received)
                assert re.search(r"\r\nx-request-id: \S+\r\n", received)
                assert not INTERNALS.search(received), received

    def test_with_a_session_are_kept_by_nobody(self, beseda_server: BesedaServer) -> None:
        signed_in = exchange(beseda_server, SECOND.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        cookie = re.search(r"set-cookie: ([^;]+)", signed_in, re.IGNORECASE)
        assert cookie
        for path in self.PATHS:
            head = f"GET {path} HTTP/1.1\r\nHost: a\r\nCookie: {cookie[1]}\r\nConnection: close\r\n\r\n"
            received = exchange(beseda_server, head.encode()).lower()
            if not path.startswith("/avatar/"):  # a picture is the same for everybody
                assert "cache-control: no-store" in received, (path, received)
            assert ("set-cookie" in received) <= ("no-store" in received)


class TestProxies:
    """X-Forwarded-For is believed when a proxy of ours wrote it, and only what it wrote."""

    @pytest.mark.parametrize(
        ("trusted", "lines", "client"),
        [
            ([], ["203.0.113.7"], "127.0.0.1"),
            (["192.0.2.0/24"], ["203.0.113.7"], "127.0.0.1"),
            (["127.0.0.1"], ["203.0.113.7"], "203.0.113.7"),
            (["127.0.0.0/8"], [" 203.0.113.7 "], "203.0.113.7"),
            (["127.0.0.1"], ["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
            (["127.0.0.1"], ["198.51.100.1", "203.0.113.7"], "203.0.113.7"),
            (["127.0.0.1", "10.0.0.0/8"], ["203.0.113.7, 10.1.2.3"], "203.0.113.7"),
            (["127.0.0.1", "10.0.0.0/8"], ["198.51.100.1, 203.0.113.7, 10.1.2.3, 10.1.2.4"], "203.0.113.7"),
            (["127.0.0.1"], ["203.0.113.7:4711"], "203.0.113.7"),
            (["127.0.0.1"], ["::ffff:203.0.113.7"], "203.0.113.7"),
            (["127.0.0.1"], ["2001:db8::7"], "2001:db8::/64"),
            (["127.0.0.1"], ["[2001:db8::7]:4711"], "2001:db8::/64"),
            (["127.0.0.1"], ["203.0.113.7, unknown"], "127.0.0.1"),
            (["127.0.0.1"], ["203.0.113.7, "], "203.0.113.7"),
            (["127.0.0.1"], [", ,203.0.113.7,,", " ", ","], "203.0.113.7"),
            (["127.0.0.1"], ["203.0.113.7:4711,"], "203.0.113.7"),
            (["127.0.0.1"], ["::FFFF:203.0.113.7"], "203.0.113.7"),
            (["127.0.0.1"], ["0:0:0:0:0:ffff:203.0.113.7"], "203.0.113.7"),
            (["127.0.0.1"], ["::ffff:cb00:7107"], "203.0.113.7"),
            (["127.0.0.1"], ["[::ffff:203.0.113.7]:4711"], "203.0.113.7"),
            (["127.0.0.1"], ["203.0.113.7, ::ffff:127.0.0.1"], "203.0.113.7"),
            (["::ffff:127.0.0.1"], ["203.0.113.7"], "203.0.113.7"),
            (["127.0.0.1", "::ffff:10.0.0.0/104"], ["203.0.113.7, 10.1.2.3"], "203.0.113.7"),
            (["127.0.0.1"], ["[2001:DB8::7]"], "2001:db8::/64"),
            (["127.0.0.1"], ["fe80::7%eth0"], "fe80::/64"),
            (["127.0.0.1"], ["[fe80::7%25eth0]:4711"], "fe80::/64"),
            (["127.0.0.1"], ["203.0.113.7:"], "127.0.0.1"),
            (["127.0.0.1"], ["203.0.113.7:http"], "127.0.0.1"),
            (["127.0.0.1"], ["203.0.113.07"], "127.0.0.1"),
            (["127.0.0.1"], ["203.0.113"], "127.0.0.1"),
            (["127.0.0.1"], ["203.0.113.256"], "127.0.0.1"),
            (["127.0.0.1"], ["[2001:db8::7"], "127.0.0.1"),
            (["127.0.0.1"], ["[2001:db8::7]4711"], "127.0.0.1"),
            (["127.0.0.1"], ["2001:db8::7::"], "127.0.0.1"),
            (["127.0.0.1"], ["203.0.113.7, _hidden"], "127.0.0.1"),
            (["127.0.0.1", "10.0.0.0/8"], ["10.1.2.3, 10.1.2.4"], "10.1.2.3"),
            (["127.0.0.1", "10.0.0.0/8"], ["unknown, 10.1.2.3"], "10.1.2.3"),
            (["127.0.0.1"], [""], "127.0.0.1"),
            (["127.0.0.1"], [], "127.0.0.1"),
            (["127.0.0.1"], ["127.0.0.1"], "127.0.0.1"),
        ],
    )
    def test_table(self, trusted: list[str], lines: list[str], client: str) -> None:
        with BesedaServer({"server.trusted_proxies": trusted}) as server:
            forwarded = "".join(f"X-Forwarded-For: {line}\r\n" for line in lines)
            sign_in = SECOND.replace(b"\r\n\r\n", f"\r\n{forwarded}Connection: close\r\n\r\n".encode())
            assert statuses(exchange(server, sign_in))
            limiter = server.core.auth._limits.here
            assert {key for name, key in limiter._buckets if name == "anonymous_sign_in"} == {client}

    @pytest.mark.parametrize(
        ("lines", "secure"),
        [
            (["https"], True),
            (["HTTPS"], True),
            ([" Https "], True),
            (["https,http"], True),
            (["https, https"], True),
            ([",https"], True),
            (["https", "http"], True),
            (["wss"], True),
            (["http"], False),
            (["http,https"], False),
            (["ws"], False),
            (["ftp"], False),
            (["httpsx"], False),
            (["https;"], False),
            ([""], False),
            ([","], False),
            ([], False),
        ],
    )
    def test_a_scheme_is_believed_from_them_too(self, lines: list[str], secure: bool) -> None:
        """Where browsers come by https, the cookie goes no other way, and neither do they."""
        forwarded = "".join(f"X-Forwarded-Proto: {line}\r\n" for line in lines)
        request = SECOND.replace(b"\r\n\r\n", f"\r\n{forwarded}Connection: close\r\n\r\n".encode())
        for trusted in ([], ["127.0.0.1"]):
            with BesedaServer({"server.trusted_proxies": trusted}) as server:
                received = exchange(server, request).lower()
                assert bool(re.search("set-cookie: __host-.*; secure", received)) is (secure and bool(trusted))
                assert ("strict-transport-security: max-age=" in received) is (secure and bool(trusted))
