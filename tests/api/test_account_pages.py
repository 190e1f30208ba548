"""The pages of one's own account, as a browser without scripts has them."""

import io
import json
import re
import zipfile

import httpx
import pytest

from beseda.core.caller import Caller
from beseda.domain.errors import AppTokenNotFound
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.sessions import Handle
from beseda.domain.tokens import Scope
from beseda.testing import PASSWORD, BesedaServer

ENGLISH = {"Accept-Language": "en"}
LETTERS = "/-/letters"


def browser(server: BesedaServer, cookies: dict[str, str]) -> httpx.Client:
    return httpx.Client(base_url=server.url, cookies=cookies, headers=ENGLISH)


def caller(server: BesedaServer, nick: str) -> Caller:
    signed_in = server.run(server.core.auth.sign_in(nick, PASSWORD, kind=Handle.COOKIE, address="192.0.2.7"))
    return Caller("192.0.2.7", signed_in.account, signed_in.session)


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


def test_what_others_see_how_one_signs_in_and_whom_one_knows_are_changed_without_scripts() -> None:
    with BesedaServer() as server:
        alena, bohus = server.member("Alena"), server.member("Bohus")
        cookies = server.cookie(alena)
        with browser(server, cookies) as page:
            given = {"sex": "f", "birth_date": "1990-05-06", "age_public": "on"}
            assert page.post("/-/account", data=given).status_code == 303
            assert "1990-05-06" in page.get("/-/account").text
            refused = page.post("/-/account", data={**given, "birth_date": "9999-12-31"})
            assert (refused.status_code, "9999-12-31" in refused.text) == (422, True)

            contacts = {"email": "alena@example.org", "phone": "", "password": "spatne heslo"}
            refused = page.post("/-/account/contacts", data=contacts)
            assert (refused.status_code >= 400, "alena@example.org" in refused.text) == (True, True)
            assert page.post("/-/account/contacts", data={**contacts, "password": PASSWORD}).status_code == 303
            assert "alena@example.org" in page.get("/-/account/contacts").text

            who = caller(server, "Alena")
            server.run(server.core.ignoring.set_ignored(who, AccountId(bohus.id), True))
            server.run(server.core.notes.write(who, AccountId(bohus.id), "nosí svetr"))
            assert {"Bohus", "nosí svetr"} <= set(re.findall(r"Bohus|nosí svetr", page.get("/-/account/people").text))
            for done in ({"unignore": bohus.id}, {"forget": bohus.id}):
                assert page.post("/-/account/people", data=done).status_code == 303
            assert "Bohus" not in page.get("/-/account/people").text


def test_letters_are_sent_and_read_without_scripts() -> None:
    with BesedaServer() as server:
        alena, bohus = server.member("Alena"), server.member("Bohus")
        with browser(server, server.cookie(alena)) as here, browser(server, server.cookie(bohus)) as there:
            assert here.post(LETTERS, data={"with": bohus.id, "text": "nazdar Bohoušu"}).status_code == 303
            assert "nazdar Bohoušu" in there.get(LETTERS, params={"with": alena.id}).text
            assert there.post(LETTERS, data={"with": alena.id, "read": "1"}).status_code == 303
            refused = here.post(LETTERS, data={"with": bohus.id, "text": " "})
            assert refused.status_code == 422
        assert httpx.post(f"{server.url}{LETTERS}", data={"with": bohus.id, "text": "nikdo"}).status_code == 303


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


