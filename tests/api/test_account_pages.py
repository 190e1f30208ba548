"""The pages of one's own account, as a browser without scripts has them."""

import httpx

from beseda.domain.ids import AccountId, RoomId
from beseda.domain.tokens import Scope
from beseda.testing import PASSWORD, BesedaServer

ENGLISH = {"Accept-Language": "en"}


def browser(server: BesedaServer, cookies: dict[str, str]) -> httpx.Client:
    return httpx.Client(base_url=server.url, cookies=cookies, headers=ENGLISH)


def test_personal_tokens_are_no_places_where_one_is_signed_in() -> None:
    """They are looked after where tokens are; ending all else leaves them good."""
    with BesedaServer() as server:
        alena = server.member("Alena")
        _, secret = server.run(server.core.tokens.add(AccountId(alena.id), "echo", Scope()))
        with browser(server, server.cookie(alena)) as page:
            shown = page.get("/-/account/sessions")
            assert (shown.status_code, shown.text.count("<li>\n<span>")) == (200, 1)
            page.post("/-/account/sessions", data={"session": "all"})
            assert page.get("/-/account/sessions").status_code == 200
        bearer = {"Authorization": f"Bearer {secret}"}
        assert httpx.get(f"{server.url}/live", headers=bearer).status_code != 401


def test_whoever_came_in_by_a_narrow_token_sees_and_ends_no_sessions() -> None:
    with BesedaServer() as server:
        alena, room = server.member("Alena"), server.room("Praha")
        cookies = server.cookie(alena)
        _, secret = server.run(
            server.core.tokens.add(AccountId(alena.id), "echo", Scope(rooms=frozenset({RoomId(room.id)})))
        )
        with browser(server, {}) as bot, browser(server, cookies) as page:
            bot.post("/login", data={"email": "Alena", "password": secret, "to": ""})
            for path in ("", "/contacts", "/sessions", "/people"):
                refused = bot.get(f"/-/account{path}")
                assert (refused.status_code, "token" in refused.text) == (403, True)
            bot.post("/-/account/sessions", data={"session": "all"})
            assert page.get("/-/account").status_code == 200


def test_without_the_database_a_page_that_is_not_there_says_try_again() -> None:
    with BesedaServer() as server, browser(server, server.cookie(server.member("Alena"))) as page:
        with server.faults.failing():
            answer = page.get("/-/nothing")
            assert (answer.status_code, "try again" in answer.text) == (503, True)
        answer = page.get("/-/nothing")
        assert (answer.status_code, "There is no such page" in answer.text) == (404, True)


def test_a_deed_that_is_done_lets_one_in_whoever_guessed_from_there() -> None:
    """Where nobody may try a password any more, a new member is in at once, and stays so with a new password."""
    with BesedaServer() as server, browser(server, {}) as page, browser(server, {}) as guesser:
        for _ in range(60):
            assert not guesser.post("/login", data={"email": "Hana", "password": "spatne heslo"}).cookies
        answer = page.post("/register", data={"nick": "Hana", "password": PASSWORD, "to": "Praha"})
        assert (answer.status_code, page.get("/-/account").status_code) == (303, 200)
        before = dict(page.cookies)
        server.clock.move(3_600)
        changed = page.post("/-/account/password", data={"password": PASSWORD, "new": "jine heslo 2"})
        assert (changed.status_code, page.get("/-/account").status_code) == (303, 200)
        with browser(server, before) as other:
            assert other.get("/-/account").status_code == 303
