"""Debian's Chromium, driven by Playwright: each visitor has a browser context of his own, with his own cookies."""

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect, sync_playwright

from beseda.core.accounts import Application
from beseda.testing import BesedaServer

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SHELL = shutil.which("chromium-headless-shell") or PROGRAM
"""The same engine without what is around the page, which takes a third of the time."""
PASSWORD = "kratka zima 7"
WAIT_MS = 40_000
needs_browser = pytest.mark.skipif(
    PROGRAM is None and "CI" not in os.environ, reason="no Chromium here; .ci/run installs one"
)
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
expect.set_options(timeout=WAIT_MS)


@contextmanager
def chromium(*options: str, program: str | None = PROGRAM) -> Iterator[Browser]:
    """`options` are Chromium's."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu", *options])
        try:
            yield browser
        finally:
            browser.close()


class Visitor:
    """Somebody at a browser; `problems` are errors of the page, of its policies and its scripts."""

    def __init__(self, browser: Browser, url: str, language: str = "en-GB", **options: Any) -> None:
        self.url = url
        self.problems: list[str] = []
        self._runs_scripts = options.get("java_script_enabled", True)
        self.context = browser.new_context(locale=language, base_url=url, **options)
        self.context.set_default_timeout(WAIT_MS)
        self.page = self.open()

    def open(self) -> Page:
        """One more window of the same browser."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", self._note)
        page.on("dialog", self._refuse)
        return page

    def _refuse(self, dialog: Dialog) -> None:
        self.problems.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _note(self, message: Any) -> None:
        if message.type == "error" and not re.search(
            r"status of 4|WebSocket|ERR_|Opener-Policy header has been ignored", message.text
        ):
            self.problems.append(message.text)

    def sign_in(self, nick: str, room: str = "") -> None:
        """By the form, which leads to the room."""
        self.page.goto(f"/login?to={room}")
        self.page.fill("#email", nick)
        self.page.fill("#password", PASSWORD)
        self.page.press("#password", "Enter")
        expect(self.page.locator("#nav-user")).to_have_text(nick)
        self.is_alive()

    def is_alive(self) -> None:
        """The scripts of the page are there, if it has any: what the server drew is seen before."""
        if self._runs_scripts:
            expect(self.page.locator("html:not(.alive):has(script[data-entry])")).to_have_count(0)

    def say(self, text: str) -> None:
        self.is_alive()
        self.page.fill("#text", text)
        self.page.press("#text", "Enter")

    def sees(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.locator("#lines")).to_contain_text(text)


def repeat(page: Page, deed: Callable[[], object], until: Callable[[], object]) -> None:
    """For what is drawn a moment after it was done, and may have to be done more than once."""
    ends = time.monotonic() + WAIT_MS / 1000
    while not until():
        assert time.monotonic() < ends
        deed()
        page.wait_for_timeout(100)


def members(server: BesedaServer, *nicks: str) -> None:
    for nick in nicks:
        server.run(server.core.accounts.add(Application(nick, PASSWORD)))
