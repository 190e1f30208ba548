"""Every page in a real browser: three languages, nothing that the policy refuses, accessible in both themes."""

import io
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from beseda.api.web.avatar import avatar
from beseda.domain.ids import AccountId, RoomId
from beseda.testing import BesedaServer
from e2e.browser import PASSWORD, PHONE, Visitor, members, needs_browser

pytestmark = needs_browser
AXE = Path(__file__).parents[2] / "tools/web/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
"""What can be wrong in one theme and right in the other."""
STILL = """() => new Promise((resolve) => {
  let timer = setTimeout(end, 150);
  const watcher = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(end, 150); });
  watcher.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  function end() { watcher.disconnect(); resolve(); }
})"""
OPEN = ("/", "/login?to=Zahrada", "/register", "/-/look", "/-/offline", "/-/return", "/-/password", "/info/1")
OWN = (
    "/",
    "/p/Brana",
    "/p/Alena",
    "/msg?with=2",
    "/-/letters",
    "/-/letters?with=2",
    "/-/account",
    "/-/account/contacts",
    "/-/account/password",
    "/-/account/sessions",
    "/-/account/people",
    "/-/account/tokens",
    "/-/account/data",
    "/Nova",
    "/-/nothing",
    "/info/1",
    "/-/read?room=1",
)
RARE = ("/-/account/second-factor", "/info/discussion/1", "/info/log/1", "/info/reports/1")


@pytest.fixture
def server() -> Iterator[BesedaServer]:
    with BesedaServer() as running:
        running.run(running.core.rooms.add("Zahrada", description="Pro všechny"))
        members(running, "Alena", "Brana")
        yield running


@pytest.fixture
def either(database: str) -> Iterator[BesedaServer]:
    """A server on this engine or that."""
    with BesedaServer({"server.database": database}) as running:
        members(running, "Alena", "Brana")
        yield running


@pytest.mark.long
@pytest.mark.parametrize(
    ("language", "words"),
    [("cs-CZ", ("Místnosti", "Můj účet")), ("ru-RU", ("Комнаты", "Моя страница")), ("en-GB", ("Rooms", "My account"))],
)
def test_three_languages_and_the_one_that_was_chosen(
    server: BesedaServer, browser: Browser, language: str, words: tuple[str, str]
) -> None:
    visitor = Visitor(browser, server.url, language)
    visitor.page.goto("/")
    expect(visitor.page.locator("h1")).to_have_text(words[0])
    visitor.sign_in("Alena", "-/account")
    expect(visitor.page.locator("h1")).to_have_text(words[1])
    visitor.page.goto("/-/look")
    visitor.page.locator("input[name=language][value=ru]").check()
    visitor.page.locator("input[name=theme][value=dark]").check()
    visitor.page.locator("main button[type=submit]").click()
    expect(visitor.page).to_have_title("Язык и вид – Beseda")
    expect(visitor.page.locator("html")).to_have_attribute("data-theme", "dark")
    elsewhere = Visitor(browser, server.url, "en-GB")
    for each in (visitor, elsewhere):
        each.sign_in("Alena", "Zahrada")
        expect(each.page.locator("#text")).to_have_attribute("placeholder", "Напишите в Zahrada")
        expect(each.page.locator("html")).to_have_attribute("data-theme", "dark")
    elsewhere.page.goto("/logout")
    expect(elsewhere.page.locator("h1")).to_have_text("Signed out")
    expect(elsewhere.page.locator("html")).to_have_attribute("data-theme", "auto")
    expect(elsewhere.page.locator("html")).to_have_attribute("lang", "en")
    assert visitor.problems == elsewhere.problems == []


