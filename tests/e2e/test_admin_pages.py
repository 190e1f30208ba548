"""The admin's pages in a browser: by forms alone, also without scripts, and axe finds nothing."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from authenticators import Authenticator, read
from beseda.domain.operators import OperatorRole
from beseda.domain.samples import Sample
from beseda.testing import BesedaServer
from e2e.browser import PASSWORD, PHONE, Visitor, members, needs_browser
from e2e.test_pages import AXE, violations

pytestmark = needs_browser
PAGES = (
    "",
    "?span=hour",
    "members",
    "rooms",
    "reports",
    "apps",
    "tokens",
    "domains",
    "limits",
    "audit",
    "other",
    "backups",
    "health",
    "health?examine=1",
    "do/account/show?nick=Alena",
    "do/account/add",
    "do/account/role?nick=Alena",
    "do/room/delete?room=Zahrada",
    "do/domain/key/add",
    "do/room/list?q=nothing",
    "nothing",
)


def fill(server: BesedaServer) -> None:
    """An operator, a room, and what was measured in an hour."""
    members(server, "Alena", "Boris")
    alena = server.run(server.core.accounts.find("Alena"))
    server.run(server.core.operators.grant(alena.id, OperatorRole.OWNER))
    server.run(server.core.rooms.add("Zahrada", description="Pro všechny"))
    now = server.clock.now().replace(second=0, microsecond=0)
    for minute in range(60):
        at = now - timedelta(minutes=minute)
        counts = (40 + minute % 7, 12 * minute, 9, 30, 500, 900_000, 40_000 + minute, minute % 2, 10**10)
        server.run(server.core.samples.note(Sample(at, "example", *counts)))


def come_in(
    browser: Browser,
    server: BesedaServer,
    phone: Authenticator | None = None,
    look: Callable[[Page], None] = lambda page: None,
    **more: Any,
) -> tuple[Visitor, Authenticator]:
    """Alena, with the code of her telephone, or with one that she gets on the way: `look` is had at that."""
    visitor = Visitor(browser, server.beseda.ops_url, **more)
    page = visitor.page
    page.goto("/admin/rooms")
    page.fill("#login", "Alena")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    if is_new := phone is None:
        phone = read(server, page.locator("#secret").input_value())
        look(page)
    page.fill("#second", phone.code())
    page.press("#second", "Enter")
    if is_new:
        expect(page.locator(".recovery li")).to_have_count(10)
        page.get_by_role("link", name="I have written them down").click()
    expect(page.locator("h1")).to_have_text("Rooms")
    return visitor, phone


@pytest.mark.long
def test_a_deed_by_a_form(browser: Browser, database: str) -> None:
    with BesedaServer({"server.database": database}) as server:
        fill(server)
        visitor, phone = come_in(browser, server, java_script_enabled=False)
        page = visitor.page
        page.goto("/admin/members")
        page.get_by_role("link", name="Show Boris").click()
        page.get_by_role("link", name="Give a member another nick").click()
        expect(page.get_by_label("Nick", exact=True)).to_have_value("Boris")
        page.get_by_label("New").fill("Alena")
        page.get_by_label("I am sure.").check()
        page.get_by_role("button", name="Rename").click()
        expect(page.get_by_role("alert")).to_have_text("Somebody has this nick already.")
        server.move_clock(601)
        page.get_by_label("New").fill("Bořek")
        page.get_by_label("I am sure.").check()
        page.get_by_role("button", name="Rename").click()
        expect(page.get_by_role("alert")).to_contain_text("Please give your own password")
        expect(page.get_by_label("New")).to_have_value("Bořek")
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_label("The code of your second factor").fill(phone.code())
        page.get_by_label("I am sure.").check()
        page.get_by_role("button", name="Rename").click()
        expect(page.get_by_role("status")).to_have_text("Done.")
        expect(page.locator("dl")).to_contain_text("Bořek")
        page.goto("/admin/audit")
        expect(page.locator("tbody tr").first).to_contain_text("account/rename")
        page.goto("/admin/?span=hour")
        expect(page.locator(".chart svg")).to_have_count(6)
        page.get_by_text("The same in numbers").click()
        expect(page.locator("details tbody tr")).to_have_count(49)
        page.get_by_role("button", name="Sign out").click()
        expect(page.locator("h1")).to_have_text("Signing in")
        assert visitor.problems == []
        visitor.context.close()


@pytest.mark.timeout(300)
@pytest.mark.long
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, theme: str) -> None:
    assert AXE.exists(), "make node fetches axe-core"
    look = partial(violations, colours_alone=theme == "dark")
    found = {}
    with BesedaServer() as server:
        fill(server)
        phone = None
        for screen in ("wide", "phone"):
            more = PHONE if screen == "phone" else {}
            visitor = Visitor(browser, server.beseda.ops_url, color_scheme=theme, bypass_csp=True)
            visitor.page.goto("/admin/sign-in")
            found[f"{screen} sign-in"] = look(visitor.page)
            visitor.context.close()
            see: dict[str, Any] = {"color_scheme": theme, "bypass_csp": True, **more}
            visitor, phone = come_in(browser, server, phone, lambda page: found.update(new=look(page)), **see)
            for path in PAGES:
                visitor.page.goto(f"/admin/{path}")
                found[f"{screen} {path}"] = look(visitor.page)
            visitor.page.goto("/admin/do/room/rename")
            visitor.page.get_by_role("button", name="Rename").evaluate("button => button.form.noValidate = true")
            visitor.page.get_by_role("button", name="Rename").click()
            found[f"{screen} refused"] = look(visitor.page)
            visitor.context.close()
    assert {path: each for path, each in found.items() if each} == {}
