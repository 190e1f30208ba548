# Written by tools/twins.py from tests/client/_async/test_spaceweb.py: change that, then `make twins`.
"""SpaceWeb against a real server, and against recorded answers where Beseda has no such object yet."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest

from beseda.client import (
    Invalid,
    NotAllowed,
    NotFound,
    NotUnderstood,
    ResultRefused,
    SessionEnded,
    SignInRefused,
    SpaceWeb,
    TooOften,
    Unknown,
)
from beseda.testing import BesedaServer
from beseda.wire.spaceweb.envelope import AnyExtended
from client._sync.helpers import QUICK
from client.conftest import PASSWORD, Register, make_register

Answering = Callable[[dict[str, Any], str], Any]


def signed_in(server: BesedaServer, nick: str) -> SpaceWeb:
    api = SpaceWeb(f"{server.url}/rpc", manners=QUICK)
    api.sign_in(nick, PASSWORD)
    return api


class Recorded:
    """A service that answers as `answering` says: with a result, or a fault as a pair of a code and a message."""

    def __init__(self, answering: Answering) -> None:
        self.calls: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.tokens: list[str | None] = []
        self.transport = httpx.MockTransport(self._answer)
        self._answering = answering

    def _answer(self, request: httpx.Request) -> httpx.Response:
        call = json.loads(request.content)
        self.calls.append(call)
        self.paths.append(request.url.path)
        self.tokens.append(request.headers.get("authorization"))
        given = self._answering(call, request.url.path.strip("/"))
        fault = isinstance(given, tuple)
        told = {"error": {"code": given[0], "message": given[1], "data": []}} if fault else {"result": given}
        return httpx.Response(200, json={"jsonrpc": "2.0", "version": "1.185", "id": call["id"], **told})


def recorded(answering: Answering, **options: Any) -> tuple[Recorded, SpaceWeb]:
    service = Recorded(answering)
    return service, SpaceWeb(transport=service.transport, manners=QUICK, **options)


def test_domains_and_money(server: BesedaServer, register: Register) -> None:
    nick = register()
    name = f"{nick.lower()}.ru"
    with signed_in(server, nick) as api:
        api.domains.add(name)
        api.domains.add_all([f"b{name}", f"c{name}"])
        found = [each.fqdn for each in api.domains.list(containing=nick.lower(), order="fqdn")]
        assert found == [name, f"b{name}", f"c{name}"]
        info = api.domains.info(name)
        assert (info.autoprolong, info.reg_price, info.registrar) == ("manual", 199, None)
        with pytest.raises(ResultRefused) as refused:
            api.domains.add(name)
        assert (refused.value.code, refused.value.facts["data"]) == (0, [[name, refused.value.message]])
        with pytest.raises(NotFound):
            api.domains.info("cizi.ru")
        for renewal in ("no", "bonus_money"):
            api.domains.set_renewal(name, renewal)
            assert (api.domains.info(name)).autoprolong == renewal
        api.domains.add_subdomain(name, "blog", "/blog")
        assert f"blog.{name}" in api.domains.subdomains(name)
        api.domains.remove_subdomain(name, "blog")
        assert f"blog.{name}" not in api.domains.subdomains(name)
        api.domains.set_redirect(name, "https://example.org/")
        assert api.domains.redirect(name) == "https://example.org/"
        api.domains.set_redirect(name, "")
        assert api.domains.redirect(name) == ""
        api.domains.remove(name)
        api.domains.remove_all([f"b{name}", f"c{name}"])
        assert [each for each in api.domains.list()] == []
        assert (api.pay.get_balance()).real == Decimal(0)
        assert (api.pay.get_account()).status == "active"


def test_calls_are_compared_with_what_the_server_says_of_itself(server: BesedaServer, register: Register) -> None:
    with signed_in(server, register()) as api:
        assert api.call("domains", "index", orderField="fqdn", page=1) == []
        for params, field in (
            ({"oderField": "fqdn"}, "oderField"),
            ({"orderField": "name"}, "orderField"),
            ({"page": 0}, "page"),
            ({"page": True}, "page"),
        ):
            with pytest.raises(Invalid) as invalid:
                api.call("domains", "index", **params)
            assert invalid.value.field == field
        with pytest.raises(Invalid) as invalid:
            api.call("domains", "getDomainInfo")
        assert invalid.value.field == "domain"
        with pytest.raises(NotFound):
            api.call("domains", "nic")
        with pytest.raises(NotFound):
            api.call("nic", "index")


def test_a_refused_password_is_never_sent_again(fresh_server: BesedaServer) -> None:
    nick = make_register(fresh_server)()
    with SpaceWeb(f"{fresh_server.url}/rpc", manners=QUICK) as api:
        for _ in range(50):  # far more than the server would stand
            with pytest.raises(SignInRefused):
                api.sign_in(nick, "to neni ono")
        api.sign_in(nick, PASSWORD)


def test_the_token_is_renewed(fresh_server: BesedaServer) -> None:
    nick = make_register(fresh_server)()
    with signed_in(fresh_server, nick) as api:
        old = api.token
        fresh_server.move_clock(25 * 3600)
        api.pay.get_balance()
        assert api.token not in ("", old)
        with SpaceWeb(f"{fresh_server.url}/rpc", token=old, manners=QUICK) as stranger:
            with pytest.raises(SessionEnded):
                stranger.pay.get_balance()


def test_once_is_enough() -> None:
    """Against a service whose tokens are never good."""

    def answering(call: dict[str, Any], path: str) -> Any:
        return "t" * 26 if path == "notAuthorized" else (-32603, "Время сеанса истекло.")

    service, api = recorded(answering)
    api.sign_in("alena", "heslo")
    with pytest.raises(SessionEnded):
        api.pay.get_balance()
    assert [call["method"] for call in service.calls] == ["getToken", "getBalance", "getToken", "getBalance"]
    api.close()


def test_what_is_sent_is_what_the_document_says() -> None:
    service, api = recorded(lambda call, path: "tok" if path == "notAuthorized" else {}, user="alena")
    api.sign_in("alena", "heslo")
    api.call("vh/utils/diskUsage")
    first, second = service.calls
    assert service.paths == ["/notAuthorized/", "/vh/utils/diskUsage/"]
    assert service.tokens == [None, "Bearer tok"]
    assert first["params"] == {"login": "alena", "password": "heslo"}
    assert [each["method"] for each in (first, second)] == ["getToken", "index"]
    assert (second["jsonrpc"], second["user"]) == ("2.0", "alena")
    assert second["id"] != first["id"]
    assert set(second) == {"jsonrpc", "version", "method", "id", "user"}
    api.close()


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ((-32500, "Нет доступа к домену"), NotFound),
        ((-32500, "Неверное действие с DNS-записью"), NotAllowed),
        ((-32601, "Object not found"), NotFound),
        ((-32602, "Invalid method parameter(s)"), Invalid),
        ((-32001, "Слишком много попыток. Повторите через 7 с"), TooOften),
        ((-32004, "Неизвестно"), Unknown),
        ({"extendedResult": {"code": 0, "message": "Зона .child не поддерживается", "data": []}}, ResultRefused),
        ({"extendedResult": {"kod": 0}}, NotUnderstood),
    ],
)
def test_faults_and_extended_results(given: Any, kind: type[Exception]) -> None:
    _, api = recorded(lambda call, path: given)
    with pytest.raises(kind) as error:
        api.call("domains", "move", domain="vzor.ru")
    assert getattr(error.value, "retry_after_s", None) == (7.0 if kind is TooOften else None)
    api.close()


def test_an_extended_result_of_code_1_is_a_result() -> None:
    given = {"extendedResult": {"code": 1, "message": "Заявка #1 принята", "data": []}}
    _, api = recorded(lambda call, path: given)
    assert api.call("domains", "prolongList") == AnyExtended(1, "Заявка #1 принята", [])
    api.close()


def test_answers_as_they_really_are() -> None:
    """Numbers as strings, single things in lists, a balance of two pockets: what has been seen of the service."""
    row: dict[str, Any] = {
        "fqdn": "xn--e1afmkfd.ru",
        "fqdn_readable": "пример.ru",
        "siteAlias": "default",
        "docroot": "/home/i/demo",
    }
    row |= {"fqdn_tech": "", "reg_price": "199", "bonus_available": 0, "subdomains": [], "news": 1}
    answers = {
        "getBalance": [{"real_balance": "500.25", "bonus_balance": 0, "vat_balance": {"2": "1.5000"}}],
        "index": {"balance": {"real_balance": 500, "bonus_balance": 0}},
        "priceForRegistration": "199",
        "regAvailable": 1,
    }
    _, api = recorded(lambda call, path: [row] if path == "domains" else answers[call["method"]])
    assert (api.pay.get_balance()).real == Decimal("500.25")
    assert (api.pay.get_balance()).vat == {"2": Decimal("1.5")}
    assert (api.pay.get_account()).balance.real == 500
    (found,) = [each for each in api.domains.list()]
    assert (found.reg_price, found.bonus_available) == (199, False)
    api.close()
    _, api = recorded(lambda call, path: answers[call["method"]])
    assert api.domains.registration_price("vzor.ru") == 199
    assert api.domains.is_available("vzor.ru")
    api.close()


class Zone:
    """Records as SpaceWeb keeps them: places shift, nothing has an id; `meanwhile` is done before each deed."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = [
            {"type": "A", "category": "zoneMain", "name": "", "value": "192.0.2.7", "canChange": "true", "sel": "A"},
            {"type": "MX", "category": "mx", "name": "", "value": "mx1.example.org.", "priority": "10"},
        ]
        self.meanwhile: Callable[[], None] = lambda: None
        self.deeds = 0

    def add(self, host: str, value: str) -> None:
        category = "mainTxt" if host == "@" else "subdomTxt"
        self.rows.append({"type": "TXT", "category": category, "domain": host, "value": value, "ttl": "600"})

    def texts(self) -> list[str]:
        return [row["value"] for row in self.rows if row["type"] == "TXT"]

    def answer(self, call: dict[str, Any], path: str) -> Any:
        assert path == "domains/dns"
        params = call["params"]
        assert params["domain"] == "example.org"
        if call["method"] == "info":
            families: dict[str, int] = {}
            told = []
            for row in self.rows:
                told.append({**row, "index": families.get(row["type"], 0)})
                families[row["type"]] = families.get(row["type"], 0) + 1
            return told
        self.meanwhile()
        self.deeds += 1
        if params["action"] == "add":
            self.add(params["subDomain"], params["value"])
            return True
        texts = [row for row in self.rows if row["type"] == "TXT"]
        if params["action"] != "del" or not 0 <= params["index"] < len(texts):
            return (-32500, "Неверное действие с DNS-записью")
        self.rows.remove(texts[params["index"]])
        return True


