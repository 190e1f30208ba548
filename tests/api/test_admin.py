"""The admin's API: every command for whoever may, and for nobody else."""

import contextlib
import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

import beseda.server.cli  # noqa: F401 - which knows all commands
from beseda.core.accounts import Application
from beseda.core.caller import Caller
from beseda.domain.errors import TooOften
from beseda.domain.operators import OperatorRole
from beseda.server.backup import write
from beseda.server.cli.operations import Operation, operations
from beseda.testing import BesedaServer

OPERATIONS = operations()
PASSWORD = "kratka zima 7"
NOBODY = Caller("::1")


class Admin:
    """Who has a token, or none."""

    def __init__(self, server: BesedaServer, token: str = "") -> None:
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._url = f"{server.beseda.ops_url}/admin/api"

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        return httpx.request(method, f"{self._url}/{path}", headers=self._headers, **more)

    def ask(self, path: str, **arguments: object) -> httpx.Response:
        if OPERATIONS[path].changes:
            return self.send("POST", path, json=arguments)
        return self.send("GET", path, params={name: str(value) for name, value in arguments.items()})

    def get(self, path: str, status: int = 200, **arguments: object) -> Any:
        answer = self.ask(path, **arguments)
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def server() -> Iterator[BesedaServer]:
    with BesedaServer() as server:
        yield server


MAKERS = {
    *("account/add", "account/password-link", "app/add", "app/grant", "domain/add", "domain/key/add"),
    *("invite/add", "operator/add", "room/add", "token/add"),
}
"""What only makes something new has no dry run."""


def everything(server: BesedaServer) -> bytes:
    """All that the database holds."""
    held = io.BytesIO()
    server.run(write(server.config, held, ""))
    return held.getvalue()


@pytest.fixture(scope="module")
def tokens(server: BesedaServer) -> dict[str, str]:
    add = server.core.operators.add_token
    secrets = {role.name: server.run(add(f"{role.name} of tests", role))[1] for role in OperatorRole}
    return {"": "", "WRONG": "x" * 43, **secrets}


@pytest.fixture
def owner(server: BesedaServer, tokens: dict[str, str]) -> Admin:
    return Admin(server, tokens["OWNER"])


@pytest.fixture
def member(server: BesedaServer) -> Iterator[str]:
    server.run(server.core.accounts.add(Application("Alena", PASSWORD, email="alena@example.org")))
    yield "Alena"
    found = server.run(server.core.accounts.search(NOBODY, "Alen"))
    for account in found:
        server.run(server.core.deletions.delete(account.id))


@pytest.mark.parametrize("who", ["", "WRONG", *(role.name for role in OperatorRole)])
@pytest.mark.parametrize("path", sorted(OPERATIONS))
def test_every_command_is_for_its_role_and_those_above(
    server: BesedaServer, tokens: dict[str, str], path: str, who: str
) -> None:
    operation = OPERATIONS[path]
    answer = Admin(server, tokens[who]).ask(path)
    if who not in OperatorRole.__members__:
        assert (answer.status_code, answer.json()["error"]) == (401, "no_token")
        assert answer.headers["www-authenticate"] == "Bearer"
    elif OperatorRole[who] < operation.least:
        assert (answer.status_code, answer.json()["error"]) == (403, "role_too_low")
    else:
        assert answer.status_code in {200, 400}, answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", sorted(OPERATIONS))
def test_a_command_has_one_method_and_knows_its_arguments(owner: Admin, path: str) -> None:
    operation: Operation = OPERATIONS[path]
    other = owner.send("GET" if operation.changes else "POST", path)
    assert (other.status_code, other.headers["allow"]) == (405, "POST" if operation.changes else "GET")
    answer = owner.ask(path, nonsense="1")
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_arguments")
    assert "nonsense" in answer.json()["message"]


