"""A link that an operator made sets a new password: once, within the hour, and ends all sessions."""

import html
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

import beseda.server.cli  # noqa: F401 - which knows all commands
from beseda.server.cli.operations import operations
from beseda.testing import PASSWORD, BesedaServer

ENGLISH = {"Accept-Language": "en"}
NEW = "zcela jine heslo"


@pytest.fixture(scope="module")
def server() -> Iterator[BesedaServer]:
    with BesedaServer() as server:
        yield server


def link(server: BesedaServer, nick: str) -> str:
    """As the operator is told it."""
    command = operations()["account/password-link"]
    told = server.run(command.run(server.beseda.parts, "tests", {"nick": nick}))
    assert isinstance(told, dict)
    return str(told["link"])


def browser(server: BesedaServer, cookies: dict[str, str] | None = None) -> httpx.Client:
    return httpx.Client(base_url=server.url, cookies=cookies, headers=ENGLISH)


def ask(page: httpx.Client, address: str) -> tuple[int, dict[str, str], str]:
    """Status, the form, and the page."""
    parts = urlsplit(address)
    answer = page.get(f"{parts.path}?{parts.query}")
    fields = dict(re.findall(r'<input type="(?:hidden|text)" name="(\w+)" value="([^"]*)"', answer.text))
    return answer.status_code, {name: html.unescape(value) for name, value in fields.items()}, answer.text


def test_it_is_used_once_and_ends_all_sessions(server: BesedaServer) -> None:
    alena = server.member("Alena")
    with browser(server) as page, browser(server, server.cookie(alena)) as inside:
        address = link(server, "Alena")
        other = link(server, "Alena")
        for _ in range(2):  # to look at it uses nothing up
            status, form, shown = ask(page, address)
            assert (status, form["username"], "For Alena." in shown) == (200, "Alena", True)
        for weak, why in (("a", "too short"), ("password", "tried first"), ("x" * 129, "too long")):
            refused = page.post("/-/password", data={"link": form["link"], "new": weak})
            assert (refused.status_code, why in refused.text, form["link"] in refused.text) == (422, True, True)
        assert inside.get("/-/account").status_code == 200
        done = page.post("/-/password", data={"link": form["link"], "new": NEW})
        assert (done.status_code, "You have another password." in done.text, dict(page.cookies)) == (200, True, {})
        assert inside.get("/-/account").status_code == 303
        again = page.post("/-/password", data={"link": form["link"], "new": PASSWORD})
        assert (again.status_code, "good no more" in again.text) == (422, True)
        assert ask(page, other)[0] == 422, "those that were made before end with it"
        assert page.post("/login", data={"email": "Alena", "password": PASSWORD, "to": ""}).status_code == 200
        assert page.post("/login", data={"email": "Alena", "password": NEW, "to": ""}).status_code == 303


def test_it_is_good_for_an_hour_and_ends_with_any_new_password(server: BesedaServer) -> None:
    brana = server.member("Brana")
    with browser(server) as page:
        address = link(server, "Brana")
        server.clock.move(3_590)
        assert ask(page, address)[0] == 200
        server.clock.move(11)
        assert ask(page, address)[0] == 422
        address = link(server, "Brana")
        server.run(server.core.accounts.set_password(brana.id, NEW))  # type: ignore[arg-type]
        assert ask(page, address)[0] == 422


@pytest.mark.parametrize("wrong", ["", "x", "1.2.3", "9999999999.1.mark.0", "%00", "%ff", "a" * 3000])
def test_what_is_no_link_is_told_so(server: BesedaServer, wrong: str) -> None:
    with browser(server) as page:
        status, form, shown = ask(page, f"/-/password?link={wrong}")
        assert (status, form, "good no more" in shown) == (422, {}, True)
        answer = page.post("/-/password", data={"link": wrong, "new": NEW})
        assert (answer.status_code, "good no more" in answer.text) == (422, True)
