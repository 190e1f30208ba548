"""When something breaks here, the answer says so and nothing else, whatever the request was."""

import asyncio
from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from beseda.adapters.secrets import SystemEntropy
from beseda.api.base import Face, Message, Outcome, Receive, Scope, Send, WebOptions, send_body
from beseda.api.chatcz.routes import ChatczFace
from beseda.api.hub import Hub
from beseda.api.live.routes import LiveFace
from beseda.api.spaces.channel import Channels
from beseda.api.spaces.routes import SpacesFace
from beseda.api.spaceweb.routes import SpacewebFace
from beseda.api.web.house import House
from beseda.api.web.routes import WebFace
from beseda.core.patience import patience
from beseda.server.asgi import App
from beseda.server.connections import ConnectionLimits
from beseda.server.listener import Listener
from beseda.server.metrics import Metrics
from beseda.server.proxies import UntrustedProxies
from beseda.testing import BesedaServer

NAMES = ("chatcz", "spaces", "spaceweb", "web", "live")
PATHS = ("", "*", "/", "//", "///", "api", "/api", "/api/", "/json/", "/info", "/p", "/p/", "/static/", "/live", "/ws/")
SECRET = "a secret of the inside"


@pytest.fixture(scope="module")
def faces() -> Iterator[dict[str, Face]]:
    with BesedaServer() as server:
        parts, options, house = server.beseda.parts, WebOptions(), House({"registration": "open", "password_min": 8})
        core, clock = parts.core, parts.clock
        channels = Channels(core, clock, Hub())
        made: list[Face] = [
            ChatczFace(core, clock, options, house),
            SpacesFace(core, channels, clock, options, {}),
            SpacewebFace(core, clock, SystemEntropy(), registration_price=1, renewal_price=1),
            WebFace(core, clock, options, house),
            LiveFace(core, clock, Hub(), options),
        ]
        yield {face.name: face for face in made}


values = st.one_of(st.binary(max_size=20), st.sampled_from([b"[", b":", b"a:b:c", b"[::1", b"\xff"]))
headers = st.lists(st.tuples(st.sampled_from([b"host", b"accept", b"cookie", b"x"]), values), max_size=4)
scopes = st.fixed_dictionaries(
    {},
    optional={
        "path": st.sampled_from(PATHS) | st.text(max_size=20),
        "method": st.sampled_from(["GET", "OPTIONS", "", "\0"]),
        "headers": headers,
        "client": st.none() | st.tuples(st.text(max_size=10), st.just(0)),
        "scheme": st.sampled_from(["http", "https", "ftp", ""]),
        "query_string": st.binary(max_size=10),
        "spaceweb.id": st.none() | st.integers(-5, 5) | st.text(max_size=5),
    },
)


@pytest.mark.parametrize("name", NAMES)
@given(scope=scopes)
def test_no_face_fails_to_say_so(faces: dict[str, Face], name: str, scope: dict[str, Any]) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(faces[name].answer_crash(scope, send))
    (answer,) = sent
    assert answer["status"] == (500 if name in ("web", "live") or not is_json(answer) else 200)
    assert (b"content-length", str(len(answer["body"])).encode()) in answer["headers"]


def is_json(answer: Message) -> bool:
    return b"json" in dict(answer["headers"])[b"content-type"]


class Breaking:
    """A face that breaks, once its answer has begun or before."""

    name = "breaking"
    roots: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Outcome:
        if scope["path"].startswith("/waits/"):
            patience().waited_s += float(scope["path"].removeprefix("/waits/"))
            await send_body(send, b"text/plain", b"at last")
            return Outcome("look", "ok")
        if scope["path"] == "/late":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"half of it", "more_body": True})
        raise LookupError(SECRET)

    async def answer_crash(self, scope: Scope, send: Send) -> None:
        await send_body(send, b"text/plain", b"broken", status=500)


async def ask(path: str) -> tuple[str, list[MutableMapping[str, Any]]]:
    """All that comes back, and what was logged."""
    face, listener = Breaking(), Listener("127.0.0.1", 0, ConnectionLimits())
    faces = dict.fromkeys(NAMES, face)
    app = App(
        **faces,
        hosts={},
        proxies=(),
        untrusted=UntrustedProxies(()),
        metrics=Metrics(),
        log_all=False,
        refused=lambda *told: None,
        options=WebOptions(),
    )
    with capture_logs() as logged:
        await listener.start(app)
        reader, writer = await asyncio.open_connection("127.0.0.1", int(listener.url.rpartition(":")[2]))
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        received = await asyncio.wait_for(reader.read(), 30)
        writer.close()
        await listener.stop(1)
    return received.decode(), logged


@pytest.mark.parametrize(("path", "status"), [("/early", "500"), ("/late", "200")])
def test_what_breaks_is_noted_once_and_nothing_of_the_inside_is_told(
    path: str, status: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An answer that has begun breaks off: its client sees that it is not whole."""
    received, logged = asyncio.run(ask(path))
    assert received.startswith(f"HTTP/1.1 {status} ")
    assert received.endswith("broken" if status == "500" else "half of it\r\n")
    assert SECRET not in received
    assert [entry["event"] for entry in logged if "exc_info" in entry] == ["crashed"]
    assert [record for record in caplog.records if record.exc_info] == []


@pytest.mark.parametrize(("waited_s", "told"), [(0.4, []), (0.7, [700.0])])
def test_who_waits_for_long_for_the_database_is_in_the_log(waited_s: float, told: list[float]) -> None:
    received, logged = asyncio.run(ask(f"/waits/{waited_s}"))
    assert received.endswith("at last")
    slow = [entry for entry in logged if entry["event"] == "slow"]
    assert [entry["database_ms"] for entry in slow] == told
    assert all((entry["protocol"], entry["method"]) == ("breaking", "look") for entry in slow)
