"""The admin's pages, as a browser without scripts has them: who may what, and what comes of it."""

import html
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

import beseda.server.cli  # noqa: F401 - which knows all commands
from authenticators import Authenticator, enrol, read, ticket_of
from beseda.core.accounts import Application
from beseda.core.caller import Caller
from beseda.domain.accounts import Account, Role
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.operators import AuditEntry, OperatorRole
from beseda.domain.samples import Span
from beseda.domain.sessions import Handle
from beseda.domain.tokens import Scope
from beseda.server.cli.operations import operations
from beseda.server.metrics import BUCKETS_S
from beseda.server.sampling import slowest
from beseda.server.scheduled_backups import ScheduledBackups
from beseda.testing import PASSWORD, BesedaServer

OPERATIONS = operations()
ROLES = {"Vidka": OperatorRole.OBSERVER, "Mila": OperatorRole.MODERATOR, "Olga": OperatorRole.OWNER}
SECTIONS = {
    "": OperatorRole.OBSERVER,
    "backups": OperatorRole.OBSERVER,
    "health": OperatorRole.OBSERVER,
    "members": OperatorRole.OBSERVER,
    "rooms": OperatorRole.OBSERVER,
    "apps": OperatorRole.OBSERVER,
    "domains": OperatorRole.OBSERVER,
    "limits": OperatorRole.OBSERVER,
    "announcements": OperatorRole.OBSERVER,
    "reports": OperatorRole.MODERATOR,
    "tokens": OperatorRole.MODERATOR,
    "audit": OperatorRole.OWNER,
    "other": OperatorRole.MODERATOR,
}
WHO = ("", "Host", "Karel", "Spravce", *ROLES)
"""Nobody, a guest, a member, the site's admin of rooms, and operators."""


PHONES: dict[str, Authenticator] = {}
"""By nick."""


class Browser(httpx.Client):
    def __init__(self, server: BesedaServer, **more: Any) -> None:
        super().__init__(base_url=f"{server.beseda.ops_url}/admin", headers={"Accept-Language": "en"}, **more)

    def sign_in(self, nick: str, to: str = "") -> httpx.Response:
        """With the code, where one is asked for."""
        answer = self.post("/sign-in", data={"login": nick, "password": PASSWORD, "to": to})
        if ticket := ticket_of(answer):
            answer = self.post("/sign-in", data={"ticket": ticket, "second": PHONES[nick].code(), "to": to})
        return answer

    def do(self, command: str, **fields: str) -> httpx.Response:
        return self.post(f"/do/{command}", data=fields)


@pytest.fixture(scope="module")
def server() -> Iterator[BesedaServer]:
    with BesedaServer() as running:
        for nick in ("Karel", "Spravce", *ROLES):
            account = add(running, nick)
            if role := ROLES.get(nick):
                running.run(running.core.operators.grant(account.id, role))
                PHONES[nick] = enrol(running, nick)
            elif nick == "Spravce":
                running.run(running.core.accounts.set_role(account.id, Role.ROOM_ADMIN))
        yield running


def add(server: BesedaServer, nick: str) -> Account:
    return server.run(server.core.accounts.add(Application(nick, PASSWORD, email=f"{nick.lower()}@example.org")))


@pytest.fixture(scope="module")
def browsers(server: BesedaServer) -> Iterator[dict[str, Browser]]:
    found = {nick: Browser(server) for nick in WHO}
    for nick in ("Karel", "Spravce", *ROLES):
        assert found[nick].sign_in(nick).status_code == 303
    found["Host"].cookies.update(server.visitor("Host", server.room("Vrátnice")))
    yield found
    for browser in found.values():
        browser.close()


@pytest.fixture
def owner(server: BesedaServer) -> Iterator[Browser]:
    with Browser(server) as browser:
        browser.sign_in("Olga")
        yield browser


def alert(answer: httpx.Response) -> str:
    found = re.search(r'<div class="alert" role="alert">(.*?)</div>', answer.text)
    return html.unescape(found[1]) if found else ""


def newest(server: BesedaServer) -> AuditEntry:
    return server.run(server.core.operators.audit(limit=1))[0]