def test_the_document_describes_every_command(owner: Admin, server: BesedaServer) -> None:
    document = Admin(server).send("GET", "openapi.json").json()
    assert document["openapi"] == "3.1.0"
    assert {path.removeprefix("/") for path in document["paths"]} == OPERATIONS.keys()
    add = document["paths"]["/account/add"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert (add["required"], add["properties"]["sex"]["enum"]) == (["nick"], ["m", "f"])
    assert "password" in add["properties"]
    assert {"nick", "limit", "before"} == {
        each["name"] for each in document["paths"]["/balance/statement"]["get"]["parameters"]
    }
    told = json.dumps(document)
    assert "password_stdin" not in told
    assert OPERATIONS["room/delete"].title in told


def test_no_call_reads_or_writes_files_of_the_server() -> None:
    """`beseda domain zone import FILE` means a file of whoever says it."""
    kinds = {path: {str(each.annotation) for each in found.arguments} for path, found in OPERATIONS.items()}
    assert [path for path, told in kinds.items() if any("Path" in each for each in told)] == []
    assert not {"domain/zone/import", "domain/zone/export", "domain/zone/check"} & OPERATIONS.keys()
    reads = {path for path, found in OPERATIONS.items() if path.endswith(("/list", "/show")) and found.changes}
    assert reads == set()


def test_what_may_be_said_several_times_is_a_list(owner: Admin, member: str) -> None:
    owner.get("domain/add", nick=member, name="vzor.ru")
    made = owner.get("domain/key/add", zone="vzor.ru", label="lego", name=["www", "@"], type_=["TXT"])
    assert (made["names"], made["types"]) == ("www,@", "TXT")
    owner.get("domain/key/add", 400, zone="vzor.ru", label="x", name=["www", None, {}])
    document = owner.send("GET", "openapi.json").json()
    key = document["paths"]["/domain/key/add"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert (key["properties"]["name"]["type"], key["properties"]["label"]["type"]) == ("array", "string")
    assert owner.get("domain/zone/show", name="vzor.ru") == []
    owner.get("domain/remove", name="vzor.ru")


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"nonsense",
        b'{"nick": {}}',
        b'{"nick": null}',
        b'{"nick": true}',
        b'{"nick": "a\\u0000b"}',
        b"\xff",
        b"{}",
        b'{"nick": "Alena", "frozen": "perhaps"}',
        b'{"nick": "' + b"x" * 70_000 + b'"}',
    ],
    ids=range(10),
)
def test_what_makes_no_sense_is_refused(owner: Admin, body: bytes) -> None:
    answer = owner.send("POST", "account/block", content=body)
    assert answer.status_code in {400, 413}, answer.text
    assert answer.json()["error"] in {"bad_arguments", "too_large"}


def test_what_looks_like_an_option_is_none(owner: Admin) -> None:
    assert owner.get("account/show", 404, nick="--help") == {
        "error": "account_not_found",
        "message": "account not found: --help",
        "account": "--help",
    }
    assert owner.get("account/add", 422, nick="--")["error"] == "nick_invalid"
    twice = owner.send("GET", "account/show?nick=a&nick=b")
    assert (twice.status_code, twice.json()["error"]) == (400, "bad_arguments")
    assert owner.send("GET", "nothing/there").status_code == 404


def test_a_member_from_the_first_day_to_the_last(server: BesedaServer, owner: Admin) -> None:
    assert owner.get("account/add", nick="Zdenka", password=PASSWORD, email="z@example.org")["nick"] == "Zdenka"
    assert owner.get("account/show", nick="Zdenka")["email"] == "z@example.org"
    assert owner.get("account/rename", nick="Zdenka", new="Zdena")["before"] == "Zdenka"
    assert owner.get("account/rename", 422, nick="Zdena", new="x")["error"] == "nick_invalid"
    assert owner.get("account/second-factor/show", nick="Zdena")["on"] is False
    assert owner.get("account/second-factor/off", nick="Zdena")["was_on"] is False
    other = owner.get("account/add", nick="Zora")
    assert len(other["password"]) == 19
    assert owner.get("account/rename", 422, nick="Zora", new="ZDENA")["error"] == "nick_taken"
    with httpx.Client(base_url=server.url) as browser:
        assert browser.post("/login", data={"email": "Zdena", "password": PASSWORD}).status_code in {200, 302, 303}
        (session,) = owner.get("account/sessions", nick="Zdena")
        assert session["kind"] == "cookie"
        assert owner.get("account/sign-out", nick="Zdena")["ended"] == 1
        assert owner.get("account/sessions", nick="Zdena") == []
    due = owner.get("account/delete", nick="Zdena")
    assert not due["deleted"]
    assert owner.get("account/show", nick="Zdena")["standing"] == "frozen"
    assert owner.get("account/keep", nick="Zdena")["was_to_go"]
    assert owner.get("account/show", nick="Zdena")["standing"] == "active"
    owner.get("account/delete", nick="Zdena")
    server.move_clock(6 * 86_400)
    assert owner.get("account/show", nick="Zdena")["standing"] == "frozen"
    server.move_clock(2 * 86_400)
    owner.get("account/show", 404, nick="Zdena")
    owner.get("account/show", 404, nick="deleted member")
    assert owner.get("account/add", nick="Zdena", email="z@example.org")["nick"] == "Zdena"
    assert owner.get("account/delete", nick="Zora", now=True)["deleted"]
    owner.get("account/show", 404, nick="Zora")


