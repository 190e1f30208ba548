"""`make screenshots`: every page as people see it, wide and on a phone, light and dark, into docs/screenshots.

Made on a server of its own with made-up people; needs Chromium. Look at each of them afterwards. With names of pages
(`python tools/screenshots.py letters room`) only these are taken.
"""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from beseda.core.caller import Caller
from beseda.domain.sessions import Handle
from beseda.testing import BesedaServer
from e2e.browser import PASSWORD, PHONE, Visitor, chromium, members

FOLDER = Path(__file__).parents[1] / "docs/screenshots"
WANTED = frozenset(sys.argv[1:])
SCREENS = {"wide": {"viewport": {"width": 1280, "height": 800}}, "phone": PHONE}
NICKS = ("Alena", "Boris", "Cyril", "Dana", "Žaneta")
ROOMS = {
    "Kavárna": "Pro všechny, kdo mají čas na kávu",
    "Zahrada": "Co roste, kvete a plodí",
    "Praha": "",
    "Výlety": "Kam o víkendu, a jak se tam dostat",
}
TALK = (
    ("Boris", "Ahoj všem!"),
    ("Boris", "Kdo jde zítra na výlet?"),
    ("Cyril", "Já! Sejdeme se v devět u nádraží?"),
    ("Dana", "Přidám se, ale až v deset. Beru termosku ☕"),
    ("Boris", "Alena, půjdeš taky?"),
    ("Boris", "/w Alena Mám pro tebe tu knížku."),
    (
        "Žaneta",
        "Tak zítra! A vezměte si dobré boty, po dešti tam bude bláto až po kotníky a autobus zpátky jede jen jednou.",
    ),
)
SIGNED_OUT = {
    "start-guest": "/",
    "sign-in": "/login?to=Kavárna",
    "register": "/register",
    "look": "/-/look",
    "return": "/-/return",
}
SIGNED_IN = {
    "start": "/",
    "profile": "/p/Boris",
    "room-info": "/info/1",
    "letters-list": "/-/letters",
    "letters": "/-/letters?with=2",
    "account": "/-/account",
    "account-contacts": "/-/account/contacts",
    "account-password": "/-/account/password",
    "account-sessions": "/-/account/sessions",
    "account-people": "/-/account/people",
    "account-tokens": "/-/account/tokens",
    "account-data": "/-/account/data",
    "new-room": "/Nová",
    "missing": "/-/nothing",
}


def fill(server: BesedaServer) -> None:
    """Rooms, people, what they said, and letters."""
    core = server.core
    for name, description in ROOMS.items():
        server.run(core.rooms.add(name, description=description))
    members(server, *NICKS)
    callers: dict[str, Caller] = {}
    for nick in NICKS:
        signed_in = server.run(core.auth.sign_in(nick, PASSWORD, kind=Handle.COOKIE, address="192.0.2.7"))
        callers[nick] = Caller("192.0.2.7", signed_in.account, signed_in.session)
        if nick != "Alena":
            server.run(core.rooms.enter(callers[nick], "Kavárna"))
            server.run(core.rooms.enter(callers[nick], "Zahrada"))
    room = server.run(core.rooms.enter(callers["Alena"], "Kavárna"))
    for nick, text in TALK:
        server.clock.move(7)
        server.run(core.messages.post(callers[nick], room, text))
    boris, alena = callers["Boris"].signed_in()[0], callers["Alena"].signed_in()[0]
    for writer, to, text in (
        (callers["Boris"], alena, "Ahoj Aleno, díky za včerejšek!"),
        (callers["Alena"], boris, "Není zač. Příště u tebe?"),
        (callers["Boris"], alena, "Platí. V sobotu peču koláč."),
        (callers["Dana"], alena, "Pošleš mi prosím ten recept?"),
    ):
        server.clock.move(60)
        server.run(core.mail.send(writer, to.id, text))
    server.run(core.search_index.settle())
    server.run(core.tokens.add(alena.id, "ozvěna", core.tokens.scope(bot=True, rooms=[room]), 90))
    server.run(core.tokens.add(alena.id, "certbot", core.tokens.scope(zones=["example.org"], types=["TXT"])))
    server.run(core.notes.write(callers["Alena"], boris.id, "z Brna, má psa"))
    server.run(core.ignoring.set_ignored(callers["Alena"], callers["Cyril"].signed_in()[0].id, True))
    server.run(core.ignoring.set_ignored(callers["Alena"], callers["Cyril"].signed_in()[0].id, False))


def take(page: Page, name: str, screen: str, theme: str) -> None:
    if WANTED and name not in WANTED:
        return
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    page.screenshot(path=str(FOLDER / f"{name}-{screen}-{theme}.png"))


def visit(browser: Browser, url: str, screen: str, theme: str) -> None:
    """All pages on one screen in one theme."""
    visitor = Visitor(browser, url, "cs-CZ", color_scheme=theme, **SCREENS[screen])
    page = visitor.page
    for name, path in SIGNED_OUT.items():
        page.goto(path)
        take(page, name, screen, theme)
    visitor.sign_in("Alena", "Kavárna")
    page.locator(".line").first.wait_for()
    take(page, "room", screen, theme)
    page.locator(".author .nick", has_text="Boris").last.click()
    page.locator("dialog .card-head").wait_for()
    take(page, "card", screen, theme)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="O místnosti").click()
    page.locator("dialog .facts").wait_for()
    take(page, "room-about", screen, theme)
    page.keyboard.press("Escape")
    page.locator(".search-button").click()
    page.fill("#seek", "výlet")
    page.locator(".hit").first.wait_for()
    take(page, "room-search", screen, theme)
    page.keyboard.press("Escape")
    if screen == "phone":
        page.locator(".drawer-left").click()
        take(page, "room-menu", screen, theme)
        page.keyboard.press("Escape")
    visitor.context.set_offline(True)
    page.locator(".offline").wait_for()
    page.fill("#text", "Jdu taky!")
    page.press("#text", "Enter")
    take(page, "offline", screen, theme)
    visitor.context.set_offline(False)
    page.locator(".outgoing").wait_for(state="detached")
    for name, path in SIGNED_IN.items():
        page.goto(path)
        take(page, name, screen, theme)
    visitor.context.close()


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for screen in SCREENS:
        for theme in ("light", "dark"):
            with BesedaServer() as server, chromium() as browser:
                fill(server)
                visit(browser, server.url, screen, theme)


if __name__ == "__main__":
    main()