@pytest.mark.parametrize("who", WHO)
def test_every_page_and_deed_is_for_its_role_and_those_above(browsers: dict[str, Browser], who: str) -> None:
    role, browser = ROLES.get(who, 0), browsers[who]
    wanted = {**SECTIONS, **{f"do/{path}": each.least for path, each in OPERATIONS.items()}}
    for path, least in wanted.items():
        answers = [browser.get(f"/{path}")]
        if path.startswith("do/") and OPERATIONS[path[3:]].changes:
            answers.append(browser.post(f"/{path}", data={"nonsense": "1"}))
        for answer in answers:
            assert answer.headers["cache-control"] == "no-store"
            assert "script-src 'self'" in answer.headers["content-security-policy"]
            if who in {"", "Host"}:
                assert answer.status_code == 303, (path, answer.text)
                assert answer.headers["location"].startswith("/admin/sign-in?to=/admin/")
            elif not role or role < least:
                assert answer.status_code == 403, (path, answer.text)
            else:
                is_get = answer.request.method == "GET"
                assert answer.status_code in ({200} if is_get else {200, 400, 422}), (path, answer.text)


@pytest.mark.parametrize("who", ROLES)
def test_one_is_offered_what_one_may(browsers: dict[str, Browser], who: str) -> None:
    for section, least in SECTIONS.items():
        linked = f'href="/admin/{section}"' in browsers[who].get("/").text
        assert linked == (least <= ROLES[who]), section
        if least <= ROLES[who]:
            offered = set(re.findall(r'href="/admin/do/([a-z/-]+)"', browsers[who].get(f"/{section}").text))
            assert all(OPERATIONS[path].least <= ROLES[who] for path in offered)


def test_every_command_has_a_form_of_its_parameters(browsers: dict[str, Browser]) -> None:
    """None is left out, and a new one needs no more work."""
    offered: set[str] = set()
    for section in SECTIONS:
        offered |= set(re.findall(r'href="/admin/do/([a-z/-]+)"', browsers["Olga"].get(f"/{section}").text))
    assert offered == OPERATIONS.keys()
    for path, operation in OPERATIONS.items():
        page = browsers["Olga"].get(f"/do/{path}").text
        for each in operation.parameters:
            asked = f'name="{each.name}"' in page
            assert asked == (each.name not in {"limit", "before", "after"}), (path, each.name)
            if each.help and asked:
                assert html.escape(each.help, quote=False) in page.replace("&#39;", "'"), (path, each.name)
        assert ('name="password"' in page) == operation.takes_password
        assert ('name="sure"' in page) == (not operation.light), path


def test_the_password_is_asked_for_when_it_is_old(server: BesedaServer, owner: Browser) -> None:
    add(server, "Radka")
    assert 'name="own_password"' not in owner.get("/do/account/block").text
    assert owner.do("account/block", nick="Radka").status_code == 200
    server.move_clock(601)
    assert owner.get("/do/account/show", params={"nick": "Radka"}).status_code == 200
    assert 'name="own_password"' in owner.get("/do/account/unblock").text
    before = newest(server)
    refused = owner.do("account/unblock", nick="Radka")
    assert (refused.status_code, 'value="Radka"' in refused.text) == (422, True)
    assert "your own password" in alert(refused)
    code = PHONES["Olga"].code()
    wrong = owner.do("account/unblock", nick="Radka", own_password="not this one", own_code=code)
    assert (wrong.status_code, alert(wrong)) == (422, "The name or the password is not right.")
    assert owner.do("account/unblock", nick="Radka", own_password=PASSWORD).status_code == 422
    assert newest(server) == before
    assert owner.do("account/unblock", nick="Radka", own_password=PASSWORD, own_code=code).status_code == 200
    assert (newest(server).command, newest(server).outcome) == ("account/unblock", "done")
    assert owner.do("account/block", nick="Radka").status_code == 200
    server.move_clock(12 * 3600)
    assert owner.get("/").headers["location"] == "/admin/sign-in?to=/admin/"
    assert owner.sign_in("Olga", "/admin/rooms").headers["location"] == "/admin/rooms"
    assert owner.get("/rooms").status_code == 200


