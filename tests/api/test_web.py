"""Our own pages: registration and pictures."""

import httpx
import pytest

from beseda.testing import BesedaServer

FILLED_IN = {"nick": "Bohdana", "password": "modry zvonek 12", "sex": "f", "birth_date": "1999-02-28"}


def register(server: BesedaServer, language: str = "cs", **fields: str) -> httpx.Response:
    return httpx.post(f"{server.url}/register", data=FILLED_IN | fields, headers={"Accept-Language": language})


def test_a_visitor_becomes_a_member_and_can_sign_in() -> None:
    with BesedaServer() as server:
        assert "Registrace" in httpx.get(f"{server.url}/register", headers={"Accept-Language": "cs"}).text
        answer = register(server)
        assert (answer.status_code, "Vítejte" in answer.text) == (200, True)
        found = server.run(server.core.accounts.find("bohdana"))
        assert (found.nick, found.sex, str(found.birth_date)) == ("Bohdana", "f", "1999-02-28")


@pytest.mark.parametrize(
    ("fields", "language", "text"),
    [
        ({"nick": "x"}, "cs", "Tuto přezdívku nelze použít"),
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


def test_a_taken_nick_is_refused_however_it_is_written() -> None:
    with BesedaServer() as server:
        register(server)
        assert "obsazená" in register(server, nick="BOHDANA").text


def test_registration_can_be_closed_or_by_invitation() -> None:
    with BesedaServer({"accounts.registration": "closed"}) as server:
        assert "uzavřená" in register(server).text
    with BesedaServer({"accounts.registration": "invite"}) as server:
        code = server.run(server.core.accounts.invite())
        assert "neplatí" in register(server, invite="another").text
        assert register(server, invite=code).status_code == 200
        assert "neplatí" in register(server, invite=code, nick="Cyril").text


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
