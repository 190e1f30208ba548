"""`make screenshots`: every page as people see it, wide and on a phone, light and dark, into docs/screenshots.

Made on a server of its own with made-up people; needs Chromium. Look at each of them afterwards. With names of pages
(`python tools/screenshots.py letters room`) only these are taken.
"""

import io
import math
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from authenticators import read
from beseda.core.caller import Caller
from beseda.core.domains import NewDomain
from beseda.core.zone_files import How, WrittenSet
from beseda.domain.errors import DomainUnproven
from beseda.domain.ids import RoomId
from beseda.domain.ledger import Pocket
from beseda.domain.operators import OperatorRole
from beseda.domain.rooms import Lock
from beseda.domain.samples import Sample
from beseda.domain.sessions import Handle
from beseda.domain.zone_keys import KeyScope
from beseda.testing import BesedaServer
from e2e.browser import PASSWORD, PHONE, Visitor, chromium, members
from resolver import SmallDns

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
DNS = {
    "domains.zones": [],
    "domains.ownership": "proof",
    "dns.listen": ["127.0.0.1:5399"],
    "dns.name_servers": ["ns1.beseda.example", "ns2.beseda.example"],
}
SIGNED_OUT = {
    "start-guest": "/",
    "sign-in": "/login?to=Kavárna",
    "register": "/register",
    "look": "/-/look",
    "return": "/-/return",
    "password-link": "/-/password",
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
    "account-second-factor": "/-/account/second-factor",
    "account-data": "/-/account/data",
    "room-read": "/-/read?room=1",
    "room-discussion": "/info/discussion/1",
    "letters-plain": "/msg?with=2",
    "domains": "/-/domains",
    "keys": "/-/domains/zahrada.example/keys?for=certificates",
    "balance": "/-/balance",
    "new-room": "/Nová",
    "missing": "/-/nothing",
}
AS_ADMIN = {"room-settings": "/info/1", "room-log": "/info/log/1", "room-reports": "/info/reports/1"}
ZONE = "/-/domains/xn--pklad-zsa96e.cz"
DOMAIN = {
    "domain": "",
    "domain-new": "?edit=new",
    "domain-history": "/history",
    "domain-change": "/history?step=3",
    "domain-import": "/import",
    "domain-none": "x",
}
RECORDS = """
@ 3600 IN A 192.0.2.80
@ IN AAAA 2001:db8::80
@ IN MX 10 mail
@ IN TXT "v=spf1 mx -all"
@ IN CAA 0 issue "ca.example.org"
www IN CNAME @
mail IN A 192.0.2.25
xn--aj-dma IN A 192.0.2.81
_sip._tcp IN SRV 0 5 5060 sip.example.org.
klic._domainkey IN TXT "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo4lgOEe"
*.lab 60 IN A 192.0.2.90
"""
ADMIN = {
    "admin": "",
    "admin-members": "members",
    "admin-member": "do/account/show?nick=Boris",
    "admin-rename": "do/account/rename?nick=Boris",
    "admin-delete": "do/room/delete?room=Zahrada",
    "admin-reports": "reports",
    "admin-domains": "domains",
    "admin-limits": "limits",
    "admin-audit": "audit",
    "admin-backups": "backups",
    "admin-health": "health?examine=1",
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
    fill_domains(server, callers["Alena"], callers["Boris"])
    fill_zone(server, callers["Alena"])
    fill_admin(server)


def fill_domains(server: BesedaServer, alena: Caller, boris: Caller) -> None:
    """What Alena has, waits for, is offered and has removed; a key; money that moved."""
    core = server.core
    for name, nick in (
        ("zahrada.example", "Alena"),
        ("příklad.example", "Alena"),
        ("stara.example", "Alena"),
        ("vylety.example", "Boris"),
    ):
        server.domain(name, nick)
    server.run(core.domains.remove(alena, ["stara.example"]))
    server.run(core.handovers.offer(boris, "vylety.example", "Alena"))
    with suppress(DomainUnproven):
        server.run(core.domains.add(alena, NewDomain("kavarna.example")))
    scope = KeyScope(names=("_acme-challenge.*",), types=("TXT",))
    server.run(core.zone_keys.add(alena, "zahrada.example", "certbot", scope))
    account, _ = alena.signed_in()
    server.run(core.billing.credit(account.id, Pocket.REAL, 1_500_00, "Vklad"))
    server.run(core.billing.credit(account.id, Pocket.BONUS, 50_00, "Dárek k výročí"))
    server.run(core.billing.charge(account.id, 199_00, "zahrada.example na rok"))


def fill_zone(server: BesedaServer, alena: Caller) -> None:
    """A domain with records, and a little history."""
    files = server.core.zone_files
    name = server.domain("příklad.cz", "Alena")
    server.run(files.read_in(alena, name, RECORDS, How()))
    server.clock.move(3_600)
    server.run(files.put(alena, name, WrittenSet("mail", "A", ("192.0.2.26",), 600), How()))


def fill_admin(server: BesedaServer) -> None:
    """An operator, a report, and a day of a server's life."""
    core = server.core
    alena = server.run(core.accounts.find("Alena"))
    server.run(core.operators.grant(alena.id, OperatorRole.OWNER))
    server.run(core.operators.note("root (command line)", "operator/grant", '{"nick": "Alena"}', "done"))
    dana = server.run(core.auth.sign_in("Dana", PASSWORD, kind=Handle.COOKIE, address="192.0.2.7"))
    room = server.run(core.rooms.find_by_name("Kavárna"))
    if room is not None:
        server.run(core.moderation.report(Caller("192.0.2.7", dana.account, dana.session), room.id, 8, "křičí"))
    now = server.clock.now().replace(second=0, microsecond=0)
    for minute in range(0, 24 * 60, 3):
        busy = 1.2 + math.sin(minute / 230) + math.sin(minute / 31) / 4
        calls = round(900 * busy)
        counts = (round(60 * busy), round(34 * busy), round(20 * busy), round(70 * busy * busy), calls)
        slow = (calls * 900, round(9_000 * busy), int(minute % 480 == 0), 20 * 2**30 - minute * 2**20)
        server.run(core.samples.note(Sample(now - timedelta(minutes=minute), "uzel", *counts, *slow)))


def is_wanted(name: str) -> bool:
    return not WANTED or name in WANTED


def take_all(page: Page, paths: dict[str, str], screen: str, theme: str) -> None:
    for name, path in paths.items():
        if is_wanted(name):
            page.goto(path)
            take(page, name, screen, theme)


def take(page: Page, name: str, screen: str, theme: str) -> None:
    if not is_wanted(name):
        return
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    page.screenshot(path=str(FOLDER / f"{name}-{screen}-{theme}.png"))


def drawn() -> bytes:
    """A picture: a sun over a hill."""
    picture = Image.new("RGB", (900, 600), "#bcd9f2")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((520, 90, 660, 230), fill="#f6c445")
    pen.ellipse((-200, 330, 1000, 1200), fill="#5f9a57")
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def set_admin(server: BesedaServer, nick: str, admin: bool, name: str = "Kavárna") -> RoomId:
    """Of a room, of which it is the number."""
    room = server.run(server.core.rooms.find_by_name(name))
    if room is None:
        raise SystemExit(f"there is no room {name}")
    server.run(server.core.rooms.set_admin(room.id, server.run(server.core.accounts.find(nick)).id, admin))
    return room.id


def kick_and_lock(server: BesedaServer) -> None:
    """Alena is taken out of the first room by its admin, who has locked another."""
    core = server.core
    signed_in = server.run(core.auth.sign_in("Boris", PASSWORD, kind=Handle.COOKIE, address="192.0.2.7"))
    boris = Caller("192.0.2.7", signed_in.account, signed_in.session)
    alena = server.run(core.accounts.find("Alena"))
    server.run(core.moderation.kick(boris, set_admin(server, "Boris", True), alena.id, "moc křičíš"))
    locked = set_admin(server, "Boris", True, "Výlety")
    server.run(core.rooms.enter(boris, "Výlety"))
    server.run(core.settings.change(boris, locked, lock=Lock.ALL, password=PASSWORD))


def visit(browser: Browser, server: BesedaServer, screen: str, theme: str) -> None:
    """All pages on one screen in one theme."""
    visitor = Visitor(browser, server.url, "cs-CZ", color_scheme=theme, **SCREENS[screen])
    page = visitor.page
    take_all(page, SIGNED_OUT, screen, theme)
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
    take_all(page, SIGNED_IN, screen, theme)
    visit_domains(page, screen, theme)
    page.goto("/-/account")
    page.set_input_files("#picture", {"name": "me.png", "mimeType": "image/png", "buffer": drawn()})
    page.get_by_role("application").scroll_into_view_if_needed()
    take(page, "account-picture", screen, theme)
    set_admin(server, "Alena", True)
    take_all(page, AS_ADMIN, screen, theme)
    set_admin(server, "Alena", False)
    kick_and_lock(server)
    take_all(page, {"kicked": "/Kavárna", "locked": "/Výlety", "signed-out": "/logout"}, screen, theme)
    visitor.context.close()


def visit_domains(page: Page, screen: str, theme: str) -> None:
    """What is done with domains, beside looking at them."""
    if WANTED and not any(name.startswith(("domain", "keys")) for name in WANTED):
        return
    page.goto("/-/domains")
    page.locator("summary", has_text="zahrada").click()
    take(page, "domains-change", screen, theme)
    page.goto("/-/domains/zahrada.example/keys?for=certificates")
    page.fill("#name", "lego")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.locator("#made").wait_for()
    take(page, "keys-made", screen, theme)
    visit_zone(page, screen, theme)


def visit_zone(page: Page, screen: str, theme: str) -> None:
    """The pages of a domain's records; of its table also a record that is wrong, and one that is checked."""
    take_all(page, {name: ZONE + path for name, path in DOMAIN.items()}, screen, theme)
    page.goto(f"{ZONE}?edit=1")
    for name, text in (("domain-wrong", "192.0.2.800"), ("domain-checked", "192.0.2.81")):
        page.fill("#edit-data", text)
        page.locator(".editing button[value=check]").click()
        page.locator("#edit-wrong, .editing .diff").first.wait_for()
        take(page, name, screen, theme)


def visit_admin(browser: Browser, server: BesedaServer, screen: str, theme: str) -> None:
    """The admin's pages, at their own address."""
    visitor = Visitor(browser, server.beseda.ops_url, "cs-CZ", color_scheme=theme, **SCREENS[screen])
    page = visitor.page
    page.goto("/admin/")
    take(page, "admin-sign-in", screen, theme)
    page.fill("#login", "Alena")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.locator(".qr").wait_for()
    take(page, "admin-second-factor", screen, theme)
    page.fill("#second", read(server, page.locator("#secret").input_value()).code())
    page.press("#second", "Enter")
    page.locator("main .button").click()
    page.locator(".leave").wait_for()
    take_all(page, {name: f"/admin/{path}" for name, path in ADMIN.items()}, screen, theme)
    visitor.context.close()


def part(browser: Browser, server: BesedaServer, screen: str, theme: str) -> None:
    """Dana asks to be deleted, after all others have been seen with her."""
    visitor = Visitor(browser, server.url, "cs-CZ", color_scheme=theme, **SCREENS[screen])
    visitor.sign_in("Dana", "-/account/data")
    visitor.page.fill("#delete-password", PASSWORD)
    visitor.page.press("#delete-password", "Enter")
    visitor.page.locator(".lead").wait_for()
    take(visitor.page, "deleted", screen, theme)
    visitor.context.close()


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for screen in SCREENS:
        for theme in ("light", "dark"):
            with (
                SmallDns() as small,
                BesedaServer(DNS | {"domains.resolvers": [small.address]}) as server,
                chromium() as browser,
            ):
                fill(server)
                if not WANTED or WANTED - ADMIN.keys() - {"admin-sign-in", "admin-second-factor"}:
                    visit(browser, server, screen, theme)
                if not WANTED or WANTED & (ADMIN.keys() | {"admin-sign-in", "admin-second-factor"}):
                    visit_admin(browser, server, screen, theme)
                if is_wanted("deleted"):
                    part(browser, server, screen, theme)


if __name__ == "__main__":
    main()