def test_guesses_at_the_password_are_limited(server: BesedaServer, owner: Browser) -> None:
    server.move_clock(601)
    answers = [owner.do("migrate", own_password=f"wrong {number}") for number in range(40)]
    assert {422, 429} >= {each.status_code for each in answers}
    assert answers[-1].status_code == 429
    server.move_clock(86_400)


def test_a_session_that_never_gave_a_password_opens_nothing(server: BesedaServer) -> None:
    """Neither a browser's at the members' address, nor one that a personal token made."""
    olga = next(each for each in server.run(server.core.operators.list_members()) if each.account.nick == "Olga")
    _, secret = server.run(server.core.tokens.add(AccountId(olga.account.id), "bot", Scope()))
    with httpx.Client(base_url=server.url) as public, Browser(server) as browser:
        public.post("/login", data={"email": "Olga", "password": secret})
        browser.cookies.update(dict(public.cookies))
        assert browser.get("/rooms").headers["location"].startswith("/admin/sign-in")
        assert browser.do("migrate").headers["location"].startswith("/admin/sign-in")
        refused = browser.post("/sign-in", data={"login": "Zora", "password": secret})
        assert refused.status_code == 422


def test_other_sites_can_do_nothing(server: BesedaServer, owner: Browser) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": server.url}):
        for path in ("/do/room/add", "/sign-in", "/sign-out", "/backups"):
            answer = owner.post(path, data={"name": "Zlo"}, headers=headers)
            assert answer.status_code == 403, (path, headers)
    assert "Zlo" not in owner.get("/rooms").text
    assert owner.get("/rooms").status_code == 200


def test_dangerous_deeds_want_to_be_confirmed(server: BesedaServer, owner: Browser) -> None:
    owner.do("room/add", name="Stará", description="Kde <b>nikdo</b> není")
    unsure = owner.do("room/rename", room="Stará", name="Nová")
    assert (unsure.status_code, alert(unsure)) == (422, "Please say that you are sure.")
    assert 'value="Stará"' in unsure.text
    assert 'value="Nová"' in unsure.text
    assert owner.do("room/rename", room="Stará", name="Nová", sure="1").status_code == 200
    assert "This cannot be undone" in owner.get("/do/room/delete").text
    shown = owner.get("/do/room/show", params={"room": "Nová"})
    assert "Kde &lt;b&gt;nikdo&lt;/b&gt; není" in shown.text
    assert 'href="/admin/do/room/delete?room=Nov%C3%A1"' in shown.text
    assert 'value="Nová"' in owner.get("/do/room/delete", params={"room": "Nová"}).text
    gone = owner.do("room/delete", room="Nová", reason="Nikdo tu není", sure="1")
    assert gone.status_code == 200
    entry = newest(server)
    assert (entry.command, entry.outcome) == ("room/delete", "done")
    assert re.fullmatch(r"Olga \(member [0-9]+\)", entry.who)
    assert json.loads(entry.arguments) == {"room": "Nová", "reason": "Nikdo tu není"}


def test_what_is_refused_is_told_where_it_was_typed(server: BesedaServer, owner: Browser) -> None:
    taken = owner.do("account/add", nick="Karel", sex="f", password="tichy potok 34")
    assert (taken.status_code, alert(taken)) == (422, "Somebody has this nick already.")
    assert 'value="Karel"' in taken.text
    assert '<option value="f" selected>' in taken.text
    assert "tichy potok" not in taken.text
    missing = owner.do("account/block")
    assert (missing.status_code, 'id="f-nick"' in missing.text) == (400, True)
    number = owner.do("invite/add", uses="many")
    assert number.status_code == 400
    assert re.search(r'id="f-uses"[^>]* aria-invalid="true"', number.text)
    assert 'value="many"' in number.text
    for text in ("--help", "-x", "a\0b", "\ud800", "x" * 5_000, "<script>"):
        answer = owner.post("/do/account/block", content=b"nick=" + text.encode("utf-8", "surrogatepass"))
        assert answer.status_code in {400, 404, 422}, text
        assert "<script>" not in answer.text
    assert owner.post("/do/account/block", content=b"nick=" + b"x" * 70_000).status_code == 413
    assert owner.get("/do/nothing/there").status_code == 404
    assert owner.get("/nothing").status_code == 404
    assert owner.request("PUT", "/rooms").status_code == 405
    assert owner.post("/do/account/list").status_code == 405