@pytest.mark.long
def test_ones_own_account_by_forms(either: BesedaServer, browser: Browser) -> None:
    alena, elsewhere = Visitor(browser, either.url), Visitor(browser, either.url)
    elsewhere.sign_in("Alena")
    alena.page.goto("/-/account")
    alena.page.fill("#email", "Alena")
    alena.page.fill("#password", PASSWORD)
    alena.page.press("#password", "Enter")
    alena.page.fill("#birth_date", "1990-05-17")
    alena.page.check("input[name=age_public]")
    alena.page.locator("main form[action='/-/account'] button").click()
    expect(alena.page.get_by_role("status")).to_have_text("Your profile is saved.")
    expect(alena.page.locator("#birth_date")).to_have_value("1990-05-17")
    alena.page.goto("/-/account/contacts")
    alena.page.fill("#email", "alena@example.org")
    alena.page.fill("#password", "not this one")
    alena.page.press("#password", "Enter")
    expect(alena.page.get_by_role("alert")).to_contain_text("not right")
    expect(alena.page.locator("#email")).to_have_value("alena@example.org")
    alena.page.fill("#password", PASSWORD)
    alena.page.press("#password", "Enter")
    expect(alena.page.get_by_role("status")).to_be_visible()
    alena.page.goto("/-/account/sessions")
    expect(alena.page.locator(".rows li")).to_have_count(2)
    alena.page.get_by_role("button", name="End", exact=True).click()
    expect(alena.page.locator(".rows li")).to_have_count(1)
    elsewhere.page.goto("/-/account")
    expect(elsewhere.page).to_have_url(f"{either.url}/login?to=-/account")
    alena.page.goto("/-/account/password")
    alena.page.fill("#password", PASSWORD)
    alena.page.fill("#new", "tichy potok 34")
    alena.page.press("#new", "Enter")
    expect(alena.page.get_by_role("status")).to_contain_text("another password")
    elsewhere.page.fill("#email", "alena@example.org")
    elsewhere.page.fill("#password", "tichy potok 34")
    elsewhere.page.press("#password", "Enter")
    expect(elsewhere.page.locator("h1")).to_have_text("My account")
    assert alena.problems == elsewhere.problems == []


@pytest.mark.long
def test_the_square_of_a_picture_is_chosen(server: BesedaServer, browser: Browser) -> None:
    """By keys, or by pointer, of a file that is larger than may be sent."""
    whole = Image.new("RGB", (1200, 600), "red")
    whole.paste("blue", (600, 0, 1200, 600))
    content = io.BytesIO()
    whole.save(content, "PNG", compress_level=0)
    alena = Visitor(browser, server.url)
    page = alena.page
    alena.sign_in("Alena", "-/account")

    def shown() -> tuple[str, ...]:
        address = page.locator("main .portrait").get_attribute("src") or ""
        seen = Image.open(io.BytesIO(httpx.get(server.url + address).content)).convert("RGB")
        assert seen.size == (200, 200)
        pixels = seen.tobytes()
        return tuple("red" if pixels[place] > 128 else "blue" for place in (100 * 600, 100 * 600 + 597))

    page.set_input_files("#picture", {"name": "me.png", "mimeType": "image/png", "buffer": b"no picture"})
    refused = "This picture cannot be used. A JPEG, PNG, GIF or WebP of up to 512 KiB can."
    expect(page.locator("#picture")).to_have_js_property("validationMessage", refused)
    page.set_input_files("#picture", {"name": "me.png", "mimeType": "image/png", "buffer": content.getvalue()})
    expect(page.get_by_role("application")).to_be_focused()
    for _ in range(15):
        page.keyboard.press("ArrowLeft")
    page.get_by_role("button", name="Upload").click()
    expect(page.locator(".saved")).to_have_text("Others see your new picture.")
    assert shown() == ("red", "red")
    server.clock.move(1)
    page.goto("/-/account")
    page.set_input_files("#picture", {"name": "me.png", "mimeType": "image/png", "buffer": content.getvalue()})
    box = page.get_by_role("application").bounding_box()
    assert box
    page.mouse.move(box["x"] + 200, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 100, steps=3)
    page.mouse.move(box["x"] + 30, box["y"] + 100, steps=3)
    page.mouse.up()
    under_way: list[Route] = []

    def hold(route: Route) -> None:
        under_way.append(route)

    page.route("**/picture", hold)
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("progress")).to_be_visible()
    under_way[0].continue_()
    expect(page.locator(".saved")).to_have_text("Others see your new picture.")
    assert shown() == ("blue", "blue")
    assert alena.problems == []


