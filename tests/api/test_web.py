"""Our own pages: registration and pictures."""

import re
from html import unescape

import httpx
import pytest

from beseda.core.caller import Caller
from beseda.testing import PASSWORD, BesedaServer

FILLED_IN = {"nick": "Bohdana", "password": "modry zvonek 12", "sex": "f", "birth_date": "1999-02-28"}


def register(server: BesedaServer, language: str = "cs", **fields: str) -> httpx.Response:
    return httpx.post(f"{server.url}/register", data=FILLED_IN | fields, headers={"Accept-Language": language})


def test_a_visitor_becomes_a_member_and_can_sign_in() -> None:
    with BesedaServer() as server:
        assert "Registrovat se" in httpx.get(f"{server.url}/register", headers={"Accept-Language": "cs"}).text
        answer = register(server, to="Praha")
        assert (answer.status_code, answer.headers["location"]) == (303, "/Praha")
        signed_in = httpx.get(f"{server.url}/", cookies=answer.cookies)
        assert '<li id="nav-user">Bohdana</li>' in signed_in.text
        found = server.run(server.core.accounts.find("bohdana"))
        assert (found.nick, found.sex, str(found.birth_date)) == ("Bohdana", "f", "1999-02-28")


@pytest.mark.parametrize(
    ("fields", "language", "text"),
    [
        ({"nick": "x"}, "cs", "Takový nick není možný"),
        ({"password": "krátké"}, "cs", "Heslo je příliš krátké"),
        ({"email": "nobody"}, "en-GB,en;q=0.5", "This is no e-mail address"),
        ({"phone": "12"}, "ru", "Это не номер телефона"),
        ({"phone": "12"}, "xx", "This is no phone number"),
    ],
)
def test_a_refusal_says_why_and_keeps_what_was_filled_in(fields: dict[str, str], language: str, text: str) -> None:
    with BesedaServer() as server:
        answer = register(server, language, **fields)
        assert answer.status_code == 422
        assert text in answer.text
        assert 'value="1999-02-28"' in answer.text
        assert "modry zvonek" not in answer.text


def test_contacts_are_one_however_they_are_written() -> None:
    with BesedaServer() as server:
        kept = {"email": "user@пример.рф", "phone": "\u202a+44\u2011(0)20 7946 0958\u202c"}
        assert register(server, **kept).status_code == 303
        for number, (field, written) in enumerate(
            [
                ("email", "User@XN--E1AFMKFD.xn--p1ai"),
                ("email", "user@ПРИМЕР.рф"),
                ("phone", "+442079460958"),
                ("phone", "0044 20 7946 0958"),
            ]
        ):
            answer = register(server, nick=f"Cyril {number}x", **{field: written})
            assert (answer.status_code, "už někdo používá" in answer.text) == (422, True)
    with BesedaServer() as server:
        assert register(server, nick="Dana", email="dana@faß.de").status_code == 303
        assert register(server, nick="Emil", email="dana@fass.de").status_code == 303


def test_a_phone_needs_a_country() -> None:
    with BesedaServer() as server:
        answer = register(server, phone="601 123 456")
        assert (answer.status_code, "předvolbou země" in answer.text) == (422, True)
    with BesedaServer({"accounts.phone_region": "CZ"}) as server:
        assert register(server, phone="601 123 456").status_code == 303
        account = server.run(server.core.accounts.find("Bohdana"))
        assert server.run(server.core.accounts.contacts(account.id)) == ("", "+420601123456")


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"birth_date": "0001-01-01"}, "nenarodil"),
        ({"birth_date": "9999-12-31"}, "nenarodil"),
        ({"birth_date": "30.2.1990"}, "nenarodil"),
        ({"birth_date": "1990-02-30"}, "nenarodil"),
        ({"sex": "x"}, "Vyberte muž, žena"),
    ],
)
def test_what_the_command_line_refuses_is_refused_here(fields: dict[str, str], text: str) -> None:
    with BesedaServer() as server:
        answer = register(server, **fields)
        assert (answer.status_code, text in answer.text) == (422, True)
        assert register(server, birth_date="", sex="").status_code == 303


def test_a_taken_nick_is_refused_however_it_is_written() -> None:
    with BesedaServer() as server:
        register(server)
        assert "Tento nick už někdo má" in register(server, nick="BOHDANA").text


def test_registration_can_be_closed_or_by_invitation() -> None:
    with BesedaServer({"accounts.registration": "closed"}) as server:
        assert "uzavřená" in register(server).text
        guest = httpx.post(f"{server.url}/login", data={"nick": "Hostka", "sex": "f"})
        assert 'id="nav-user">Hostka' in guest.text
        for page in (guest, httpx.get(server.url), httpx.get(f"{server.url}/login")):
            assert "/register" not in page.text, "nobody is led to what is closed"
    with BesedaServer({"accounts.registration": "invite"}) as server:
        code = server.run(server.core.accounts.invite())
        assert "neplatí" in register(server, invite="another").text
        assert register(server, invite=code).status_code == 303
        assert "neplatí" in register(server, invite=code, nick="Cyril").text