def test_secrets_are_told_once_and_not_noted(server: BesedaServer, owner: Browser) -> None:
    made = owner.do("account/add", nick="Tajna")
    secret = re.search(r'aria-label="Password" value="([^"]+)" readonly', made.text)
    assert secret
    assert owner.do("account/password", nick="Tajna", password="tichy potok 34", sure="1").status_code == 200
    told = json.dumps([each.arguments for each in server.run(server.core.operators.audit())])
    assert secret[1] not in told
    assert "potok" not in told
    with httpx.Client(base_url=server.url) as browser:
        browser.post("/login", data={"email": "Tajna", "password": "tichy potok 34"})
        assert "Tajna" in browser.get("/").text


def test_long_lists_have_pages_and_can_be_sought_in(server: BesedaServer, owner: Browser) -> None:
    for number in range(53):
        server.run(server.core.rooms.add(f"Pokoj {number:02}"))
        add(server, f"Novak{number:02}")
    first = owner.get("/members").text
    seen = set(re.findall(r"show\?nick=(Novak\d\d)", first))
    while follow := re.search(r'href="/admin/(do/account/list\?[^"]+)" rel="next"', first):
        first = owner.get(f"/{html.unescape(follow[1])}").text
        found = set(re.findall(r"show\?nick=(Novak\d\d)", first))
        assert not seen & found
        seen |= found
    assert len(seen) == 53
    alike = owner.get("/do/account/list", params={"nick": "novak5"}).text
    assert set(re.findall(r"show\?nick=(\w+)", alike)) == {"Novak50", "Novak51", "Novak52"}
    rooms = owner.get("/rooms").text
    assert len(re.findall(r"room/show\?room=", rooms)) == 50
    follow = re.search(r'href="/admin/(do/room/list\?page=2)" rel="next"', rooms)
    assert follow
    assert re.search('rel="prev"', owner.get(f"/{follow[1]}").text)
    sought = owner.get("/do/room/list", params={"q": "POKOJ 07"}).text
    assert re.findall(r"room/show\?room=([^\"]+)", sought) == ["Pokoj+07"]
    assert "Nothing like that" in owner.get("/do/room/list", params={"q": "nikde"}).text
    for page in ("0", "-1", "999999999999", "x"):
        assert owner.get("/do/room/list", params={"page": page}).status_code == 200


def test_a_report_and_the_log_of_a_room(server: BesedaServer, owner: Browser) -> None:
    jana, petr, room = server.member("Jana"), server.member("Petr"), server.room("Náves")
    server.enter(jana, room)
    line = server.say(petr, room, "Tak to ne!")
    inside = server.run(server.core.auth.sign_in("Jana", PASSWORD, kind=Handle.COOKIE, address="192.0.2.7"))
    caller = Caller("192.0.2.7", inside.account, inside.session)
    server.run(server.core.moderation.report(caller, RoomId(room.id), line, "hrubé"))
    page = owner.get("/reports").text
    assert "Tak to ne!" in page
    follow = re.search(r'href="/admin/(do/report/settle\?[^"]+)"', page)
    assert follow
    form = owner.get(f"/{html.unescape(follow[1])}").text
    assert f'name="line" type="number" value="{line}"' in form
    assert owner.do("report/settle", room="Náves", line=str(line)).status_code == 200
    assert "Tak to ne!" not in owner.get("/reports").text
    log = owner.get("/do/report/log", params={"room": "Náves"}).text
    assert "settled the report of line" in log


