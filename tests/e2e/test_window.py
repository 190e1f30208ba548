"""The lines of a room in a real browser: however many there are, few are on the page, and what one reads stays put."""

import pytest
from playwright.sync_api import Browser, Page, expect

from beseda.core.caller import Caller
from beseda.domain.ids import RoomId
from beseda.domain.sessions import Handle
from beseda.testing import BesedaServer
from e2e.browser import PASSWORD, Visitor, members, needs_browser, repeat

pytestmark = [needs_browser, pytest.mark.long, pytest.mark.timeout(300)]
FREE = {"server.limits": {"room_line": "1000000/0.001"}}
MOST = 400
TALKED = 700


class Speaker:
    def __init__(self, server: BesedaServer, nick: str) -> None:
        self._server = server
        signed_in = server.run(server.core.auth.sign_in(nick, PASSWORD, kind=Handle.COOKIE, address="192.0.2.7"))
        self._caller = Caller("192.0.2.7", signed_in.account, signed_in.session)
        server.run(server.core.rooms.enter(self._caller, "Zahrada"))

    def say(self, texts: list[str]) -> None:
        async def say() -> None:
            for text in texts:
                await self._server.core.messages.post(self._caller, RoomId(1), text)

        self._server.run(say())


def on_the_page(page: Page) -> int:
    return page.locator(".line").count()


def scroll(page: Page, to: int) -> None:
    """By the wheel, as it were: 0 is the top."""
    page.evaluate("to => { document.getElementById('lines').scrollTop = to; }", to)


def top_of(page: Page, text: str) -> float:
    box = page.locator(".said", has_text=text).bounding_box()
    assert box
    return box["y"]


def read_back_to(page: Page, text: str) -> None:
    """Up, until that line is there; never are there more than may be."""
    wanted = page.locator(".said", has_text=text)

    def go_up() -> None:
        assert on_the_page(page) <= MOST
        scroll(page, 0)

    repeat(page, go_up, wanted.count)
    assert on_the_page(page) <= MOST
    expect(wanted).to_have_count(1)


def nodes(page: Page) -> int:
    """All that the page holds, seen or not, when what nobody needs is gone."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return int(next(each["value"] for each in metrics if each["name"] == "Nodes"))


def test_few_lines_are_on_the_page_wherever_one_reads(browser: Browser) -> None:
    with BesedaServer(FREE) as server:
        server.run(server.core.rooms.add("Zahrada"))
        members(server, "Alena", "Brana")
        alena, brana = Visitor(browser, server.url), Speaker(server, "Brana")
        page = alena.page
        alena.sign_in("Alena", "Zahrada")
        alena.sees("Alena came in")
        held = 0
        for start in range(0, TALKED, 100):
            brana.say([f"line {number}." for number in range(start, start + 100)])
            alena.sees(f"line {start + 99}.")
            assert on_the_page(page) <= MOST
            if start == 300:
                held = nodes(page)
        assert nodes(page) < 1.2 * held, "what left the page is gone"
        newest = page.locator(".said", has_text=f"line {TALKED - 1}.")
        expect(newest).to_be_in_viewport()

        read_back_to(page, "line 0.")
        expect(newest).to_have_count(0)
        expect(page.locator(".new-lines")).to_have_count(0)
        before = top_of(page, "line 0.")
        brana.say([f"meanwhile {number}." for number in range(300)])
        expect(page.locator(".to-end")).to_have_text("New lines")
        assert top_of(page, "line 0.") == before
        assert on_the_page(page) <= MOST

        seen = -1

        def read_on() -> None:
            nonlocal seen
            numbers = page.evaluate(
                "[...document.querySelectorAll('.said')].map(each => each.textContent)"
                ".filter(text => text.startsWith('line ')).map(text => parseInt(text.slice(5)))"
            )
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
            assert numbers[0] <= seen + 1, "nothing is missing in between"
            seen = numbers[-1]
            assert on_the_page(page) <= MOST
            scroll(page, 1_000_000)

        repeat(page, read_on, lambda: seen == TALKED - 1)
        page.locator(".to-end").click()
        expect(page.locator(".said", has_text="meanwhile 299.")).to_be_in_viewport()
        expect(page.locator(".to-end")).to_have_count(0)

        read_back_to(page, f"line {TALKED - 50}.")
        alena.say("here I am")
        expect(page.locator(".said", has_text="here I am")).to_be_in_viewport()
        brana.say(["and here I am"])
        expect(page.locator(".said", has_text="and here I am")).to_be_in_viewport()
        assert alena.problems == []


def test_what_one_reads_stays_where_it_is_while_lines_come_and_go(browser: Browser) -> None:
    """Also when so many come that they stay away, and when another room is looked at meanwhile."""
    with BesedaServer(FREE) as server:
        for name in ("Zahrada", "Praha"):
            server.run(server.core.rooms.add(name))
        members(server, "Alena", "Brana")
        alena, brana = Visitor(browser, server.url), Speaker(server, "Brana")
        page = alena.page
        alena.sign_in("Alena", "Praha")
        page.goto("/Zahrada")
        alena.sees("came in")
        brana.say([f"line {number}." for number in range(200)])
        alena.sees("line 199.")
        read_back_to(page, "line 100.")
        page.locator(".said", has_text="line 110.").scroll_into_view_if_needed()
        page.wait_for_timeout(100)
        before = top_of(page, "line 110.")
        for start in range(200, 700, 100):
            brana.say([f"line {number}." for number in range(start, start + 100)])
        expect(page.locator(".my-rooms .badge, .to-end").first).to_be_visible()
        page.wait_for_timeout(300)
        assert abs(top_of(page, "line 110.") - before) < 1
        assert on_the_page(page) <= MOST
        expect(page.locator(".said", has_text="line 699.")).to_have_count(0)
        page.locator(".my-rooms a", has_text="Praha").click()
        expect(page.locator("h1")).to_have_text("Praha")
        page.locator(".my-rooms a", has_text="Zahrada").click()
        expect(page.locator(".said", has_text="line 110.")).to_be_in_viewport()
        assert abs(top_of(page, "line 110.") - before) < 2
        page.locator(".to-end").click()
        expect(page.locator(".said", has_text="line 699.")).to_be_in_viewport()
        assert alena.problems == []
