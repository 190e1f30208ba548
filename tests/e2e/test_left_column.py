"""The left column of a room's page: opening another room."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect

from beseda.testing import BesedaServer
from e2e.browser import PASSWORD, PHONE, Visitor, members, needs_browser

pytestmark = needs_browser


@pytest.fixture
def server() -> Iterator[BesedaServer]:
    with BesedaServer() as running:
        running.run(running.core.rooms.add("Zahrada"))
        members(running, "Alena", "Brana")
        yield running


@pytest.mark.long
def test_another_room_is_opened_from_the_left_column(server: BesedaServer, browser: Browser) -> None:
    """By keyboard, by a guest on a phone, into a room that is there and asks for its password."""
    alena, host = Visitor(browser, server.url), Visitor(browser, server.url, "cs-CZ", **PHONE)
    alena.sign_in("Alena", "Zahrada")
    page = alena.page
    expect(page.locator(".my-rooms li")).to_have_count(1)
    page.fill("#text", "half a sentence")

    def ask(name: str) -> None:
        page.locator("#opening summary").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#opening-name")).to_be_focused()
        page.keyboard.type(name)
        page.keyboard.press("Enter")

    ask(" Nova  dilna ")
    expect(page.locator("h1")).to_have_text("Nova dilna")
    expect(page).to_have_url(f"{server.url}/Nova%20dilna")
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#people li")).to_contain_text("Alena")
    ask("zahrada")
    expect(page.locator("h1")).to_have_text("Zahrada")
    expect(page.locator(".my-rooms li")).to_have_count(2)
    expect(page.locator("#text")).to_have_value("half a sentence")
    ask("!?")
    expect(page.locator("#opening output")).to_have_text("There can be no room of this name.")
    page.keyboard.press("Escape")
    expect(page.locator("#opening summary")).to_be_focused()
    expect(page.locator("#opening-name")).to_be_hidden()

    with httpx.Client(base_url=server.url) as brana:
        brana.post("/login", data={"email": "Brana", "password": PASSWORD})
        brana.get("/Sklep")
        brana.post("/info/settings/3", data={"description": "", "locked": "all", "password": "petrolej"})
    host.page.goto("/Zahrada")
    host.page.fill("#nick", "Hostka")
    host.page.get_by_role("button", name="Vstoupit bez registrace").click()
    host.is_alive()
    host.page.get_by_role("button", name="Místnosti a další").tap()
    host.page.get_by_text("Otevřít místnost").tap()
    host.page.fill("#opening-name", "SKLEP")
    host.page.press("#opening-name", "Enter")
    expect(host.page.locator("#nav")).to_be_hidden()
    host.page.fill("#room-password", "petrolej")
    host.page.press("#room-password", "Enter")
    expect(host.page.locator("#text")).to_be_visible()
    expect(host.page.locator("h1")).to_have_text("Sklep")
    assert alena.problems == host.problems == []