def test_who_is_an_operator_follows_at_once(server: BesedaServer, owner: Browser) -> None:
    add(server, "Lida")
    PHONES["Lida"] = enrol(server, "Lida")
    with Browser(server) as browser:
        browser.sign_in("Lida")
        nobody = browser.get("/rooms")
        assert (nobody.status_code, "is no operator" in nobody.text) == (403, True)
        owner.do("operator/grant", nick="Lida", role="observer", sure="1")
        assert browser.get("/rooms").status_code == 200
        assert browser.do("room/add", name="X").status_code == 403
        owner.do("operator/grant", nick="Lida", role="moderator", sure="1")
        assert browser.do("room/add", name="Lidina").status_code == 200
        assert "Lida" in owner.get("/do/operator/members").text
        owner.do("operator/withdraw", nick="Lida", sure="1")
        assert browser.do("room/add", name="Druhá").status_code == 403
        owner.do("operator/grant", nick="Lida", role="owner", sure="1")
        owner.do("account/block", nick="Lida")
        assert browser.get("/rooms").status_code == 303


def test_signing_out_and_ways_on(server: BesedaServer) -> None:
    with Browser(server) as browser:
        for to in ("//example.org/", "https://example.org/", "/login", "/admin/sign-out", "/admin/\\x", "x"):
            assert browser.sign_in("Olga", to).headers["location"] in {"/admin/", "/admin/x"}
        assert browser.get("/../admin").status_code in {303, 404}
        assert browser.post("/sign-out").headers["location"] == "/admin/sign-in"
        assert browser.get("/").status_code == 303
        wrong = browser.post("/sign-in", data={"login": "Olga", "password": "nonsense"})
        assert (wrong.status_code, 'value="Olga"' in wrong.text) == (422, True)
        assert browser.post("/sign-in").status_code == 422


def test_an_operator_without_a_second_factor_is_led_to_one(server: BesedaServer, owner: Browser) -> None:
    """Also one who was an operator before it was asked for: he is not locked out, and sees nothing before."""
    add(server, "Tomas")
    granted = owner.do("operator/grant", nick="Tomas", role="moderator", sure="1")
    assert "Second factor" in granted.text
    with Browser(server) as browser, Browser(server) as other:
        other.sign_in("Tomas")
        assert browser.sign_in("Tomas", "/admin/rooms").headers["location"] == "/admin/rooms"
        for path in ("/rooms", "/", "/do/room/add"):
            led = browser.get(path)
            assert (led.status_code, led.headers["location"]) == (303, f"/admin/second-factor?to=/admin{path}")
        assert browser.do("room/add", name="Tomova").headers["location"] == "/admin/second-factor?to=/admin/"
        page = browser.get("/second-factor?to=/admin/rooms")
        assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
        ticket, typed = ticket_of(page), re.search(r'id="secret" class="code" value="([A-Z2-7]+)"', page.text)
        assert typed
        phone = read(server, typed[1])
        asked = {"ticket": ticket, "to": "/admin/rooms"}
        wrong = browser.post("/second-factor", data={**asked, "second": "000000"})
        assert (wrong.status_code, ticket_of(wrong), typed[1] in wrong.text) == (422, ticket, True)
        assert browser.get("/rooms").status_code == 303
        done = browser.post("/second-factor", data={**asked, "second": phone.code()})
        assert (done.status_code, 'href="/admin/rooms"' in done.text) == (200, True)
        recovery = iter(re.findall(r"<code>([a-z2-9-]+)</code>", done.text))
        assert other.get("/rooms").headers["location"].startswith("/admin/sign-in")
        assert browser.do("room/add", name="Tomova").status_code == 200
        assert browser.get("/second-factor").headers["location"] == "/admin/"
        server.move_clock(601)
        assert 'name="own_code"' in browser.get("/do/room/add").text
        assert browser.do("room/add", name="Druhá", own_password=PASSWORD).status_code == 422
        assert browser.do("room/add", name="Druhá", own_password=PASSWORD, own_code=next(recovery)).status_code == 200
        off = owner.do("account/second-factor/off", nick="Tomas", own_password=PASSWORD, own_code=PHONES["Olga"].code())
        assert off.status_code == 200
        assert browser.get("/rooms").headers["location"].startswith("/admin/second-factor")
        server.move_clock(601)
        assert browser.get("/second-factor").headers["location"] == "/admin/sign-in?to=/admin/second-factor"
        assert browser.sign_in("Tomas", "/admin/second-factor").headers["location"] == "/admin/second-factor"
        assert ticket_of(browser.get("/second-factor"))