def test_rooms_and_their_owners(owner: Admin, member: str) -> None:
    owner.get("room/add", name="Praha", description="Hlavní")
    assert owner.get("room/rename", room="Praha", name="Brno")["name"] == "Brno"
    assert owner.get("room/owner", room="Brno", nick=member)["owner"] == member
    assert owner.get("room/delete", 400, room="Brno")["error"] == "bad_arguments"
    assert owner.get("room/delete", room="Brno", reason="Nikdo tu není")["deleted"]
    owner.get("room/show", 404, room="Brno")


def test_a_dry_run_tells_what_would_be_done_and_does_nothing(server: BesedaServer, owner: Admin, member: str) -> None:
    owner.get("room/add", name="Nanečisto")
    owner.get("room/add", name="Praha")
    owner.get("account/add", nick="Boris")
    server.enter(member, "Nanečisto")
    tried = set()
    owner.get("domain/add", nick=member, name="nanecisto.ru")
    app = owner.get("app/add", name="Zkouška")["id"]
    owner.get("app/grant", app=str(app), nick=member)
    owner.get("domain/key/add", zone="nanecisto.ru", label="lego")
    code, token = owner.get("invite/add")["code"], owner.get("token/add", nick="Boris", name="bot")["id"]
    helper = owner.get("operator/add", name="Helper", role="observer")["id"]
    shown = owner.get("announcement/add", text="Ahoj", until="1h")["id"]
    before = everything(server)
    for path, given, told in (
        ("account/delete", {"nick": member}, {"deleted": False, "sessions": 1, "domains": 1, "app_tokens": 1}),
        ("account/delete", {"nick": member, "now": True}, {"deleted": False}),
        ("account/block", {"nick": member}, {"sessions": 1}),
        ("account/password", {"nick": member}, {"sessions": 1}),
        ("account/sign-out", {"nick": member}, {"sessions": 1}),
        ("account/merge-email", {"nick": member}, {"email": "alena@example.org", "taken_from": []}),
        ("room/delete", {"room": "Nanečisto", "reason": "x"}, {"occupants": [member], "lines": 3, "deleted": False}),
        ("room/permanent", {"room": "Nanečisto", "off": True}, {"permanent": False, "vanished": False}),
        ("domain/remove", {"name": "nanecisto.ru"}, {"nick": member, "keys": 1}),
        ("domain/hand-over", {"name": "nanecisto.ru", "nick": member}, {"to": member}),
        ("app/revoke", {"app": str(app)}, {"revoked": False, "tokens": 1}),
        ("announcement/add", {"text": "Ahoj"}, {"rooms": 1}),
        ("announcement/end", {"announcement": shown}, {"ended": True}),
        ("account/rename", {"nick": member, "new": "Jitka"}, {"nick": "Jitka", "before": member}),
        ("account/role", {"nick": member, "room_admin": True}, {"role": "room_admin"}),
        ("account/unblock", {"nick": member}, {"standing": "active"}),
        ("account/keep", {"nick": member}, {"was_to_go": False}),
        ("account/second-factor/off", {"nick": member}, {"was_on": False}),
        ("invite/revoke", {"invite": code}, {"revoked": True}),
        ("room/rename", {"room": "Nanečisto", "name": " Jinak "}, {"name": "Jinak", "before": "Nanečisto"}),
        ("room/owner", {"room": "Nanečisto", "nick": member}, {"owner": member}),
        ("room/admin/add", {"room": "Nanečisto", "nick": member}, {"admins": [member]}),
        ("room/admin/remove", {"room": "Nanečisto", "nick": member}, {"admins": []}),
        ("token/revoke", {"number": token}, {"name": "bot"}),
        ("operator/grant", {"nick": member, "role": "owner"}, {"role": "owner"}),
        ("operator/withdraw", {"nick": member}, {"withdrawn": False}),
        ("operator/revoke", {"token": helper}, {"revoked": True}),
        ("domain/key/remove", {"zone": "nanecisto.ru", "label": "lego"}, {}),
        ("balance/credit", {"nick": member, "amount_minor": "5"}, {"real": "5.00", "moved": "5.00"}),
        ("migrate", {}, {"due": False}),
    ):
        answer = owner.get(path, dry_run=True, **given)
        tried.add(path)
        assert {name: answer.get(name) for name in told} == told, path
        assert everything(server) == before, path
        assert "password" not in answer
    rehearsed = {path for path, each in OPERATIONS.items() if any(a.name == "dry_run" for a in each.arguments)}
    assert rehearsed == tried | {"balance/charge", "domain/approve", "domain/deny", "report/settle"}
    assert rehearsed == {path for path, each in OPERATIONS.items() if each.changes} - MAKERS
    for path, status, error, given in (
        ("account/delete", 404, "account_not_found", {"nick": "Nikdo"}),
        ("account/rename", 422, "nick_invalid", {"nick": member, "new": "x"}),
        ("account/rename", 422, "nick_taken", {"nick": member, "new": "BORIS"}),
        ("room/rename", 422, "room_name_taken", {"room": "Nanečisto", "name": "Praha"}),
        ("balance/charge", 422, "balance_too_low", {"nick": member, "amount_minor": "1"}),
        ("domain/approve", 404, "domain_request_not_found", {"number": 99}),
        ("domain/deny", 404, "domain_request_not_found", {"number": 99}),
        ("report/settle", 404, "line_not_found", {"room": "Praha", "line": 99}),
    ):
        assert owner.get(path, status, dry_run=True, **given)["error"] == error
    assert server.run(server.core.announcements.list_all())[0].text == "Ahoj"
    for path, given in (
        ("announcement/end", {"announcement": shown}),
        ("room/delete", {"room": "Nanečisto", "reason": "x"}),
        ("room/delete", {"room": "Praha", "reason": "x"}),
        ("account/delete", {"nick": "Boris", "now": True}),
        ("domain/remove", {"name": "nanecisto.ru"}),
    ):
        owner.get(path, **given)