def test_a_personal_token_is_made_shown_once_used_and_revoked() -> None:
    with BesedaServer() as server:
        alena = server.member("Alena")
        room = server.room("Kavárna")
        with browser(server, server.cookie(alena)) as page:
            made = {"name": "<b>echo</b>", "days": "30", "bot": "1", "rooms": "kavárna", "password": PASSWORD}
            many = ",".join(map(str, range(101)))
            for wrong in (
                {"password": "not this"},
                {"rooms": "no such room"},
                {"name": " "},
                {"zones": many},
            ):
                refused = page.post("/-/account/tokens", data=made | wrong)
                assert (refused.status_code, 'role="alert"' in refused.text) == (422, True), wrong
                assert (made | wrong)["password"] not in refused.text
            shown = page.post("/-/account/tokens", data=made).text
            (secret,) = re.findall(r"beseda_[0-9A-Za-z_-]{43}", shown)
            again = page.get("/-/account/tokens").text
            assert secret not in again
            assert all(text in again for text in ("&lt;b&gt;echo&lt;/b&gt;", "a bot", "Kavárna", "never used"))
            bearer = {"Authorization": f"Bearer {secret}"}
            assert httpx.get(f"{server.url}/live", headers=bearer).status_code == 426
            assert httpx.get(f"{server.url}/live/rooms/{room.id}", headers=bearer).status_code == 403
            assert "last used" in page.get("/-/account/tokens").text
            (number,) = re.findall(r'name="token" value="(\d+)"', again)
            kept = page.post("/-/account/tokens", data={"token": number, "password": "not this"})
            assert (kept.status_code, "not right" in kept.text) == (422, True)
            revoked = page.post("/-/account/tokens", data={"token": number, "password": PASSWORD})
            assert revoked.status_code == 303
            assert httpx.get(f"{server.url}/live", headers=bearer).status_code == 401
            gone = page.post("/-/account/tokens", data={"token": number, "password": PASSWORD})
            assert (gone.status_code, "no such token" in gone.text) == (422, True)


def test_applications_that_act_for_a_member_are_seen_and_ended() -> None:
    with BesedaServer() as server:
        alena, core = server.member("Alena"), server.core
        app, key = server.run(core.apps.add("<i>Mobile</i>"))
        old = server.run(core.apps.grant(app.id, AccountId(alena.id)))
        new = server.run(core.apps.renew(old, key, "192.0.2.7"))
        _, handle = server.run(core.apps.confirm(new, key, "192.0.2.7"))
        with browser(server, server.cookie(alena)) as page:
            assert "&lt;i&gt;Mobile&lt;/i&gt;" in page.get("/-/account/tokens").text
            deed = {"app": str(app.id), "password": PASSWORD}
            assert page.post("/-/account/tokens", data=deed | {"password": "x"}).status_code == 422
            assert page.post("/-/account/tokens", data=deed).status_code == 303
            assert "Mobile" not in page.get("/-/account/tokens").text
            assert page.post("/-/account/tokens", data=deed).status_code == 422
        with pytest.raises(AppTokenNotFound):
            server.run(core.apps.renew(new, key, "192.0.2.7"))
        assert httpx.get(f"{server.url}/-/account", cookies={"beseda": handle}).status_code == 303


def test_a_member_takes_all_that_is_his_away() -> None:
    with BesedaServer() as server:
        alena, brana = server.member("Alena", email="alena@example.org"), server.member("Brana")
        room = server.room("Praha")
        for nick in ("Alena", "Brana"):
            room.enter(nick)
        room.say("Alena", "mine")
        room.say("Brana", "hers")
        core, me, her = server.core, caller(server, "Alena"), caller(server, "Brana")
        server.run(core.messages.post(me, RoomId(room.id), "/w Brana psst"))
        server.run(core.mail.send(me, AccountId(brana.id), "Ahoj 🙂"))
        server.run(core.mail.send(her, AccountId(alena.id), "Dobrý den"))
        server.run(core.notes.write(me, AccountId(brana.id), "has a dog"))
        with browser(server, server.cookie(alena)) as page:
            page.post("/-/look", data={"language": "", "theme": "dark"})
            deed = {"do": "export", "password": PASSWORD}
            assert page.post("/-/account/data", data=deed | {"password": "x"}).status_code == 422
            answer = page.post("/-/account/data", data=deed)
            assert answer.headers["content-type"] == "application/zip"
            assert "beseda-Alena.zip" in answer.headers["content-disposition"]
            statuses = [page.post("/-/account/data", data=deed).status_code for _ in range(3)]
            assert statuses == [200, 200, 429]
        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        assert archive.testzip() is None
        found = {
            name: [json.loads(line) for line in archive.read(name).splitlines()]
            for name in archive.namelist()
            if name.endswith(".jsonl")
        }
        profile = [found["profile.jsonl"][0][name] for name in ("nick", "email", "language", "theme")]
        assert profile == ["Alena", "alena@example.org", None, "dark"]
        assert [(line["text"], line["to"]) for line in found["lines.jsonl"]] == [("mine", None), ("psst", "Brana")]
        assert sorted(letter["text"] for letter in found["letters.jsonl"]) == ["Ahoj 🙂", "Dobrý den"]
        assert found["notes.jsonl"] == [{"about": "Brana", "text": "has a dog"}]
        assert len(found["sessions.jsonl"]) >= 1


