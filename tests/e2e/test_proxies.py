"""Behind Caddy and nginx as people run them: TLS, sockets, streams, kept connections, who came, how much is sent."""

import io
import json
import os
import shutil
import threading
from collections.abc import Iterator

import httpx
import pytest
from PIL import Image
from websockets.sync.client import connect
from websockets.typing import Origin

from api.test_pictures import upload
from beseda.core.pictures import CONTENT_MAX_BYTES
from e2e.console import Console
from e2e.proxies import CLIENT, NAME, Proxy, proxied
from e2e.serving import QUICK_HASHES, Process, started

pytestmark = pytest.mark.long
PASSWORD = "modry zvonek 12"
STREAM_S = 30


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    data = tmp_path_factory.mktemp("data")
    console = Console(data).begin()
    assert console.run("account", "add", "Alena", "--password-stdin", stdin=PASSWORD).code == 0
    assert console.run("room", "add", "Praha").code == 0
    settings = QUICK_HASHES | {"BESEDA_SERVER_TRUSTED_PROXIES": "127.0.0.1", "BESEDA_LOG_LEVEL": "debug"}
    with started("serve", "--data", str(data), "--listen", "127.0.0.1:0", settings=settings) as running:
        yield running


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(name, marks=pytest.mark.skipif(not shutil.which(name), reason=f"{name} is not installed"))
        for name in ("caddy", "nginx")
    ],
)
def proxy(
    request: pytest.FixtureRequest, process: Process, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    with proxied(request.param, process.url, tmp_path_factory.mktemp("proxy")) as running:
        yield running


@pytest.fixture
def alena(proxy: Proxy) -> Iterator[httpx.Client]:
    """Signed in and in the room."""
    with proxy.client() as client:
        answer = client.post("/login", data={"email": "Alena", "password": PASSWORD})
        assert 'id="nav-user"' in answer.text
        assert client.get("/Praha").status_code == 200
        yield client


def say(client: httpx.Client, text: str) -> None:
    assert client.post("/json/getText", data={"roomId": "1", "text": text}).status_code == 200


def test_who_came_and_how_is_told(proxy: Proxy, process: Process) -> None:
    """Also of a client that says it is somebody else."""
    with proxy.client() as client:
        lies = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "http"}
        answer = client.post("/login", data={"email": "Alena", "password": PASSWORD}, headers=lies)
    assert all(cookie.startswith("__Host-") and "Secure" in cookie for cookie in answer.headers.get_list("set-cookie"))
    assert "strict-transport-security" in answer.headers
    process.wait_for("request", request_id=answer.headers["x-request-id"])
    addresses = {line["address"] for line in process.log() if line["event"] == "request"}
    assert addresses == {CLIENT}


def test_plain_http_is_sent_to_tls(proxy: Proxy) -> None:
    answer = httpx.get(f"http://127.0.0.1:{proxy.plain_port}/Praha?x=1", headers={"Host": NAME})
    assert answer.status_code in {301, 308}
    assert httpx.URL(answer.headers["location"]).copy_with(port=None) == httpx.URL(f"https://{NAME}/Praha?x=1")


def test_a_socket_talks(proxy: Proxy, alena: httpx.Client) -> None:
    cookie = "; ".join(f"{name}={value}" for name, value in alena.cookies.items())
    with connect(
        f"wss://{NAME}:{proxy.port}/live",
        sock=proxy.connect(),
        ssl=proxy.trust,
        server_hostname=NAME,
        origin=Origin(proxy.origin),
        additional_headers={"Cookie": cookie},
    ) as live:
        assert json.loads(live.recv(timeout=STREAM_S))["hello"]["account"]["nick"] == "Alena"
        live.send(json.dumps({"op": "follow", "id": 1, "room": 1}))
        say(alena, "Ahoj přes zásuvku")
        while "line" not in (message := json.loads(live.recv(timeout=STREAM_S))):
            assert message.get("ok", True), message
        assert message["line"]["text"] == "Ahoj přes zásuvku"


def test_a_stream_comes_as_it_is_written(alena: httpx.Client) -> None:
    """Whatever the client can unpack: nothing waits until there is more."""
    cursor = httpx.QueryParams(after=0)
    with alena.stream("GET", "/live/rooms/1", params=cursor, headers={"Accept-Encoding": "gzip, zstd"}) as stream:
        assert stream.status_code == 200
        lines = stream.iter_lines()
        seen = next(lines)
        assert seen.startswith(":")
        later = threading.Timer(0.2, say, (alena, "Ahoj proudem"))
        later.start()
        assert any("Ahoj proudem" in line for line in lines)
        later.join()


def test_connections_are_kept(proxy: Proxy, process: Process) -> None:
    """The proxy's to the server, too: what is asked one after another needs one."""
    with proxy.client() as client:
        for _ in range(20):
            assert client.get("/api/rooms").json()["status"] == 200
        metrics = httpx.get(f"{process.ops_url}/metrics").text.splitlines()
    (open_now,) = (float(line.split()[1]) for line in metrics if line.startswith("beseda_open_connections "))
    assert 1 <= open_now <= 6


def test_the_largest_picture_passes_and_no_flood(alena: httpx.Client) -> None:
    edge = 410
    content = io.BytesIO()
    Image.frombytes("RGB", (edge, edge), os.urandom(edge * edge * 3)).save(content, "PNG")
    largest = content.getvalue()
    assert CONTENT_MAX_BYTES * 0.9 < len(largest) < CONTENT_MAX_BYTES
    assert upload(alena, largest, Origin=str(alena.base_url).rstrip("/")).status_code == 303
    refused = upload(alena, bytes(3_000_000), Origin=str(alena.base_url).rstrip("/"))
    assert refused.status_code == 413
