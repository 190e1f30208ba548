"""The table of a domain's records in a real browser: edited in place, by keyboard, without scripts, by two at once."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from beseda.core.zone_files import How, WrittenSet
from beseda.testing import BesedaServer
from e2e.browser import PHONE, Visitor, members, needs_browser
from e2e.test_pages import violations

pytestmark = [needs_browser, pytest.mark.long]
ZONE = "/-/domains/xn--pklad-zsa96e.cz"
LONG = "v=DKIM1; p=" + "Ab/" * 120
FILE = f'@ MX 10 mail\nmail A 192.0.2.25\nxn--aj-dma A 192.0.2.1\nk TXT "{LONG[:200]}" "{LONG[200:]}"\n'


@pytest.fixture
def server() -> Iterator[BesedaServer]:
    with BesedaServer() as running:
        members(running, "Alena")
        running.domain("příklad.cz", "Alena")
        running.run(running.core.zone_files.read_in(None, "příklad.cz", FILE, How()))
        yield running


def texts(server: BesedaServer, name: str, type_: str) -> list[str]:
    _, sets = server.run(server.core.zone_files.read(None, "příklad.cz"))
    return [data.text for each in sets if each.key == (name, type_) for data in each.data]


def press(page: Page, name: str) -> None:
    page.locator(".editing").get_by_role("button", name=name, exact=True).click()


def test_records_are_edited_in_place_by_mouse_and_keyboard(server: BesedaServer, browser: Browser) -> None:
    alena = Visitor(browser, server.url)
    alena.sign_in("Alena")
    page = alena.page
    page.goto(ZONE)
    page.evaluate("window.stays = true")
    page.keyboard.press("Tab")
    page.locator("#add").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#edit-name")).to_be_focused()
    page.keyboard.type("www")
    page.fill("#edit-data", "192.0.2.300")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#edit-wrong")).to_contain_text("no value of a record of this type")
    expect(page.locator("#edit-data")).to_be_focused()
    page.fill("#edit-data", "192.0.2.3")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".editing .diff")).to_contain_text("www 3600 A 192.0.2.3")
    assert texts(server, "www", "A") == []
    page.keyboard.press("Enter")
    expect(page.locator("#changed")).to_contain_text("192.0.2.3")
    expect(page.locator("#changed .edit")).to_be_focused()
    assert texts(server, "www", "A") == ["192.0.2.3"]
    page.keyboard.press("ArrowDown")
    expect(page.locator("tr", has_text="čaj").locator(".edit")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#edit-name")).to_have_value("xn--aj-dma")
    page.keyboard.press("Escape")
    expect(page.locator(".editing")).to_have_count(0)
    page.locator("tr", has_text="mail").last.locator("td.values").dblclick()
    expect(page.locator("#edit-data")).to_have_value("192.0.2.25")
    server.run(server.core.zone_files.put(None, "příklad.cz", WrittenSet("mail", "A", ("192.0.2.26",)), How()))
    page.fill("#edit-data", "192.0.2.27")
    press(page, "Check")
    expect(page.locator(".editing .alert")).to_contain_text("Somebody has changed this record meanwhile")
    expect(page.locator(".editing .now")).to_contain_text("192.0.2.26")
    press(page, "Check")
    alena.context.set_offline(True)
    press(page, "Save")
    expect(page.locator("#zone > .alert")).to_contain_text("No connection")
    alena.context.set_offline(False)
    press(page, "Save")
    expect(page.locator("#changed")).to_contain_text("192.0.2.27")
    page.fill("#q", "čaj")
    page.keyboard.press("Enter")
    expect(page.locator(".records tbody tr")).to_have_count(1)
    page.locator(".remove").click()
    press(page, "Remove")
    expect(page.locator("main")).to_contain_text("Nothing like that is here")
    assert page.evaluate("window.stays")
    assert alena.problems == []
    plain = Visitor(browser, server.url, java_script_enabled=False)
    plain.sign_in("Alena")
    plain.page.goto(ZONE)
    plain.page.locator("#add").click()
    plain.page.fill("#edit-data", "192.0.2.8")
    press(plain.page, "Check")
    press(plain.page, "Save")
    expect(plain.page.get_by_role("status")).to_have_text("Saved.")
    assert texts(server, "@", "A") == ["192.0.2.8"]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(server: BesedaServer, browser: Browser, theme: str) -> None:
    """On a phone where it is dark."""
    more = PHONE if theme == "dark" else {}
    visitor = Visitor(browser, server.url, color_scheme=theme, bypass_csp=True, **more)
    visitor.sign_in("Alena")
    page, found = visitor.page, {}
    for path in ("", "?edit=new", "?remove=1", "?edit=99", "/history", "/history?step=2", "/import"):
        page.goto(ZONE + path)
        found[path] = violations(page)
    page.goto(f"{ZONE}?edit=2")
    for values, there in (("none", "#edit-wrong"), ("192.0.2.1", ".editing .diff")):
        page.fill("#edit-data", values)
        press(page, "Check")
        page.locator(there).wait_for()
        found[there] = violations(page)
    page.goto(f"{ZONE}/import")
    page.fill("#text", FILE)
    page.check("input[value=replace]")
    page.get_by_role("button", name="Check").click()
    page.locator("main .made").wait_for()
    found["compared"] = violations(page)
    page.goto("/-/domains/nikde.cz")
    found["absent"] = violations(page)
    assert {path: each for path, each in found.items() if each} == {}