@pytest.mark.long
def test_tokens_ones_data_and_goodbye_by_forms(either: BesedaServer, browser: Browser) -> None:
    alena = Visitor(browser, either.url)
    page = alena.page
    alena.sign_in("Alena", "-/account/tokens")
    page.fill("#name", "ozvěna")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    bearer = {"Authorization": f"Bearer {page.locator('#made').input_value()}"}
    assert httpx.get(f"{either.url}/live", headers=bearer).status_code != 401
    page.locator("summary", has_text="Revoke ozvěna").click()
    page.fill("input[id^=token-]", PASSWORD)
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("status")).to_contain_text("It is revoked")
    assert httpx.get(f"{either.url}/live", headers=bearer).status_code == 401
    page.goto("/-/account/data")
    page.fill("#export-password", PASSWORD)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert "profile.jsonl" in zipfile.ZipFile(download.value.path()).namelist()
    page.fill("#delete-password", PASSWORD)
    page.get_by_role("button", name="Delete in 7 days").click()
    expect(page.locator("h1")).to_have_text("Goodbye")
    page.goto("/-/account")
    expect(page).to_have_url(f"{either.url}/login?to=-/account")
    page.goto("/-/return")
    page.fill("#nick", "Alena")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    expect(page.get_by_role("status")).to_contain_text("Good to have you back.")
    assert alena.problems == []


@pytest.mark.long
def test_without_scripts_one_comes_in_reads_who_is_here_and_leaves(server: BesedaServer, browser: Browser) -> None:
    plain = Visitor(browser, server.url, java_script_enabled=False, **PHONE)
    plain.sign_in("Alena", "Zahrada")
    expect(plain.page.locator("#people")).to_be_visible()
    expect(plain.page.locator("#people")).to_contain_text("Alena")
    with httpx.Client(base_url=server.url) as brana:
        brana.post("/login", data={"email": "Brana", "password": PASSWORD})
        brana.get("/Zahrada")
        brana.post("/json/getText", data={"roomId": 1, "text": "<b>Good day</b>"})
    plain.page.get_by_role("link", name="Read the newest lines").click()
    expect(plain.page.locator(".posts")).to_contain_text("<b>Good day</b>")
    plain.page.get_by_role("link", name="Who is here").click()
    plain.page.locator("#opening summary").click()
    plain.page.fill("#opening-name", "Nova")
    plain.page.press("#opening-name", "Enter")
    plain.page.get_by_role("button", name="Open the room").click()
    expect(plain.page.locator("h1")).to_have_text("Nova")
    plain.page.get_by_role("link", name="Leave the room").click()
    expect(plain.page.locator("h1")).to_have_text("Rooms")


OUTSIDE = """() => [...document.querySelectorAll("h1, h2, p, a, button, input, select, textarea")].filter((each) => {
  const { left, right, width } = each.getBoundingClientRect();
  const seen = width && each.checkVisibility({ visibilityProperty: true }) && !each.closest(".tabs, .skip");
  return seen && (left < -1 || right > document.documentElement.clientWidth + 1);
}).map((each) => each.outerHTML.slice(0, 120))"""
"""What sticks out of the page; tabs are moved on a phone."""


SMALL = """() => {
  const controls = document.querySelectorAll("button, .button, input, select, textarea, summary, nav a");
  return [...controls].filter((each) => {
    const { width, height } = (each.closest("label.inline") ?? each).getBoundingClientRect();
    const seen = width && each.checkVisibility({ visibilityProperty: true }) && !each.closest(".line.system");
    return seen && (width < 44 || height < 44);
  }).map((each) => each.outerHTML.slice(0, 120));
}"""
"""What a finger does not hit well; nicks within a sentence are as large as that."""


@pytest.mark.long
def test_longer_texts_break_no_page_and_fingers_hit_what_is_there(server: BesedaServer, browser: Browser) -> None:
    """On a phone, where there is the least room, in the language that is made up: all texts are longer by a third."""
    visitor = Visitor(browser, server.url, **PHONE)
    page, found = visitor.page, {}
    visitor.context.add_cookies([{"name": "beseda_language", "value": "qps", "url": server.url}])

    def look(what: str) -> None:
        be_drawn(page)
        sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found[what] = [
            *page.evaluate(OUTSIDE),
            *page.evaluate(SMALL),
            *([f"{sideways} px sideways"] if sideways > 0 else []),
        ]

    for path in OPEN:
        page.goto(path)
        look(path)
    visitor.sign_in("Alena", "Zahrada")
    server.run(server.core.rooms.set_admin(RoomId(1), AccountId(1), True))
    for text in ("one", "two", "three"):
        visitor.say(text)
        expect(page.locator(".said", has_text=text)).to_have_count(1)
        expect(page.locator(".outgoing")).to_have_count(0)
    look("room")
    page.locator(".said", has_text="two").tap()
    menu = page.locator(".line", has_text="two").locator(".line-menu")
    expect(menu).to_have_css("opacity", "1")
    menu.tap()
    expect(page.locator("dialog blockquote")).to_have_text("two")
    look("the menu of a line")
    page.keyboard.press("Escape")
    assert " ~]" in (page.locator("#text").get_attribute("placeholder") or "")
    for path in OWN + RARE:
        page.goto(path)
        look(f"own {path}")
    assert {what: each for what, each in found.items() if each} == {}
    assert visitor.problems == []


