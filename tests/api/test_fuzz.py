"""Anything at all may be sent: never a 5xx, never an envelope that is not whole.

Chat.cz and Spaces are described in docs/openapi and asked by schemathesis; SpaceWeb, whose body no OpenAPI describes,
and addresses that nobody described are asked by hypothesis.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from beseda.core.accounts import Application
from beseda.domain.sessions import Handle
from beseda.testing import BesedaServer

pytestmark = pytest.mark.long

OPENAPI = Path(__file__).parents[2] / "docs" / "openapi"
CHATCZ = schemathesis.openapi.from_path(OPENAPI / "chatcz.yaml")
SPACES = schemathesis.openapi.from_path(OPENAPI / "spaces.yaml")
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
QUICK = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def server() -> Iterator[BesedaServer]:
    with BesedaServer() as running:
        running.run(running.core.rooms.add("Praha"))
        running.run(running.core.accounts.add(Application("Alena", "kratka zima 7")))
        yield running


@pytest.fixture(scope="module")
def token(server: BesedaServer) -> str:
    deed = server.core.auth.sign_in("Alena", "kratka zima 7", kind=Handle.BEARER, address="192.0.2.1")
    return server.run(deed).handle


@pytest.fixture(scope="module")
def client(server: BesedaServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url) as opened:
        yield opened


@CHATCZ.parametrize()
@QUICK
def test_chatcz_keeps_to_its_description(server: BesedaServer, case: Any) -> None:
    case.call_and_validate(base_url=f"{server.url}/api", checks=CHECKS)


@SPACES.parametrize()
@QUICK
def test_spaces_keeps_to_its_description(server: BesedaServer, case: Any) -> None:
    case.call_and_validate(base_url=server.url, checks=CHECKS)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(
    ["vzor.ru", "příklad.cz", "пример.рф", "a.child", "", "*", "x" * 300, "xn--a.ru", "vzor.ru, b.ru"]
)
params = st.dictionaries(
    st.sampled_from(
        [
            "domain",
            "domains",
            "prolongType",
            "dir",
            "login",
            "password",
            "page",
            "perPage",
            "type",
            "filter",
            "orderField",
        ]
    ),
    names | anything,
    max_size=4,
)
calls = st.fixed_dictionaries(
    {},
    optional={
        "jsonrpc": st.just("2.0") | anything,
        "method": st.sampled_from(["index", "move", "add", "moveList", "remove", "removeList", "getDomainInfo"])
        | st.sampled_from(["getToken", "getBalance", "rpc.discover"])
        | anything,
        "params": params | anything,
        "id": anything,
        "user": st.just("Alena") | anything,
        "version": anything,
    },
)
bodies = calls.map(lambda call: json.dumps(call).encode()) | anything.map(lambda x: json.dumps(x).encode())
objects = st.sampled_from(["domains", "domains/", "pay", "notAuthorized/", "nothing", "domains/dns", ""])


@given(path=objects, body=bodies | st.binary(max_size=60), signed_in=st.booleans())
@settings(QUICK, max_examples=400)
def test_spaceweb_always_answers_a_whole_envelope(
    client: httpx.Client, token: str, path: str, body: bytes, signed_in: bool
) -> None:
    headers = {"Authorization": f"Bearer {token}"} if signed_in else {}
    answer = client.post(f"/rpc/{path}", content=body, headers=headers)
    assert answer.status_code == 200
    envelope = answer.json()
    assert envelope["jsonrpc"] == "2.0"
    assert isinstance(envelope["version"], str)
    assert envelope.keys() - {"result", "error"} == {"jsonrpc", "version", "id"}
    assert ("result" in envelope) != ("error" in envelope)
    if "error" in envelope:
        assert envelope["error"].keys() == {"code", "message", "data"}
        assert envelope["error"]["code"] != -32000


segments = st.lists(
    st.sampled_from(
        [
            "api",
            "rooms",
            "room",
            "1",
            "users",
            "user",
            "neoapi",
            "session",
            "ajax",
            "rpc",
            "json",
            "leaveRoom",
            "p",
            "login",
        ]
    )
    | st.text(max_size=12),
    max_size=4,
)
types = st.sampled_from(
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data", "", "text/plain"]
)
verbs = st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"])


@given(verb=verbs, path=segments, query=st.text(max_size=20), kind=types, body=st.binary(max_size=80))
@settings(QUICK, max_examples=500)
def test_no_address_breaks_the_server(
    client: httpx.Client, verb: str, path: list[str], query: str, kind: str, body: bytes
) -> None:
    address = f"{client.base_url}/" + "/".join(quote(segment, safe="", errors="replace") for segment in path)
    answer = client.request(verb, address, params={"q": query}, content=body, headers={"Content-Type": kind})
    assert answer.status_code < 500
    assert "Traceback" not in answer.text
