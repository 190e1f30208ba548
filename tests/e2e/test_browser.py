"""A room in a real browser: two members talk, and nothing that somebody writes is ever executed."""

import contextlib
import json
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

from beseda.core.accounts import Application
from beseda.testing import BesedaServer
from e2e.browser import Browser, needs_browser

pytestmark = needs_browser
LINES = "document.getElementById('lines').innerText"
PEOPLE = "document.getElementById('people').innerText"
ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\"'><svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{7*7}}${7*7}",
)


@pytest.fixture
def server() -> Iterator[BesedaServer]:
    with BesedaServer() as running:
        running.run(running.core.rooms.add("Zimní zahrada", description="Pro <b>všechny</b>"))
        for nick in ("Alena", "Brana"):
            running.run(running.core.accounts.add(Application(nick, "kratka zima 7")))
        yield running


@contextlib.contextmanager
def enter(server: BesedaServer, nick: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url) as client:
        client.post("/login", data={"email": nick, "password": "kratka zima 7"})
        client.get("/" + quote("Zimní zahrada"))
        yield client


def say(browser: Browser, text: str) -> None:
    browser.run(f"document.getElementById('text').value = {json.dumps(text)}")
    browser.run("document.getElementById('say').requestSubmit()")


def test_members_talk(server: BesedaServer) -> None:
    with enter(server, "Alena") as alena, enter(server, "Brana") as brana, Browser() as browser:
        browser.open(f"{server.url}/{quote('Zimní zahrada')}", dict(alena.cookies))
        browser.wait_for(LINES, "Brana vstoupil")
        for attack in ATTACKS:
            brana.post("/json/getText", data={"roomId": 1, "text": attack})
        brana.post("/json/getText", data={"roomId": 1, "text": "/w Alena <i>psst</i>"})
        shown = browser.wait_for(LINES, "psst")
        for attack in ATTACKS:
            assert f"Brana: {attack}" in shown
        say(browser, "Dobrý den & vítejte")
        browser.wait_for(LINES, "Alena: Dobrý den & vítejte")
        say(browser, "/neznam")
        browser.wait_for(LINES, "Takový příkaz neznám")
        say(browser, "/kick Brana dost <b>")
        browser.wait_for(LINES, "vyhodil.*Brana odešel")
        assert "Brana" not in browser.run(PEOPLE)
        assert browser.run("document.getElementById('text').value") == ""
        assert browser.problems == []


def test_who_is_thrown_out_is_told(server: BesedaServer) -> None:
    with enter(server, "Alena") as alena, enter(server, "Brana") as brana, Browser() as browser:
        browser.open(f"{server.url}/{quote('Zimní zahrada')}", dict(brana.cookies))
        browser.wait_for("document.readyState", "complete")
        alena.post("/json/getText", data={"roomId": 1, "text": "/kick Brana dost"})
        browser.wait_for(LINES, "V místnosti už nejste")
        assert browser.run("document.getElementById('say').hidden") is True


def test_by_a_host_name_over_plain_http_forms_work_and_rooms_are_opened_by_a_button(server: BesedaServer) -> None:
    """There a browser says less of where a request comes from: no Sec-Fetch, and the Origin only if it may."""
    with Browser("--host-resolver-rules=MAP beseda.example.org 127.0.0.1") as browser:
        site = f"http://beseda.example.org:{httpx.URL(server.url).port}"
        browser.open(f"{site}/login", {})
        browser.wait_for("document.readyState", "complete")
        browser.run("document.getElementById('email').value = 'Alena'")
        browser.run("document.getElementById('password').value = 'kratka zima 7'")
        browser.run("document.getElementById('password').form.requestSubmit()")
        browser.wait_for("document.getElementById('nav-user')?.textContent", "Alena")
        browser.open(f"{site}/Nova", {})
        browser.wait_for("document.querySelector('main')?.innerText", "Taková místnost tu není")
        browser.run("new Promise(done => { const image = new Image(); image.onerror = done; image.src = '/Jina'; })")
        assert "Nova" not in httpx.get(f"{server.url}/api/rooms").text
        browser.run("document.querySelector('main form').requestSubmit()")
        browser.wait_for("document.querySelector('#people')?.innerText", "Alena")
        say(browser, "Dobrý den")
        browser.wait_for(LINES, "Alena: Dobrý den")
        names = [room["name"] for room in httpx.get(f"{server.url}/api/rooms").json()["rooms"]]
        assert sorted(names) == ["Nova", "Zimní zahrada"]
