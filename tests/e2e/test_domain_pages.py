"""Domains, their keys and money in a real browser: what members do with them, accessible in both themes."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from beseda.testing import BesedaServer
from e2e.browser import PASSWORD, PHONE, Visitor, members, needs_browser
from e2e.test_pages import violations
from resolver import SmallDns

pytestmark = [needs_browser, pytest.mark.long]


def change(page: Page, name: str) -> None:
    """Open what can be changed of a domain."""
    page.locator("summary", has_text=f"Change {name}").click()


def test_members_have_domains_make_keys_and_hand_over(browser: Browser) -> None:
    """On a wide light screen and a dark phone; each state is looked at by axe-core."""
    found: dict[str, object] = {}
    with SmallDns() as small:
        settings = {
            "domains.zones": [],
            "domains.ownership": "proof",
            "domains.resolvers": [small.address],
            "dns.listen": ["127.0.0.1:0"],
            "dns.name_servers": ["ns1.beseda.example"],
        }
        with BesedaServer(settings) as server:
            members(server, "Alena", "Brana")
            server.credit("Alena", "1234.50")
            alena = Visitor(browser, server.url, color_scheme="light", bypass_csp=True)
            brana = Visitor(browser, server.url, color_scheme="dark", bypass_csp=True, **PHONE)
            alena.sign_in("Alena", "-/letters")
            page = alena.page
            page.get_by_role("link", name="Domains").click()
            expect(page.locator("main")).to_contain_text("No domain yet.")
            found["no domains"] = violations(page)
            page.fill("#name", "příklad.cz")
            page.press("#name", "Enter")
            expect(page.get_by_role("status")).to_contain_text("Now show that the domain is yours")
            found["a claim"] = violations(page)
            record, value = page.locator("code", has_text="_beseda"), page.locator("code", has_text="beseda=")
            small.records[record.inner_text(), "TXT"] = [f'"{value.inner_text()}"']
            page.get_by_role("button", name="Look again").click()
            expect(page.get_by_role("status")).to_have_text("The domain is yours.")
            page.get_by_role("link", name="Keys příklad.cz").click()
            found["no keys"] = violations(page)
            page.get_by_role("link", name="for certificates").click()
            page.fill("#password", PASSWORD)
            page.press("#password", "Enter")
            expect(page.locator("#made")).to_be_focused()
            expect(page.locator("pre").first).to_contain_text("update add _acme-challenge.xn--pklad-zsa96e.cz")
            found["a new key"] = violations(page)
            page.locator("summary", has_text="Revoke certbot").click()
            page.fill("input[id^=key-]", PASSWORD)
            page.locator(".revoke button").click()
            expect(page.get_by_role("status")).to_contain_text("The key is revoked.")
            page.get_by_role("link", name="Make a token for this domain").click()
            expect(page.locator("#zones")).to_have_value("xn--pklad-zsa96e.cz")
            found["a token begun"] = violations(page)
            page.goto("/-/balance")
            expect(page.locator("table")).to_contain_text("+1,234.50")
            found["money"] = violations(page)
            page.goto("/-/domains")
            change(page, "příklad.cz")
            page.locator("input[name=nick]").fill("brana")
            page.locator("input[name=nick]").press("Enter")
            expect(page.get_by_role("status")).to_contain_text("It is offered.")
            brana.sign_in("Brana", "-/domains")
            found["an offer, on a phone"] = violations(brana.page)
            brana.page.get_by_role("button", name="Take it").click()
            expect(brana.page.get_by_role("status")).to_contain_text("The domain is yours now")
            change(brana.page, "příklad.cz")
            found["a domain, on a phone"] = violations(brana.page)
            brana.page.get_by_role("button", name="Remove příklad.cz").click()
            expect(brana.page.locator("main")).to_contain_text("can be brought back until")
            found["removed, on a phone"] = violations(brana.page)
            brana.page.get_by_role("button", name=re.compile("Bring it back")).click()
            expect(brana.page.get_by_role("link", name="Keys příklad.cz")).to_be_visible()
            brana.page.get_by_role("link", name="Keys příklad.cz").click()
            found["keys, on a phone"] = violations(brana.page)
            brana.page.goto("/-/balance")
            found["no money, on a phone"] = violations(brana.page)
            assert brana.page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]
            assert alena.problems == brana.problems == []
    assert {state: each for state, each in found.items() if each} == {}