def test_whoever_signs_in_comes_to_the_very_page_that_was_asked_for() -> None:
    with BesedaServer() as server, httpx.Client(base_url=server.url) as page:
        server.member("Alena")
        form = page.get("/-/letters?with=7&x=1", follow_redirects=True)
        (to,) = re.findall(r'<input type="hidden" name="to" value="([^"]+)">\n<label for="email">', form.text)
        answer = page.post("/login", data={"email": "Alena", "password": PASSWORD, "to": unescape(to)})
        assert (answer.status_code, answer.headers["location"]) == (303, "/-/letters?with=7&x=1")


def test_a_main_admin_sets_how_much_of_the_past_is_read_also_without_scripts() -> None:
    with BesedaServer() as server, httpx.Client(base_url=server.url, headers={"Accept-Language": "en"}) as alena:
        server.member("Alena")
        server.member("Brana")
        alena.cookies.update(server.enter("Alena", "Brno"))
        alena.post("/info/reserve/1", data={"reserve": "1"})

        def given(**fields: str) -> tuple[int, str]:
            answer = alena.post("/info/reserved/1", data={"hands_over": "1", **fields})
            page = alena.get("/info/1").text
            return answer.status_code, re.findall(r'name="history_lines" .*placeholder="50" value="(\d*)"', page)[0]

        assert given(history_lines="7") == (303, "7")
        assert given(keep_days="3") == (303, "7")
        assert given(history_lines="0") == (303, "0")
        assert given(history_lines="201") == (403, "0")
        assert given(history_lines="many") == (400, "0")
        assert given(history_lines="") == (303, "")
        given(history_lines="9")
        for reserve in ("0", "1"):
            alena.post("/info/reserve/1", data={"reserve": reserve})
        assert given() == (303, "")
        brana = httpx.post(
            f"{server.url}/info/reserved/1", data={"history_lines": "1"}, cookies=server.enter("Brana", "Brno")
        )
        assert (brana.status_code, given()) == (403, (303, ""))


def test_a_page_of_another_site_cannot_register() -> None:
    with BesedaServer() as server:
        headers = {"Sec-Fetch-Site": "cross-site"}
        assert httpx.post(f"{server.url}/register", data=FILLED_IN, headers=headers).status_code == 422


def test_what_was_typed_is_escaped() -> None:
    with BesedaServer() as server:
        assert "<script>" not in register(server, email='"><script>alert(1)</script>').text


def test_everybody_has_a_picture() -> None:
    with BesedaServer() as server:
        answer = httpx.get(f"{server.url}/avatar/7.png?1450357123")
        assert answer.headers["content-type"] == "image/png"
        assert answer.content.startswith(b"\x89PNG\r\n\x1a\n")
        assert answer.content != httpx.get(f"{server.url}/avatar/8.png").content
        assert httpx.get(f"{server.url}/avatar/x.png").status_code == 404
        assert httpx.get(f"{server.url}/avatar/99999999999999999999.png").status_code == 404


def post_bytes(server: BesedaServer, path: str, body: bytes, charset: str = "") -> httpx.Response:
    headers = {"Content-Type": f"application/x-www-form-urlencoded{charset}", "Accept-Language": "cs"}
    return httpx.post(f"{server.url}{path}", content=body, headers=headers)


def test_a_password_that_cannot_be_read_is_refused_and_lets_nobody_in() -> None:
    unreadable, another = b"%EF%F0%E8%E2%E5%F2%EF%F0", b"%C0%C1%C2%C3%C4%C5%C6%C7"
    with BesedaServer() as server:
        answer = post_bytes(server, "/register", b"nick=Bohdana&password=" + unreadable)
        assert answer.status_code == 422
        assert "nepodařilo přečíst" in answer.text
        assert not server.run(server.core.accounts.search(Caller(""), "Bohdana"))
        answer = post_bytes(server, "/register", b"nick=Bohdana&password=" + unreadable, "; charset=windows-1251")
        assert answer.status_code == 303
        for charset, tried, right in (
            ("; charset=windows-1251", unreadable, True),
            ("", "приветпр".encode(), True),
            ("; charset=windows-1251", another, False),
            ("; charset=koi8-r", unreadable, False),
            ("", unreadable, False),
            ("", another, False),
            ("", "\ufffd".encode() * 8, False),
        ):
            answer = post_bytes(server, "/login", b"email=Bohdana&password=" + tried, charset)
            assert ('id="nav-user"' in answer.text) is right


def test_what_was_filled_in_is_read_in_its_character_set() -> None:
    with BesedaServer() as server:
        body = "nick=Žaneta&password=žluťoučký kůň&_charset_=windows-1250".encode("cp1250")
        assert post_bytes(server, "/register", body).status_code == 303
        assert server.run(server.core.accounts.find("Žaneta")).nick == "Žaneta"