def test_an_account_is_deleted_in_a_week_unless_its_member_changes_his_mind() -> None:
    with BesedaServer() as server:
        alena = server.member("Alena")
        with browser(server, server.cookie(alena)) as page:
            assert page.post("/-/account/data", data={"password": "not this"}).status_code == 422
            assert page.get("/-/account").status_code == 200
            gone = page.post("/-/account/data", data={"password": PASSWORD})
            assert (gone.status_code, "nav-user" in gone.text) == (200, False)
            assert page.get("/-/account").status_code == 303
            sign_in = {"email": "Alena", "password": PASSWORD, "to": ""}
            assert "/-/return" in page.post("/login", data=sign_in).text
            back = {"nick": "Alena", "password": PASSWORD}
            assert page.post("/-/return", data=back | {"password": "not this"}).status_code == 422
            assert page.post("/login", data=sign_in).status_code == 200
            assert page.post("/-/return", data=back).headers["location"] == "/-/account?saved=back"
            assert "Good to have you back" in page.get("/-/account?saved=back").text
            server.move_clock(8 * 86_400)
            server.run(server.core.deletions.delete_due())
            assert page.get("/-/account").status_code == 200
            page.post("/-/account/data", data={"password": PASSWORD})
            server.move_clock(8 * 86_400)
            server.run(server.core.deletions.delete_due())
            assert page.post("/-/return", data=back).status_code == 422


def shown(page: httpx.Client, path: str = "/") -> tuple[str, str]:
    """The language of a page, and its theme."""
    found = re.search('<html lang="([a-z]+)" data-theme="([a-z]+)"', page.get(path).text)
    assert found
    return found[1], found[2]


def test_language_and_theme_follow_a_member_and_a_guest_has_them_in_his_browser() -> None:
    with BesedaServer() as server:
        alena = server.member("Alena")
        with browser(server, server.cookie(alena)) as here, browser(server, server.cookie(alena)) as there:
            here.post("/-/look", data={"language": "ru", "theme": "dark"})
            assert [shown(here), shown(there), shown(there, "/-/account")] == [("ru", "dark")] * 3
            told = there.get("/-/look").text
            assert re.findall('value="([a-z]+)" checked', told) == ["ru", "dark"]
            assert there.post("/-/look", data={"language": "xx", "theme": "pink"}).status_code == 303
            assert [shown(here), shown(there)] == [("en", "auto")] * 2
            here.post("/-/look", data={"language": "cs", "theme": "light"})
            here.get("/logout")
            assert [shown(here), shown(there)] == [("cs", "light")] * 2
        with browser(server, {}) as guest, browser(server, {}) as another:
            guest.post("/-/look", data={"language": "ru", "theme": "dark"})
            assert [shown(guest), shown(another)] == [("ru", "dark"), ("en", "auto")]
            guest.post("/login", data={"email": "Alena", "password": PASSWORD, "to": ""})
            assert shown(guest) == ("cs", "light")
        brana = server.member("Brana")
        with browser(server, server.cookie(brana) | {"beseda_language": "ru"}) as never_chose:
            assert shown(never_chose) == ("ru", "auto")
