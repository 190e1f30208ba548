"""Letters in a real browser: two members write each other, look for what was written, and put it in order."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Locator, expect

from beseda.core.caller import Caller
from beseda.domain.sessions import Handle
from beseda.testing import BesedaServer
from e2e.browser import PASSWORD, PHONE, Visitor, members, needs_browser

pytestmark = [needs_browser, pytest.mark.long]


@pytest.fixture
def server(database: str) -> Iterator[BesedaServer]:
    with BesedaServer({"server.database": database}) as running:
        running.clock.move((datetime.now(UTC) - running.clock.now()).total_seconds())  # browsers go by their own
        running.run(running.core.rooms.add("Zahrada"))
        members(running, "Alena", "Brana", "Cyril")
        yield running


def caller(server: BesedaServer, nick: str) -> Caller:
    signed_in = server.run(server.core.auth.sign_in(nick, PASSWORD, kind=Handle.COOKIE, address="192.0.2.7"))
    return Caller("192.0.2.7", signed_in.account, signed_in.session)


def letter(visitor: Visitor, text: str) -> Locator:
    return visitor.page.locator(".letter", has=visitor.page.locator(".words", has_text=text))


def choose(visitor: Visitor, text: str, deed: str) -> None:
    """From the menu of a letter."""
    letter(visitor, text).hover()
    letter(visitor, text).locator(".line-menu").click()
    visitor.page.get_by_role("dialog").get_by_role("button", name=deed, exact=True).click()


def test_two_members_write_each_other(server: BesedaServer, browser: Browser) -> None:
    """From the card in a room; what was typed is told, kept, sent once though the network was away, and read."""
    alena, brana = Visitor(browser, server.url), Visitor(browser, server.url, "cs-CZ")
    alena.sign_in("Alena", "Zahrada")
    brana.sign_in("Brana", "Zahrada")
    alena.page.locator("#people button", has_text="Brana").click()
    alena.page.get_by_role("dialog").get_by_role("link", name="Letter").click()
    expect(alena.page.locator(".letters")).to_contain_text("You have not written each other yet")
    alena.say("<b>Ahoj</b> https://example.org/kolac")
    expect(letter(alena, "<b>Ahoj</b>")).to_contain_text("sent")
    expect(brana.page.locator("#letters-unread")).to_have_text("1")
    brana.page.locator("#nav a", has_text="Vzkazy").click()
    expect(brana.page).to_have_title("(1) Vzkazy – Beseda")
    brana.page.locator(".contact", has_text="Alena").click()
    expect(letter(brana, "<b>Ahoj</b>").locator("a")).to_have_attribute("href", "https://example.org/kolac")
    expect(brana.page.locator(".new-lines")).to_have_text("nové")
    expect(letter(alena, "<b>Ahoj</b>")).to_contain_text("read")
    expect(brana.page.locator("#letters-unread")).to_be_hidden()
    brana.page.locator("#text").press_sequentially("rozepsa")
    expect(alena.page.locator(".thread-column .topic")).to_have_text("is writing")
    brana.page.reload()
    expect(brana.page.locator("#text")).to_have_value(re.compile("^r"))
    alena.context.set_offline(True)
    expect(alena.page.locator(".offline")).to_contain_text("No connection")
    alena.say("from the tunnel")
    expect(alena.page.locator(".outgoing.sending")).to_have_count(1)
    alena.context.set_offline(False)
    expect(letter(brana, "from the tunnel")).to_have_count(1)
    expect(alena.page.locator(".outgoing")).to_have_count(0)
    expect(letter(alena, "from the tunnel")).to_have_count(1)
    choose(brana, "from the tunnel", "Odpovědět")
    brana.say("Slyšíme se")
    expect(letter(alena, "Slyšíme se").locator("blockquote")).to_have_text("from the tunnel")
    choose(alena, "<b>Ahoj</b>", "Change")
    alena.say("Good day")
    expect(letter(brana, "Good day")).to_contain_text("upraveno")
    choose(alena, "from the tunnel", "Take back from both mailboxes")
    alena.page.get_by_role("button", name="Erase for both").click()
    expect(letter(brana, "from the tunnel")).to_have_count(0)
    alena.page.fill("#text", "x" * 10_001)
    expect(alena.page.locator(".left.over")).to_contain_text("-1")
    assert alena.problems == brana.problems == []


@pytest.mark.long
def test_lists_search_and_a_jump_to_an_old_letter(server: BesedaServer, browser: Browser) -> None:
    brana, cyril = caller(server, "Brana"), caller(server, "Cyril")
    alena_id = server.run(server.core.accounts.find_nick("Alena")).id
    for number in range(70):
        server.move_clock(60)
        server.run(server.core.mail.send(brana, alena_id, "the recipe of cake" if number == 3 else f"number {number}."))
    server.run(server.core.mail.send(cyril, alena_id, "Hi there"))
    server.run(server.core.search_index.settle())
    alena = Visitor(browser, server.url)
    page = alena.page
    alena.sign_in("Alena", "-/letters")
    expect(page.locator(".contact")).to_have_count(2)
    expect(page.locator(".contact", has_text="Brana").locator(".badge")).to_contain_text("70")
    page.fill("#seek", "RECIPE ca")
    page.locator(".contact", has_text="the recipe").click()
    expect(letter(alena, "the recipe of cake")).to_have_class(re.compile("target"))
    expect(letter(alena, "number 0.")).to_have_count(1)
    expect(letter(alena, "number 69.")).to_have_count(0)
    page.get_by_role("button", name="To the newest letters").click()
    expect(letter(alena, "number 69.")).to_be_in_viewport()
    expect(page.locator("#letters-unread")).to_have_text("1")
    page.locator(".letters").evaluate("each => each.scrollTop = 0")
    expect(letter(alena, "number 0.")).to_have_count(1)
    page.fill("#seek", "nothing of this")
    expect(page.locator(".contacts-column .empty")).to_have_text("Nothing was found.")
    page.fill("#seek", "?!")
    expect(page.locator(".contacts-column .empty")).to_have_text("Nothing was found.")
    page.fill("#seek", "")
    choose(alena, "number 69.", "Favourite")
    expect(letter(alena, "number 69.").locator(".star")).to_have_count(1)
    choose(alena, "number 68.", "Throw away")
    expect(letter(alena, "number 68.")).to_have_count(0)
    page.get_by_role("button", name="Put away").click()
    expect(page.locator(".contacts .contact")).to_have_count(1)
    page.locator(".contact", has_text="Cyril").click()
    page.get_by_role("button", name="This is spam").click()
    expect(page.locator(".contacts-column .empty")).to_contain_text("No letter yet")
    for name, nick in (("archive", "Brana"), ("spam", "Cyril"), ("favourite", "Brana"), ("garbage", "Brana")):
        page.select_option("#list", name)
        expect(page.locator(".contact .nick")).to_have_text(nick)
    page.locator(".contact").click()
    expect(page.locator(".letter")).to_have_count(1)
    choose(alena, "number 68.", "Take back")
    expect(page.locator(".contacts-column .empty")).to_contain_text("Nothing is thrown away")
    page.select_option("#list", "archive")
    page.locator(".contact").click()
    expect(letter(alena, "number 68.")).to_have_count(1)
    page.get_by_role("button", name="Back among the letters").click()
    page.select_option("#list", "inbox")
    expect(page.locator(".contact .nick")).to_have_text("Brana")
    page.get_by_role("button", name="Throw all letters away").click()
    page.get_by_role("button", name="Throw away", exact=True).click()
    expect(page.locator(".contacts-column .empty")).to_contain_text("No letter yet")
    page.get_by_role("button", name="New letter").click()
    page.fill("#somebody", "cy")
    page.get_by_role("dialog").get_by_role("button", name="Cyril").click()
    expect(letter(alena, "Hi there")).to_have_count(1)
    page.go_back()
    expect(page.locator(".none-open")).to_be_visible()
    assert alena.problems == []


@pytest.mark.long
def test_letters_on_a_phone_and_without_scripts(server: BesedaServer, browser: Browser) -> None:
    phone, plain = Visitor(browser, server.url, **PHONE), Visitor(browser, server.url, java_script_enabled=False)
    plain.sign_in("Alena", "-/letters?with=2")
    plain.page.fill("textarea", "by a form")
    plain.page.get_by_role("button", name="Send").click()
    expect(plain.page.locator(".posts")).to_contain_text("by a form")
    plain.page.get_by_role("button", name="Send").click()
    expect(plain.page.get_by_role("alert")).to_have_count(0)
    phone.sign_in("Brana", "-/letters")
    phone.page.locator(".contact").click()
    expect(letter(phone, "by a form")).to_be_visible()
    expect(phone.page.locator(".contacts-column")).to_be_hidden()
    phone.say("from my pocket")
    expect(letter(phone, "from my pocket")).to_be_in_viewport()
    assert phone.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    phone.page.get_by_role("button", name="Back to the list").click()
    expect(phone.page.locator(".contact .snippet")).to_contain_text("from my pocket")
    plain.page.goto("/-/letters?with=2")
    plain.page.get_by_role("button", name="I have read them").click()
    expect(plain.page.get_by_role("button", name="I have read them")).to_have_count(0)
    assert phone.problems == []
