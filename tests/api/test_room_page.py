"""The newest lines in the page of a room, before any script is there: those that may be read, as text."""

import html
import json
import re
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from beseda.testing import BesedaServer
from e2e.browser import PASSWORD, members

GOES = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Accept-Language": "en"}
HOSTILE = '</script><script>alert(1)</script><img src=x onerror=alert(1)> & "q" \'a\' https://example.org/"onclick=x'


@pytest.fixture
def server() -> Iterator[BesedaServer]:
    with BesedaServer({"rooms.history_lines": 3}) as running:
        running.run(running.core.rooms.add("Zahrada"))
        members(running, "Alena", "Brana", "Cyril")
        yield running


def page(server: BesedaServer, nick: str, room: str = "Zahrada", **cookies: str) -> str:
    with httpx.Client(base_url=server.url, headers=GOES, cookies=cookies) as browser:
        browser.post("/login", data={"email": nick, "password": PASSWORD})
        return browser.get(f"/{room}").text


def say(server: BesedaServer, nick: str, *texts: str, room: str = "Zahrada") -> None:
    with httpx.Client(base_url=server.url) as talker:
        talker.post("/login", data={"email": nick, "password": PASSWORD})
        [number] = re.findall(r"/leaveRoom/(\d+)", talker.get(f"/{room}").text)
        for text in texts:
            talker.post("/json/getText", data={"roomId": number, "text": text})


def said(text: str) -> list[str]:
    """What the lines of a page say, without its tags."""
    found = re.findall(r'<bdi class="said">(.*?)</bdi>', text)
    return [html.unescape(re.sub(r"<[^>]*>", "", each)) for each in found]


def test_the_newest_lines_are_there_as_far_as_they_may_be_read(server: BesedaServer) -> None:
    say(server, "Brana", *(f"line {n}" for n in range(8)))
    text = page(server, "Alena")
    shown = said(text)
    assert shown
    assert shown == [f"line {n}" for n in range(8)][-len(shown) :]
    assert len(shown) <= 3
    data = json.loads(re.findall(r'<script type="application/json" id="first">(.*?)</script>', text)[0])
    assert [line["text"] for line in data["lines"] if line["kind"] == "text"] == shown
    assert data["after"] == max(line["seq"] for line in data["lines"])
    assert {each["nick"] for each in data["people"]} == {"Alena", "Brana"}
    with httpx.Client(base_url=server.url) as program:
        program.post("/login", data={"email": "Cyril", "password": PASSWORD})
        assert "line 7" not in program.get("/Zahrada").text


def test_hostile_texts_are_text_and_whispers_stay_between_two(server: BesedaServer) -> None:
    with httpx.Client(base_url=server.url) as cyril:
        say(server, "Brana", "the first is the admin, who may send links")
        cyril.post("/login", data={"email": "Cyril", "password": PASSWORD})
        cyril.get("/Zahrada")
        say(server, "Brana", "/w Cyril just for you", "<b>x</b>", HOSTILE)
    texts = {nick: page(server, nick) for nick in ("Alena", "Cyril")}
    assert "just for you" not in texts["Alena"]
    assert "just for you" in said(texts["Cyril"])
    for text in texts.values():
        assert said(text)[-1] == HOSTILE
        assert text.count("<script") == 3, "the data of gateways, the module, the data of the page"
        assert "<img src=x" not in text


def test_times_are_the_readers_once_the_browser_has_told_its_zone(server: BesedaServer) -> None:
    say(server, "Brana", "late")
    at = server.clock.now()
    assert f">{at:%I:%M %p} UTC</time>" in page(server, "Alena")
    there = page(server, "Alena", beseda_zone="Etc/GMT-3")
    assert f">{at + timedelta(hours=3):%I:%M %p}</time>" in there
    for nonsense in ("../../etc/passwd", "Nowhere/City", "x" * 5000):
        assert " UTC</time>" in page(server, "Alena", beseda_zone=nonsense)


def test_whoever_is_kept_out_reads_nothing(server: BesedaServer) -> None:
    say(server, "Brana", "line 1", "/l", room="Bouda")
    text = page(server, "Alena", "Bouda")
    assert "/leaveRoom" not in text
    assert "line 1" not in text
    assert 'id="first"' not in text
