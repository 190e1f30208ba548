"""Every object's own description is sound, lists what can be called, and its results are as described."""

from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import pytest

from beseda.api.spaceweb.methods import OBJECTS
from beseda.core.accounts import Application
from beseda.domain.ledger import Pocket
from beseda.domain.sessions import Handle
from beseda.testing import BesedaServer

NAMES = [thing.name for thing in OBJECTS]


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with BesedaServer() as server:
        alena = server.run(server.core.accounts.add(Application("Alena", "kratka zima 7")))
        server.run(server.core.billing.credit(alena.id, Pocket.REAL, 12345, "given"))
        deed = server.core.auth.sign_in("Alena", "kratka zima 7", kind=Handle.BEARER, address="192.0.2.1")
        headers = {"Authorization": f"Bearer {server.run(deed).handle}"}
        with httpx.Client(base_url=f"{server.url}/rpc/", headers=headers) as opened:
            yield opened


def call(client: httpx.Client, thing: str, method: str, **params: object) -> dict[str, Any]:
    body = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}
    answer: dict[str, Any] = client.post(thing, json=body).json()
    return answer


def description(client: httpx.Client, thing: str) -> dict[str, Any]:
    found: dict[str, Any] = call(client, thing, "rpc.discover")["result"]
    return found


def result_schema(document: dict[str, Any], method: str) -> dict[str, Any]:
    """With the components it refers to."""
    described = next(each for each in document["methods"] if each["name"] == method)
    schema: dict[str, Any] = described["result"]["schema"]
    return schema | {"components": document["components"]}


@pytest.mark.parametrize("thing", NAMES)
def test_is_a_sound_document(client: httpx.Client, thing: str) -> None:
    document = description(client, thing)
    assert document.keys() == {"openrpc", "info", "methods", "components"}
    assert document["openrpc"].startswith("1.2.")
    assert document["info"].keys() == {"title", "version", "description"}
    for method in document["methods"]:
        assert method.keys() == {"name", "description", "paramStructure", "params", "result"}
        assert method["description"]
        required = [param["required"] for param in method["params"]]
        assert required == sorted(required, reverse=True)
        for param in method["params"]:
            assert param.keys() == {"name", "description", "required", "schema"}
            jsonschema_rs.meta.validate(param["schema"])
        assert method["result"].keys() == {"name", "schema"}
        jsonschema_rs.meta.validate(method["result"]["schema"])
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema)


@pytest.mark.parametrize("thing", NAMES)
def test_lists_each_method_once_and_each_can_be_called(client: httpx.Client, thing: str) -> None:
    listed = [method["name"] for method in description(client, thing)["methods"]]
    assert len(set(listed)) == len(listed)
    everything = {name for each in OBJECTS for name in each.methods}
    for name in everything | set(listed):
        code = call(client, thing, name).get("error", {}).get("code")
        assert (code != -32601) == (name in listed)


@pytest.mark.parametrize(
    ("thing", "method", "params"),
    [
        ("notAuthorized", "getToken", {"login": "Alena", "password": "kratka zima 7"}),
        ("notAuthorized", "rpc.discover", {}),
        ("pay", "index", {}),
        ("pay", "getBalance", {}),
        ("domains", "add", {"domain": "vzor.ru"}),
        ("domains", "move", {"domain": "vzor.child"}),
        ("domains", "moveList", {"domains": "vzor.ru, яблоко.рф"}),
        ("domains", "moveList", {"domains": "vzor.child"}),
        ("domains", "index", {}),
        ("domains", "getDomainInfo", {"domain": "яблоко.рф"}),
        ("domains", "createSubdomain", {"domain": "vzor.ru", "machine": "*", "dir": "/"}),
        ("domains", "getSubdomains", {"domain": "vzor.ru"}),
        ("domains", "removeSubdomain", {"domain": "vzor.ru", "machine": "*"}),
        ("domains", "setRedirectVh", {"domain": "vzor.ru", "redirect": "https://example.org"}),
        ("domains", "getRedirectVh", {"domain": "vzor.ru"}),
        ("domains", "regAvailable", {"domain": "priklad.ru", "payType": "balance"}),
        ("domains", "priceForRegistration", {"domain": "vzor.ru"}),
        ("domains", "priceForTrasfer", {"domain": "vzor.ru"}),
        ("domains", "changeProlong", {"domain": "vzor.ru", "prolongType": "no"}),
        ("domains", "prolongList", {"domains": "vzor.ru"}),
        ("domains/bonus", "index", {"page": 1}),
        ("domains/dns", "editTxt", {"domain": "vzor.ru", "action": "add", "value": "x"}),
        ("domains/dns", "editMx", {"domain": "vzor.ru", "action": "add", "value": "x"}),
        ("domains/dns", "editMain", {"domain": "vzor.ru", "action": "add", "type": "A", "value": "192.0.2.1"}),
        ("domains/dns", "info", {"domain": "vzor.ru"}),
        ("domains/dns", "getFile", {"domain": "vzor.ru"}),
        ("notAuthorized", "vpsOsConfig", {}),
        ("account", "getProperties", {}),
        ("tariff", "index", {}),
        ("pay", "getPayRecommendations", {}),
        ("pay", "getUpcomingPaymentsVh", {}),
        ("pay", "changeDeferment", {"turnOn": False}),
        ("domains", "remove", {"domain": "vzor.ru"}),
        ("domains", "removeList", {"domains": ["яблоко.рф"]}),
    ],
)
def test_results_are_as_described(client: httpx.Client, thing: str, method: str, params: dict[str, object]) -> None:
    answer = call(client, thing, method, **params)
    jsonschema_rs.validate(result_schema(description(client, thing), method), answer["result"])


def test_described_parameters_are_those_that_are_read(client: httpx.Client) -> None:
    schemas = {
        param["name"]: param["schema"]
        for method in description(client, "domains")["methods"]
        for param in method["params"]
    }
    for name, good, bad in [
        ("page", 1, 0),
        ("perPage", 1000, 1001),
        ("orderDirect", "DESC", "down"),
        ("prolongType", "none", "yearly"),
        ("domains", [{"fqdn": "a.ru", "prolongType": "no"}], []),
        ("domains", "a.ru, b.ru", 7),
    ]:
        assert jsonschema_rs.is_valid(schemas[name], good)
        assert not jsonschema_rs.is_valid(schemas[name], bad)