def test_a_txt_record_for_the_time_of_a_block() -> None:
    zone = Zone()
    zone.add("_acme-challenge", "stays")
    _, api = recorded(zone.answer)
    dns = api.dns("example.org")
    with dns.txt("_ACME-challenge", "here") as record:
        assert (record.host, record.value, record.ttl_s) == ("_acme-challenge", "here", 600)
        assert zone.texts() == ["stays", "here"]
        assert dns.ensure_txt("_acme-challenge", "here") == record
        assert zone.deeds == 1
        dns.ensure_txt("@", "apex")
        assert [each.host for each in dns.records(type="TXT")] == ["_acme-challenge", "_acme-challenge", ""]
    assert zone.texts() == ["stays", "apex"]
    assert not dns.remove_txt("_acme-challenge", "here")
    (mx,) = dns.records(type="MX")
    assert (mx.value, mx.priority, mx.host) == ("mx1.example.org", 10, "")
    api.close()


def test_records_of_a_real_zone(server: BesedaServer, register: Register) -> None:
    nick = register()
    name = f"{nick.lower()}.ru"
    with signed_in(server, nick) as api:
        api.domains.add(name)
        dns = api.dns(name)
        dns.add("A", "", "192.0.2.7")
        dns.add("aaaa", "WWW", "2001:db8::7")
        dns.add("CNAME", "alias", "www.example.org")
        dns.add("MX", "@", "mx1.example.org", priority=5)
        dns.add("SRV", "", "sip.example.org", priority=1, weight=2, port=5060, service="sip", protocol="tcp")
        dns.add("NS", "lab", "ns.example.org")
        dns.add("CAA", "", '0 issue "ca.example.org"')
        dns.add("TXT", "@", "v=spf1 -all")
        found = {(each.type, each.host, each.value) for each in dns.records()}
        assert found >= {
            ("A", "", "192.0.2.7"),
            ("AAAA", "www", "2001:db8::7"),
            ("CNAME", "alias", "www.example.org"),
            ("MX", "", "mx1.example.org"),
            ("SRV", "", "sip.example.org"),
            ("NS", "lab", "ns.example.org"),
            ("CAA", "", '0 issue "ca.example.org"'),
            ("TXT", "", "v=spf1 -all"),
        }
        (srv,) = dns.records(type="SRV")
        assert (srv.priority, srv.weight, srv.port, srv.service, srv.protocol) == (1, 2, 5060, "sip", "tcp")
        assert "v=spf1 -all" in dns.zone_file()
        with dns.txt("_acme-challenge", "here") as record:
            assert (record.host, record.value) == ("_acme-challenge", "here")
            assert dns.ensure_txt("_ACME-challenge", "here") == record
        for host in ("чат", "_acme-challenge.чат", "Straße", "xn--80axh", "*.Чат"):
            record = dns.ensure_txt(host, "here")
            assert dns.records(type="TXT", host=host) == [record], host
            assert dns.remove_txt(host, "here")
        with pytest.raises(NotAllowed):
            dns.ensure_txt("alias", "beside an alias")
        for record in dns.records():
            dns.delete(record)
        assert dns.records() == []
        with pytest.raises(NotFound):
            dns.delete(srv)
        with pytest.raises(NotFound):
            api.dns("cizi.ru").records()
        api.domains.remove(name)