def test_money_that_is_moved_for_a_key_is_told_once_in_a_dry_run_too(owner: Admin, member: str) -> None:
    again: dict[str, Any] = {"nick": member, "amount_minor": "5", "key": "dar"}
    assert owner.get("balance/credit", dry_run=True, **again)["real"] == "5.00"
    assert owner.get("balance/credit", **again)["real"] == "5.00"
    assert owner.get("balance/credit", dry_run=True, **again)["real"] == "5.00"
    tried = owner.get("balance/charge", nick=member, amount_minor="2", dry_run=True)
    assert (tried["real"], tried["dry_run"]) == ("3.00", True)
    assert owner.get("balance/show", nick=member)["real"] == "5.00"


def test_who_is_limited(server: BesedaServer, owner: Admin, member: str) -> None:
    account = server.run(server.core.accounts.find(member))
    for _ in range(21):
        with contextlib.suppress(TooOften):
            server.beseda.parts.limiter.take("search", str(account.id))
    for _ in range(6):
        refused = httpx.post(f"{server.url}/login", data={"email": "tajne heslo", "password": "nevim"})
    told = owner.get("limit/who")
    found = {each["limit"]: each for each in told}
    assert (found["search"]["member"], found["search"]["address"], found["search"]["wait_s"]) == (member, None, 1.0)
    assert found["sign_in_pair"]["address"] == "127.0.0.1"
    assert found["sign_in_pair"]["wait_s"] == 12.0
    assert "tajne" not in json.dumps(told)
    server.beseda.parts.limiter._buckets.clear()  # as the command line, and any other node, knows it
    (other,) = owner.get("limit/who")
    assert (other["limit"], other["address"], other["member"]) == ("sign_in_pair", "127.0.0.1", None)
    assert owner.get("explain", request=other["request"])["refused"] == "too_often"
    assert other["request"] == refused.headers["x-request-id"]
    server.move_clock(12)
    assert owner.get("limit/who") == []


