"""The documents as a site: all links lead somewhere, nothing comes from another host, and search needs none."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import expect

from e2e.browser import chromium, needs_browser

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.long, pytest.mark.skipif(not find_spec("mkdocs"), reason="make site installs it")]
FETCHED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "use": "href"}
"""What a browser fetches by itself, and where it stands."""


class Fetched(HTMLParser):
    """The addresses that a page has a browser fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("rel") != "canonical":
            self.found.append(given.get(FETCHED.get(tag, ""), "") or "")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as `make site` does; a link that leads nowhere is an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(folder)]
    built = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


@pytest.fixture
def url(site: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_every_page_is_there(site: Path) -> None:
    pages = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    assert {Path("SECURITY.html"), Path("CONTRIBUTING.html"), *pages} <= {
        path.relative_to(site) for path in site.rglob("*.html")
    }


def test_nothing_is_named_that_another_host_has(site: Path) -> None:
    for path in site.rglob("*.html"):
        page = Fetched()
        page.feed(path.read_text("utf-8"))
        assert len(page.found) > 10
        assert [it for it in page.found if re.match(r"(?:[a-z]+:)?//", it)] == [], path
    for path in site.rglob("*.css"):
        text = path.read_text("utf-8")
        assert re.findall(r"(?:url\(|@import )['\"]?(?:https?:)?//[^)]*", text) == [], path
        assert "@font-face" not in text


@needs_browser
def test_search_finds_a_page_without_the_world(url: str) -> None:
    with chromium() as browser:
        page = browser.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{url}/index.html")
        words = page.locator("input.md-search__input")
        words.fill("snapshot moment backup")
        words.press("End")  # whoever types lets keys go, which is what the search waits for
        result = page.locator(".md-search-result__link").first
        expect(result).to_be_visible(timeout=30_000)
        page.goto(f"{url}/explanation/architecture.html")
        width = page.locator("img[alt='What imports what']").evaluate("image => image.naturalWidth")
        assert width > 300
        assert {each.split("/")[2] for each in asked if not each.startswith(("data:", "blob:"))} == {url.split("/")[2]}