def test_two_who_ensure_the_same_leave_it_there_and_gone() -> None:
    zone = Zone()
    _, api = recorded(zone.answer)
    dns = api.dns("example.org")
    zone.meanwhile = lambda: zone.add("host", "here")
    dns.ensure_txt("host", "here")
    assert zone.texts() == ["here", "here"]
    zone.meanwhile = lambda: None
    assert dns.remove_txt("host", "here")
    assert zone.texts() == []
    api.close()


def test_a_lost_answer_adds_nothing_twice() -> None:
    zone, lost = Zone(), [True]

    def handler(request: httpx.Request) -> httpx.Response:
        call = json.loads(request.content)
        result = zone.answer(call, request.url.path.strip("/"))
        if call["method"] == "editTxt" and lost.pop():
            raise httpx.ReadError("lost", request=request)
        return httpx.Response(200, json={"jsonrpc": "2.0", "version": "1", "id": call["id"], "result": result})

    with SpaceWeb(transport=httpx.MockTransport(handler), manners=QUICK) as api:
        api.dns("example.org").ensure_txt("host", "here")
        assert zone.texts() == ["here"]
        lost.append(True)
        assert api.dns("example.org").remove_txt("host", "here")
        assert zone.texts() == []


def test_what_cannot_be_had_is_reported() -> None:
    zone = Zone()
    _, api = recorded(lambda call, path: zone.answer(call, path) if call["method"] == "info" else (-32500, "Нельзя"))
    with pytest.raises(NotAllowed):
        api.dns("example.org").ensure_txt("host", "here")
    _, api = recorded(lambda call, path: zone.answer(call, path) if call["method"] == "info" else True)
    with pytest.raises(Unknown):
        api.dns("example.org").ensure_txt("host", "here")
    api.close()
