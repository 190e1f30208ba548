"""The second factor as browsers and clients meet it."""

import re
from base64 import b32decode
from collections.abc import Iterator
from xml.etree import ElementTree

import httpx
import pytest

from beseda.domain.second_factor import STEP_S, code_at, step_of
from beseda.testing import PASSWORD, BesedaServer

PAGE = "/-/account/second-factor"
ENGLISH = {"Accept-Language": "en"}


class Phone:
    """An authenticator that has been shown a secret."""

    def __init__(self, server: BesedaServer, secret: bytes) -> None:
        self._server = server
        self._secret = secret

    def code(self) -> str:
        """Another than those before."""
        self._server.clock.move(STEP_S)
        return code_at(self._secret, step_of(self._server.clock.now()))


@pytest.fixture(scope="module")
def server() -> Iterator[BesedaServer]:
    with BesedaServer() as server:
        yield server


def browser(server: BesedaServer, cookies: dict[str, str] | None = None) -> httpx.Client:
    return httpx.Client(base_url=server.url, cookies=cookies, headers=ENGLISH)


def enrol(server: BesedaServer, page: httpx.Client) -> tuple[Phone, list[str], str]:
    """A phone, the recovery codes, and the page on which the secret was shown."""
    shown = page.post(PAGE, data={"do": "begin", "password": PASSWORD}).text
    secret, ticket = found(shown, r'id="secret"[^>]* value="([A-Z2-7]{32})"'), ticket_of(shown)
    phone = Phone(server, b32decode(secret))
    codes = page.post(PAGE, data={"do": "confirm", "ticket": ticket, "second": phone.code()})
    assert codes.status_code == 200
    return phone, re.findall(r"<code>([a-z0-9-]{19})</code>", codes.text), shown


def found(text: str, pattern: str) -> str:
    match = re.search(pattern, text)
    assert match is not None, pattern
    return match[1]


def ticket_of(text: str) -> str:
    return found(text, r'name="ticket" value="([^"]+)"')


def test_it_is_turned_on_asked_for_and_turned_off(server: BesedaServer) -> None:
    alena = server.member("Alena")
    with browser(server, server.cookie(alena)) as page, browser(server) as new:
        assert "A code besides the password" in page.get(PAGE).text
        phone, codes, shown = enrol(server, page)
        (svg,) = re.findall(r'<svg[^>]*class="qr".*?</svg>', shown, re.DOTALL)
        assert ElementTree.fromstring(svg).get("viewBox")  # noqa: S314 - our own
        assert "style=" not in svg
        assert "otpauth://totp/Beseda" in shown
        assert len(codes) == 10
        again = page.get(PAGE).text
        assert "10 recovery codes left" in again
        assert not any(code in again for code in codes)
        asked = new.post("/login", data={"email": "Alena", "password": PASSWORD, "to": "Praha", "code": ""})
        assert (asked.status_code, new.cookies.get("beseda"), PASSWORD in asked.text) == (200, None, False)
        assert 'autocomplete="one-time-code"' in asked.text
        wrong = new.post("/login", data={"ticket": ticket_of(asked.text), "second": "000000", "to": "Praha"})
        assert (wrong.status_code, "This code is not right" in wrong.text) == (200, True)
        done = new.post("/login", data={"ticket": ticket_of(wrong.text), "second": phone.code(), "to": "Praha"})
        assert (done.status_code, done.headers["location"]) == (303, "/Praha")
        assert new.get("/-/account").status_code == 200
        off = page.post(PAGE, data={"do": "off", "password": PASSWORD, "second": "000000"})
        assert (off.status_code, "10 recovery codes left" in off.text) == (422, True)
        off = page.post(PAGE, data={"do": "off", "password": PASSWORD, "second": codes[0]})
        assert off.headers["location"] == f"{PAGE}?saved=second-factor-off"
        assert new.post("/login", data={"email": "Alena", "password": PASSWORD, "to": ""}).status_code == 303


def test_a_first_code_that_is_wrong_leaves_the_picture_and_one_too_late_begins_again(server: BesedaServer) -> None:
    with browser(server, server.cookie(server.member("Brana"))) as page:
        refused = page.post(PAGE, data={"do": "begin", "password": "spatne heslo"})
        assert (refused.status_code, "<svg" in refused.text.partition("<main")[2]) == (422, False)
        shown = page.post(PAGE, data={"do": "begin", "password": PASSWORD}).text
        wrong = page.post(PAGE, data={"do": "confirm", "ticket": ticket_of(shown), "second": "12"})
        assert (wrong.status_code, ticket_of(wrong.text)) == (422, ticket_of(shown))
        server.clock.move(1_801)
        late = page.post(PAGE, data={"do": "confirm", "ticket": ticket_of(shown), "second": "12"})
        assert (late.status_code, "That took too long" in late.text) == (422, True)
        assert page.post(PAGE, data={"do": "dance"}).headers["location"] == PAGE


def test_programs_that_know_only_a_password_are_told_to_use_a_token(server: BesedaServer) -> None:
    cyril = server.member("Cyril")
    with browser(server, server.cookie(cyril)) as page:
        enrol(server, page)
        made = page.post("/-/account/tokens", data={"name": "client", "days": "30", "password": PASSWORD}).text
    token = found(made, r"(beseda_[0-9A-Za-z_-]{43})")
    for secret, good in ((PASSWORD, False), (token, True)):
        call = {"jsonrpc": "2.0", "method": "getToken", "params": {"login": "Cyril", "password": secret}, "id": 1}
        answer = httpx.post(f"{server.url}/rpc/notAuthorized/", json=call).json()
        assert ("result" in answer) == good
        assert good or "токен" in answer["error"]["message"]
        form = {"method": "login", "login": "Cyril", "password": secret}
        spaces = httpx.post(f"{server.url}/api/auth/", data=form).json()
        assert spaces["code"] == ("00000" if good else "01006")
        assert good or "токен" in spaces["message"]
        gateway = httpx.post(f"{server.url}/login", data={"email": "Cyril", "password": secret})
        assert bool(gateway.cookies) == good
        assert good or "token" in gateway.text
        bearer = {"Authorization": f"Bearer {secret}"}
        assert (httpx.get(f"{server.url}/live", headers=bearer).status_code != 401) == good
