"""Static files: their addresses, how long they are kept, how small they are, and what they come from."""

import asyncio
import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from importlib.resources import files

import brotli
import httpx
import pytest

from beseda.api.web.assets import COMPRESSED, GZIP, Assets, wanted
from beseda.server.admin_sections import OTHER, SECTIONS
from beseda.testing import BesedaServer
from e2e.browser import members

BUDGET_BYTES = 100 * 1024
"""For the start page and a room, compressed, in all."""
STATIC = files("beseda.api.web").joinpath("static")


@pytest.fixture(scope="module")
def server() -> Iterator[BesedaServer]:
    with BesedaServer() as running:
        members(running, "Alena")
        yield running


@pytest.fixture
def client(server: BesedaServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url) as client:
        client.post("/login", data={"email": "Alena", "password": "kratka zima 7"})
        yield client


def size(answer: httpx.Response) -> int:
    return int(answer.headers["content-length"])


def loaded(client: httpx.Client, page: str) -> set[str]:
    """What a browser gets for a page: what it names, and what the modules import."""
    wanted = set(re.findall(r'"(/static/[^"#]+)', page))
    seen: set[str] = set()
    while wanted:
        path = wanted.pop()
        seen.add(path)
        if path.endswith(".js"):
            folder = path.rpartition("/")[0]
            text = client.get(path).text
            found = re.findall(r'(?:from|import)\s*"\./([^"]+)"', text)
            wanted |= {f"{folder}/{name}" for name in found} - seen
    return {path for path in seen if "icon-" not in path}


def test_the_start_page_and_a_room_are_small(client: httpx.Client) -> None:
    start, room = client.get("/"), client.get("/Praha", headers={"Sec-Fetch-Mode": "x"})
    room = client.get("/Praha")
    paths = loaded(client, start.text) | loaded(client, room.text)
    sizes = {path: size(client.get(path)) for path in sorted(paths)}
    total = sum(sizes.values()) + size(start) + size(room)
    print(f"start page and a room: {total} bytes in {len(sizes) + 2} files")  # noqa: T201
    assert len(sizes) > 15
    assert total <= BUDGET_BYTES


def test_files_are_kept_for_a_year_under_their_hash_alone(client: httpx.Client) -> None:
    path = re.findall(r'"(/static/[0-9a-f]{12}/beseda\.css)"', client.get("/").text)[0]
    kept = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert kept.headers["content-encoding"] == "gzip"
    assert kept.headers["vary"] == "accept-encoding"
    other = client.get("/static/0123456789ab/beseda.css")
    assert (other.text, other.headers["cache-control"]) == (kept.text, "no-cache")
    plain = client.get(path, headers={"Accept-Encoding": "gzip;q=0"})
    assert (plain.text, "content-encoding" in plain.headers) == (kept.text, False)
    for missing in ("/static/0123456789ab/nothing.css", "/static/../house.py", "/static/html.d.ts", "/static/vendor"):
        assert client.get(missing).status_code == 404


def test_files_are_compressed_when_the_server_starts_and_then_once_more_with_brotli(
    server: BesedaServer, client: httpx.Client
) -> None:
    files = Assets()
    asyncio.run(files.compress())
    assert {name for name, asset in files.files.items() if GZIP in asset.coded} == {
        name for name in files.files if name.rpartition(".")[2] in COMPRESSED
    }
    server.move_clock(10)
    path, whole = files.address("beseda.css"), files.files["beseda.css"]
    with client.stream("GET", path, headers={"Accept-Encoding": "gzip, deflate, br, zstd"}) as smaller:
        body = b"".join(smaller.iter_raw())
    assert (smaller.headers["content-encoding"], smaller.headers["vary"]) == ("br", "accept-encoding")
    assert (brotli.decompress(body), gzip.decompress(whole.coded[GZIP])) == (whole.body, whole.body)
    assert int(smaller.headers["content-length"]) == len(body) < len(whole.coded[GZIP]) < len(whole.body)


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("", ""),
        ("gzip", "gzip"),
        ("X-GZIP", "gzip"),
        ("deflate, zstd", ""),
        ("gzip, br", "br"),
        ("br;q=0.5, gzip;q=0.501", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0.000 , gzip ;q=0.0", ""),
        ("*", "br"),
        ("*;q=0.1, br;q=0", "gzip"),
        ("gzip, *;q=0", "gzip"),
        ("identity, br;q=0.9", ""),
        ("identity;q=0.5, br;q=0.9", "br"),
        ("br;q=2, gzip;q=x, deflate", ""),
        ("br;level=5, gzip;q=.5", ""),
        (";;,, ;q=1", ""),
    ],
)
def test_a_client_gets_the_coding_that_it_likes_best(accept: str, coding: str) -> None:
    assert wanted(accept, {"br", "gzip"}) == coding


def test_what_is_others_is_named_with_its_licence_and_hash() -> None:
    vendor = STATIC.joinpath("vendor")
    named = json.loads(vendor.joinpath("vendored.json").read_text("utf-8"))
    licences = vendor.joinpath("LICENSES.txt").read_text("utf-8")
    there = {entry.name for entry in vendor.iterdir()}
    assert there == named.keys() | {"vendored.json", "LICENSES.txt"}
    for name, facts in named.items():
        assert hashlib.sha256(vendor.joinpath(name).read_bytes()).hexdigest() == facts["sha256"]
        assert f"{facts['package']}\n" in licences
        assert facts["version"]
        assert facts["licence"]


def test_every_icon_is_there_and_used() -> None:
    web = files("beseda.api.web")
    pages = [each for folder in ("static", "templates") for each in web.joinpath(folder).iterdir() if each.is_file()]
    texts = [each.read_text("utf-8") for each in pages if each.name.endswith((".js", ".html"))]
    sections = {each.icon for each in (*SECTIONS, OTHER)}
    drawn = set(re.findall(r'<symbol id="([^"]+)"', web.joinpath("static/vendor/icons.svg").read_text("utf-8")))
    assert {name for text in texts for name in re.findall(r'\bicon\("([^"]+)"\)', text)} | sections <= drawn
    assert drawn <= {name for text in texts for name in re.findall(r'"([a-z0-9-]+)"', text)} | sections


def test_modules_are_short_and_say_what_they_are_for() -> None:
    for entry in STATIC.iterdir():
        if entry.name.endswith(".js"):
            lines = entry.read_text("utf-8").strip().splitlines()
            assert len(lines) < 300, entry.name
            assert lines[0].startswith("// "), entry.name


def test_what_every_page_says_to_browsers(client: httpx.Client) -> None:
    for path in ("/", "/login", "/register", "/-/look", "/-/account", "/-/offline", "/-/nothing", "/Praha", "/msg"):
        answer = client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "require-trusted-types-for 'script'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert not re.search(r"\s(?:on\w+|style)=", answer.text), path
        assert set(re.findall(r"<script([^>]*)>", answer.text)) <= {
            ' type="text/plain"',
            *re.findall(
                r'<script( type="module" src="/static/[0-9a-f]{12}/\w+\.js"(?: data-\w+="[^"]*")*)>', answer.text
            ),
        }
    manifest = client.get("/-/manifest.webmanifest").json()
    assert all(client.get(icon["src"]).status_code == 200 for icon in manifest["icons"])
    worker = client.get("/-/worker.js")
    assert worker.headers["service-worker-allowed"] == "/"
