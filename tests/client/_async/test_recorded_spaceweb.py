"""SpaceWeb itself: what its document prints and its clients are known to read, and what it is sent.

Names of people and of domains are made up; the rest is as it is written there.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest

from beseda.client import (
    AsyncSpaceWeb,
    BesedaError,
    NotFound,
)
from beseda.client.spaceweb_types import ExtendedResult
from client._async.helpers import QUICK
from client.recorded import Service

TOKEN = "hdlhcdkd0bid6c29fhfu1s7rtu.202357ec-d5ca-4a0a-846c-2dabe0266ef4"
VERSION = "1.127.20220504121319"


def of_spaceweb(answering: Callable[[dict[str, Any]], Any], **more: Any) -> tuple[Service, AsyncSpaceWeb]:
    def answer(request: httpx.Request) -> Any:
        call = json.loads(request.content)
        given = answering(call)
        kept = given if isinstance(given, dict) and "error" in given else {"result": given}
        return {"jsonrpc": "2.0", "version": VERSION, "id": call["id"], **kept}

    service = Service(answer)
    return service, AsyncSpaceWeb(transport=service.transport, manners=QUICK, **more)


async def test_the_token_of_spaceweb() -> None:
    service, api = of_spaceweb(lambda call: TOKEN if call["method"] == "getToken" else 1, user="alena")
    async with api:
        await api.sign_in("alena", "heslo")
        assert api.token == TOKEN
        assert await api.call("domains", "add", domain="vzor.ru") == 1
    first, second = service.requests
    assert [str(each.url) for each in service.requests] == [
        "https://api.sweb.ru/notAuthorized/",
        "https://api.sweb.ru/domains/",
    ]
    for request in service.requests:
        assert request.headers["content-type"] == "application/json; charset=utf-8"
        assert request.headers["accept"] == "application/json"
    assert (service.heads(0), service.heads(1)) == ({}, {"authorization": f"Bearer {TOKEN}"})
    assert json.loads(first.content)["params"] == {"login": "alena", "password": "heslo"}
    call = json.loads(second.content)
    assert set(call) == {"jsonrpc", "version", "method", "params", "id", "user"}
    assert (call["jsonrpc"], call["method"], call["user"]) == ("2.0", "add", "alena")


async def test_what_spaceweb_refuses() -> None:
    fault = {"error": {"code": -32601, "message": "Object not found"}}
    done = {"extendedResult": {"code": 1, "message": "Заявка #180047823 принята в работу", "data": []}}
    refused = {"extendedResult": {"code": 0, "message": "Зона .child не поддерживается для регистрации", "data": []}}
    answers = iter([fault, done, refused])
    _, api = of_spaceweb(lambda _: next(answers))
    async with api:
        with pytest.raises(NotFound) as missing:
            await api.call("nic")
        assert (missing.value.code, missing.value.message) == (-32601, "Object not found")
        assert await api.call("domains", "prolongList") == ExtendedResult(1, "Заявка #180047823 принята в работу", [])
        with pytest.raises(BesedaError, match=r"^0: Зона \.child не поддерживается для регистрации$"):
            await api.call("domains", "move", domain="vzor.child")


SUBDOMAIN = {"docroot": "/home/i/demo", "machine": "*", "machine_readable": "*", "siteAlias": "default"} | {
    "fqdn": "*.vzor.ru",
    "fqdn_readable": "*.vzor.ru",
    "parent_fqdn": "vzor.ru",
    "parent_fqdn_readable": "vzor.ru",
}
INFO = {"is_active_task": 0, "autoreg": 0, "is_taken": 0, "registrar": None, "is_our": 0, "expired": ""} | {
    "can_prolong": 0,
    "prolong_price": 0,
    "prolong_by_bonus": True,
    "prolong_confirm": {"domain": "vzor.ru", "confirm": False, "price": 399, "link": None},
    "reg_price": 199,
    "transfer_price": -1,
    "autoprolong": "no",
    "docRoot": "/home/i/demo",
    "siteAlias": "default",
    "bonus_available": True,
    "transferLink": None,
    "redirectUrl": None,
}
BALANCE = {"real_balance": 500, "bonus_balance": 0, "vat_balance": {"4": "0.0000", "5": "500.0000"}} | {
    "credit_balance": 0,
    "type": 1,
    "multiple_balance_enabled": False,
    "cloud_balance": 0,
    "other_balance": 500,
}
ROWS: list[dict[str, Any]] = [
    {
        "canChange": "true",
        "category": "zoneMain",
        "index": 0,
        "name": "",
        "sel": "A",
        "type": "A",
        "value": "192.0.2.59",
    },
    {"canChange": "false", "category": "zoneMain", "index": 1, "name": "www", "sel": "A", "type": "A"}
    | {"value": "192.0.2.59"},
    {"category": "subdom", "index": 2, "name": "autoconfig", "type": "CNAME", "value": "autoconfig.example.org."},
    {"category": "mx", "index": 0, "name": "", "priority": "10", "type": "MX", "value": "mx1.example.org."},
    {"category": "srv", "index": 0, "name": "", "port": "443", "priority": "5", "protocol": "tcp", "weight": "0"}
    | {"service": "autodiscover", "target": "autodiscover.example.org.", "ttl": "86400", "type": "SRV"},
    {"category": "mainTxt", "domain": "@", "index": 0, "main": 1, "ttl": "600", "type": "TXT", "value": "v=spf1 ~all"},
]
TIED = {"ips": [ROWS], "local_ip": [], "protected_ips": [], "vps": {"billingId": "demo_vps_1"}, "vps_ip": []}


async def test_domains_and_money_of_spaceweb() -> None:
    row = {"fqdn": "vzor.ru", "fqdn_readable": "vzor.ru", "siteAlias": "default", "docroot": "/home/i/demo"} | {
        "fqdn_tech": "vzor.ru.example.org",
        "subdomains": [SUBDOMAIN],
        "reg_price": 199,
        "bonus_available": False,
    }
    answers = {
        "index": [row],
        "getDomainInfo": INFO,
        "getSubdomains": [{"value": "*.vzor.ru", "name": "*.vzor.ru"}],
        "regAvailable": 1,
        "move": 1,
        "getBalance": [BALANCE],
    }
    service, api = of_spaceweb(lambda call: answers[call["method"]])
    async with api:
        (found,) = [each async for each in api.domains.list(containing="vzor")]
        assert (found.fqdn, found.subdomains[0].machine, found.reg_price) == ("vzor.ru", "*", 199)
        info = await api.domains.info("vzor.ru")
        assert (info.registrar, info.transfer_price, info.autoprolong) == (None, -1, "no")
        assert info.prolong_confirm is not None
        assert info.prolong_confirm.price == 399
        assert await api.domains.subdomains("vzor.ru") == ("*.vzor.ru",)
        assert await api.domains.is_available("vzor.ru")
        await api.domains.add("vzor.ru", renewal="bonus_money", directory="/тест")
        balance = await api.pay.get_balance()
        assert (balance.real, balance.vat["5"]) == (Decimal(500), Decimal(500))
    sent = json.loads(service.requests[-2].content)
    assert sent["params"] == {"domain": "vzor.ru", "prolongType": "bonus_money", "dir": "/тест"}


@pytest.mark.parametrize("told_as", [ROWS, TIED], ids=["flat", "tied to a server"])
async def test_records_of_spaceweb(told_as: Any) -> None:
    file = {
        "content": "@\tIN SOA ns1.example.org.",
        "metadata": [],
        "mimetype": "text/plain",
        "name": "vzor.ru.zone.txt",
    }
    answers = {"info": told_as, "getFile": file, "editMx": 1, "editTxt": True}
    service, api = of_spaceweb(lambda call: answers[call["method"]])
    async with api:
        dns = api.dns("vzor.ru")
        found = await dns.records()
        assert [(each.type, each.host, each.value) for each in found] == [
            ("A", "", "192.0.2.59"),
            ("A", "www", "192.0.2.59"),
            ("CNAME", "autoconfig", "autoconfig.example.org"),
            ("MX", "", "mx1.example.org"),
            ("SRV", "", "autodiscover.example.org"),
            ("TXT", "", "v=spf1 ~all"),
        ]
        assert [each.changeable for each in found[:2]] == [True, False]
        assert (found[4].port, found[4].ttl_s, found[5].ttl_s) == (443, 86400, 600)
        assert (await dns.zone_file()).startswith("@\tIN SOA")
        await dns.add("MX", "", "mx2.example.org.", priority=20)
        assert (await dns.ensure_txt("@", "v=spf1 ~all")).index == 0
    sent = [json.loads(each.content) for each in service.requests]
    assert [each["method"] for each in sent] == ["info", "getFile", "editMx", "info"]
    assert sent[2]["params"] == {"domain": "vzor.ru", "action": "add", "subDomain": "@", "priority": 20} | {
        "value": "mx2.example.org."
    }