def be_drawn(page: Page) -> None:
    """Until what it asked for is there, and for a moment nothing has changed."""
    expect(page.locator(".skeleton")).to_have_count(0)
    page.evaluate(STILL)


def violations(page: Page, *, colours_alone: bool = False) -> list[Any]:
    """What axe-core finds against WCAG 2.2 AA."""
    be_drawn(page)
    page.evaluate(AXE.read_text("utf-8"))
    asked = COLOURS if colours_alone else RULES
    # Where it tells of what is right, too, it takes five times as long: it seeks a selector for each element.
    options = f"{{runOnly: {asked}, resultTypes: ['violations']}}"
    found = page.evaluate(f"axe.run({options}).then((results) => results.violations)")
    return [(each["id"], [node["html"][:120] for node in each["nodes"]][:3]) for each in found]


def outside(server: BesedaServer, page: Page, look: Callable[[Page], list[Any]]) -> dict[str, list[Any]]:
    """Of pages that say why one is not in: locked, taken out, signed out."""
    found = {}
    with httpx.Client(base_url=server.url) as brana:
        brana.post("/login", data={"email": "Brana", "password": PASSWORD})
        brana.post("/Sklep")
        for command in ("/l", "/kick Alena dost"):
            brana.post("/json/getText", data={"roomId": 2, "text": command})
            page.goto("/Sklep")
            expect(page.locator("h1")).to_have_text("Sklep")
            found[command] = look(page)
    page.goto("/logout")
    return found | {"signed out": look(page)}


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_axe_finds_nothing(server: BesedaServer, browser: Browser, theme: str, screen: str) -> None:
    assert AXE.exists(), "make node fetches axe-core"
    more: dict[str, Any] = PHONE if screen == "phone" else {}
    visitor = Visitor(browser, server.url, color_scheme=theme, bypass_csp=True, **more)
    look = partial(violations, colours_alone=theme == "dark")
    found = {}
    for path in OPEN:
        visitor.page.goto(path)
        found[path] = look(visitor.page)
    visitor.sign_in("Alena", "Zahrada")
    visitor.say("Hello https://example.org")
    visitor.sees("Hello")
    found["room"] = look(visitor.page)
    visitor.page.locator(".author .nick").last.click()
    visitor.page.locator("dialog .card-head").wait_for()
    found["card"] = look(visitor.page)
    visitor.page.keyboard.press("Escape")
    for role in ("member", "main admin"):
        visitor.page.get_by_role("button", name="About the room").click()
        visitor.page.locator("dialog .facts").wait_for()
        found[f"about the room, {role}"] = look(visitor.page)
        visitor.page.keyboard.press("Escape")
        server.run(server.core.rooms.set_admin(RoomId(1), AccountId(1), True))
    visitor.page.locator(".search-button").click()
    visitor.page.fill("#seek", "nothing")
    visitor.page.locator(".search-column .empty").wait_for()
    found["search"] = look(visitor.page)
    visitor.page.goto("/-/letters?with=2")
    visitor.say("Hello by letter")
    visitor.page.locator(".letter .state", has_text="sent").wait_for()
    found["letter"] = look(visitor.page)
    visitor.page.locator(".letter").hover()
    visitor.page.locator(".letter .line-menu").click()
    found["letter's menu"] = look(visitor.page)
    visitor.page.keyboard.press("Escape")
    if screen == "phone":
        visitor.page.locator(".back").click()
    visitor.page.get_by_role("button", name="New letter").click()
    found["new letter"] = look(visitor.page)
    for path in OWN + (RARE if screen == "wide" else ()):
        visitor.page.goto(path)
        found[f"own {path}"] = look(visitor.page)
    visitor.page.goto("/-/account")
    visitor.page.set_input_files("#picture", {"name": "me.png", "mimeType": "image/png", "buffer": avatar(1)})
    visitor.page.get_by_role("application").wait_for()
    found["a picture is cut"] = look(visitor.page)
    if screen == "wide":
        found |= outside(server, visitor.page, look)
    assert {path: each for path, each in found.items() if each} == {}
