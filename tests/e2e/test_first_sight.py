"""What the server draws of a room, and the scripts that take it over: nothing twice, nothing lost, nothing moved."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from beseda.testing import BesedaServer
from e2e.browser import Visitor, members, needs_browser

pytestmark = needs_browser
TALK = (
    "Good day :) to www.example.org. And :-P; x:)",
    "<b>x</b> & 'q' \"r\" (see https://example.org/a_(b)?c=1&d=2), https://example.org/…",
    "Alena, are you there?",
    "/w Alena just for you",
    "مرحبا",
)
MOVED = """
window.moved = 0;
new PerformanceObserver(list => {
  for (const shift of list.getEntries()) if (!shift.hadRecentInput) moved += shift.value;
}).observe({ type: "layout-shift", buffered: true });
"""
DRAWN = ("#lines ol", ".people-column", ".talk-title")


@pytest.fixture
def server() -> Iterator[BesedaServer]:
    with BesedaServer() as running:
        running.run(running.core.rooms.add("Zahrada", description="For <all>"))
        members(running, "Alena", "Brana")
        yield running


def drawn(page: Page) -> list[str]:
    """The parts of a page, without what scripts alone add."""
    whole = "\n".join(page.inner_html(part) for part in DRAWN)
    whole = re.sub(
        r'<button type="button" class="line-menu".*?</button>| aria-haspopup="dialog"|<li class="new-lines">.*?</li>',
        "",
        whole,
        flags=re.DOTALL,
    )
    return re.sub(r">\s*<", ">\n<", whole.replace(' "', '"')).split("\n")


@pytest.mark.long
def test_scripts_draw_what_the_server_drew_and_go_on_from_there(server: BesedaServer, browser: Browser) -> None:
    alena, brana = Visitor(browser, server.url), Visitor(browser, server.url)
    alena.context.add_init_script(MOVED)
    brana.sign_in("Brana", "Zahrada")
    alena.page.clock.set_fixed_time(server.clock.now())
    alena.sign_in("Alena", "Zahrada")
    for text in TALK:
        brana.say(text)
    for text in ("/help", "/nothing", "/i Brana", "/unignore Brana"):
        alena.say(text)
    alena.sees("You ignore Brana no longer.")
    expect(alena.page.locator(".outgoing")).to_have_count(0)

    page, held = alena.page, list[Route]()
    page.route("**/room.js", lambda route: held.append(route))
    page.reload()
    expect(page.locator("#lines")).to_contain_text("just for you")
    before = drawn(page)
    page.fill("#text", "half a sen")
    page.evaluate("document.getElementById('text').setSelectionRange(2, 4)")
    brana.say("said in between")
    brana.sees("said in between")
    while not held:
        page.wait_for_timeout(20)
    for route in held:
        route.continue_()
    page.unroute("**/room.js")
    alena.sees("said in between")
    expect(page.locator("#text")).to_have_value("half a sen")
    expect(page.locator("#text")).to_be_focused()
    assert page.evaluate("document.getElementById('text').selectionStart") == 2
    page.evaluate("document.querySelector('.line:last-child').remove()")
    assert drawn(page) == before
    numbers = page.locator(".line").evaluate_all("lines => lines.map(line => Number(line.dataset.seq))")
    assert numbers == sorted(set(numbers))
    assert page.evaluate("moved") == 0
    page.fill("#text", "")
    page.reload()
    page.fill("#text", "sent by Enter")
    page.press("#text", "Enter")
    brana.sees("sent by Enter")
    assert alena.problems == brana.problems == []