def test_charts_of_what_was_measured(server: BesedaServer, owner: Browser) -> None:
    def minute() -> None:
        server.move_clock(60)
        server.run(server.beseda.housekeeping())

    minute()
    for _ in range(7):
        httpx.get(f"{server.url}/api/rooms")
    alena, room = server.member("Zina"), server.room("Měřená")
    server.enter(alena, room)
    for number in range(5):
        server.say(alena, room, f"{number}")
    minute()
    last = server.run(server.core.samples.look_back(Span.HOUR))[-1]
    assert last.lines >= 6  # who came in, too
    assert last.calls >= 7
    assert last.call_us > 0
    assert last.slow_us > 0
    assert last.commits
    assert last.units
    assert last.free_bytes > 0
    page = owner.get("/?span=hour").text
    assert page.count("<svg viewBox") == 6
    assert f'last {last.lines}"' in page.split('aria-label="Lines a minute: ')[1][:40]
    assert "style=" not in page
    assert "<script" not in page
    assert page.count("<tr>") > 2
    for span in ("day", "week", "month", "nonsense", ""):
        assert owner.get("/", params={"span": span}).status_code == 200


def test_a_minute_that_could_not_be_kept_counts_with_the_next(server: BesedaServer) -> None:
    server.move_clock(60)
    server.run(server.beseda.housekeeping())
    before = server.run(server.core.samples.look_back(Span.HOUR))
    server.run(server.beseda.housekeeping())
    assert server.run(server.core.samples.look_back(Span.HOUR)) == before


@pytest.mark.parametrize(
    ("counts", "microseconds"),
    [({}, 0), ({0: 100}, 990), ({0: 99, 5: 1}, 1000), ({0: 98, 5: 2}, 37_500), ({12: 1}, 10_000_000)],
)
def test_the_slowest_of_a_hundred(counts: dict[int, int], microseconds: int) -> None:
    assert slowest([counts.get(bucket, 0) for bucket in range(len(BUCKETS_S) + 1)]) == microseconds


def test_health_as_the_doctor_sees_it(server: BesedaServer, owner: Browser) -> None:
    assert "What the doctor finds" not in owner.get("/health").text
    found = owner.get("/health", params={"examine": "1"}).text
    for check in ("configuration", "password hashing", "integrity", "ledger", "running server"):
        assert f"<strong>{check}</strong>" in found


def test_backups_are_listed_and_made_by_owners_alone(server: BesedaServer, browsers: dict[str, Browser]) -> None:
    folder = server.config.server.data / "backups"
    folder.mkdir(exist_ok=True)
    (folder / "before-schema-25-from-21-20261127T000000Z.jsonl.gz").write_bytes(b"x" * 3000)
    assert browsers["Vidka"].sign_in("Vidka").status_code == 303
    page = browsers["Vidka"].get("/backups").text
    assert "before-schema-25-from-21" in page
    assert "Make a backup now" not in page
    assert browsers["Vidka"].post("/backups").status_code == 403


@pytest.mark.long
def test_a_backup_is_made_when_an_owner_asks_for_one(server: BesedaServer, owner: Browser) -> None:
    chores = [chore.work for service in server.beseda.services.all for chore in service.chores]
    owners = {getattr(work, "__self__", None) for work in chores}
    (backups,) = [each for each in owners if isinstance(each, ScheduledBackups)]
    before = len(backups.files.regular())
    begun = owner.post("/backups")
    assert (begun.status_code, "A backup is being made" in begun.text) == (200, True)
    assert (newest(server).command, newest(server).outcome) == ("backup", "done")
    assert "One is being made already" in owner.post("/backups").text
    server.run(backups.settle())
    assert len(backups.files.regular()) == before + 1
    assert backups.files.regular()[-1][1].name in owner.get("/backups").text
    server.move_clock(601)
    assert owner.post("/backups").status_code == 422
    assert not backups.under_way


def test_the_public_address_has_nothing_of_it(server: BesedaServer) -> None:
    for path in ("/admin/", "/admin/sign-in", "/admin/rooms", "/admin/do/room/list"):
        answer = httpx.get(f"{server.url}{path}")
        assert "Administration" not in answer.text
        assert "Overview" not in answer.text