def test_invitations_have_names(owner: Admin) -> None:
    code = owner.get("invite/add", uses=3)["code"]
    other = owner.get("invite/add")["code"]
    before = {each["name"]: each["uses_left"] for each in owner.get("invite/list")}
    assert 3 in before.values()
    assert owner.get("invite/revoke", invite=code) == {"revoked": True}
    left = {each["name"]: each["uses_left"] for each in owner.get("invite/list")}
    assert [before[name] for name in before.keys() - left.keys()] == [3]
    owner.get("invite/revoke", 400, invite=code)
    for name in left:
        assert owner.get("invite/revoke", invite=name)["revoked"]
    assert owner.get("invite/list") == []
    owner.get("invite/revoke", 400, invite=other)


def test_money(owner: Admin, member: str) -> None:
    owner.get("balance/credit", nick=member, amount_minor="12.50", memo="dar")
    owner.get("balance/charge", nick=member, amount_minor="2.50")
    newest, oldest = owner.get("balance/statement", nick=member)
    assert (newest["real"], newest["memo"], oldest["real"], oldest["memo"]) == ("-2.50", "charge", "12.50", "dar")
    assert owner.get("balance/statement", nick=member, before=newest["entry"], limit=5) == [oldest]
    assert owner.get("balance/verify") == {"sound": True, "problems": []}
    assert owner.get("balance/charge", 422, nick=member, amount_minor="99")["error"] == "balance_too_low"


def test_who_did_what_is_kept_without_secrets(server: BesedaServer, owner: Admin, member: str) -> None:
    owner.get("account/password", nick=member, password="jiná kratka zima")
    owner.get("account/block", 404, nick="Nobody")
    blocked, changed, *_ = owner.get("audit/list")
    assert (blocked["command"], blocked["outcome"]) == ("account/block", "account_not_found")
    assert (changed["command"], changed["outcome"]) == ("account/password", "done")
    assert changed["who"].startswith("OWNER of tests (token ")
    assert json.loads(changed["arguments"]) == {"nick": member, "password_stdin": "True"}
    assert "zima" not in json.dumps(owner.get("audit/list"))
    assert owner.get("audit/list", limit=1, before=blocked["id"]) == [changed]


def test_a_token_ends_at_once(server: BesedaServer, owner: Admin) -> None:
    made = owner.get("operator/add", name="Helper", role="observer")
    helper = Admin(server, made["token"])
    assert helper.get("room/list") == []
    assert made["token"] not in json.dumps(owner.get("operator/list"))
    assert next(each for each in owner.get("operator/list") if each["id"] == made["id"])["used"]
    assert owner.get("operator/revoke", token=made["id"])["revoked"]
    helper.get("room/list", 401)
    owner.get("operator/revoke", 400, token=made["id"])


def test_the_public_address_has_nothing_of_it(server: BesedaServer, tokens: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {tokens['OWNER']}"}
    assert httpx.get(f"{server.url}/admin/api/room/list", headers=headers).status_code != 200


def test_it_can_have_an_address_of_its_own() -> None:
    with BesedaServer({"admin.listen": "127.0.0.1:0"}) as server:
        _, secret = server.run(server.core.operators.add_token("x", OperatorRole.OBSERVER))
        headers = {"Authorization": f"Bearer {secret}"}
        assert httpx.get(f"{server.beseda.ops_url}/admin/api/room/list", headers=headers).status_code == 404
        url = server.beseda.admin_url
        assert httpx.get(f"{url}/admin/api/room/list", headers=headers).json() == []
        assert httpx.get(f"{url}/metrics").status_code == 404