def test_it_can_have_an_address_of_its_own() -> None:
    with BesedaServer({"admin.listen": "127.0.0.1:0"}) as server:
        assert httpx.get(f"{server.beseda.ops_url}/admin/sign-in").status_code == 404
        page = httpx.get(f"{server.beseda.admin_url}/admin/sign-in", headers={"Accept-Language": "en"})
        assert (page.status_code, "Signing in" in page.text) == (200, True)
        (style,) = re.findall(r'href="(/static/[^"]+/admin.css)"', page.text)
        assert httpx.get(f"{server.beseda.admin_url}{style}").headers["content-type"].startswith("text/css")
        assert httpx.get(f"{server.beseda.admin_url}/static/nothing").status_code == 404
        assert httpx.get(f"{server.beseda.admin_url}/").status_code == 404


def test_three_languages(server: BesedaServer) -> None:
    for language, word in (("cs", "Přihlášení"), ("ru", "Вход"), ("en", "Signing in")):
        page = httpx.get(f"{server.beseda.ops_url}/admin/sign-in", headers={"Accept-Language": language})
        assert word in page.text


def test_values_are_told_in_the_readers_language(server: BesedaServer, owner: Browser) -> None:
    add(server, "Jarka")
    owner.do("account/block", nick="Jarka")
    owner.do("account/block", nick="Nikdo")
    for language, standing, done, refused in (
        ("cs", "zablokovaný", "provedeno", "Nikdo takový tu není."),
        ("ru", "заблокирован", "сделано", "Такого участника нет."),
        ("en", "is blocked", "done", "There is no such member."),
    ):
        headers = {"Accept-Language": language}
        shown = owner.get("/do/account/show", params={"nick": "Jarka"}, headers=headers).text
        assert f"<dd>{standing}</dd>" in shown
        assert "<dd>Jarka</dd>" in shown
        audit = owner.get("/audit", headers=headers).text
        assert f"<td>{done}</td>" in audit
        assert f"<td>{refused}</td>" in audit
    owner.headers["Accept-Language"] = "cs"
    assert '<option value="f">Žena</option>' in owner.get("/do/account/add").text


def test_a_form_can_be_tried(server: BesedaServer, owner: Browser) -> None:
    """Nobody has to be sure for that."""
    add(server, "Hynek")
    tried = owner.do("account/delete", nick="Hynek", dry_run="true")
    assert (tried.status_code, "Nothing was changed" in tried.text, "Done." in tried.text) == (200, True, False)
    for more in ({}, {"dry_run": "false"}, {"dry_run": "x"}):
        assert owner.do("account/delete", nick="Hynek", **more).status_code in {400, 422}
    tried = owner.do("account/role", nick="Hynek", room_admin="true", dry_run="true")
    assert "Nothing was changed" in tried.text
    assert "<dd>room admin</dd>" in tried.text
    assert "is active" in owner.get("/do/account/show", params={"nick": "Hynek"}).text


def test_what_is_looked_at_is_called_by_its_name(server: BesedaServer, owner: Browser) -> None:
    add(server, "Hubert")
    shown = owner.get("/do/account/show", params={"nick": "hubert"}).text
    assert "<h1>Hubert</h1>" in shown
    assert '<a href="/admin/members" aria-current="true">' in shown
    assert "<h1>Rename</h1>" in owner.get("/do/account/rename", params={"nick": "hubert"}).text


def test_an_audit_is_paged(server: BesedaServer, owner: Browser) -> None:
    for number in range(60):
        server.run(server.core.operators.note("root", "room/add", json.dumps({"name": f"{number}"}), "done"))
    page = owner.get("/audit").text
    follow = re.search(r'href="/admin/(do/audit/list\?[^"]+)" rel="next"', page)
    assert follow
    numbers = [int(number) for number in re.findall(r"<tr>\s*<td>(\d+)</td>", page)]
    more = owner.get(f"/{html.unescape(follow[1])}").text
    older = [int(number) for number in re.findall(r"<tr>\s*<td>(\d+)</td>", more)]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 50
    assert max(older) < min(numbers)
