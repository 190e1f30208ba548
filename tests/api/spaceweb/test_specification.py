"""The 15 examples of JSON-RPC 2.0, section 7, with the methods that they call, and what becomes of a crash."""

import asyncio
import json
import re
from typing import Any, cast

import pytest

from beseda.adapters.secrets import SystemEntropy
from beseda.api.base import Message, Outcome, Scope
from beseda.api.spaceweb.routes import SpacewebFace
from beseda.api.spaceweb.table import Gateway, Method, Object, Param, integer
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.testing import ManualClock

SAME = "same"
NAMED = "differs: parameters have names (interaction document, Request format: params)"
ANSWERED = "differs: a request without an id is answered (interaction document, Request format: id)"
MADE_ID = "differs: the answer's id is made here, not null (interaction document: all members are mandatory)"
NO_BATCH = "differs: batches are not supported, no client of SpaceWeb sends one"
MADE = "20261120100000"


async def subtract(_gateway: Gateway, _caller: Caller, minuend: int, subtrahend: int) -> int:
    return minuend - subtrahend


async def update(_gateway: Gateway, _caller: Caller) -> None:
    return None


async def crash(_gateway: Gateway, _caller: Caller) -> None:
    raise RuntimeError("secret")


NUMBER = integer(-1000, 1000)
EXAMPLES = Object(
    "examples",
    "What section 7 calls.",
    {
        "subtract": Method("subtract", subtract, (Param("minuend", NUMBER, ""), Param("subtrahend", NUMBER, ""))),
        "update": Method("update", update),
        "crash": Method("crash", crash),
    },
    public=True,
)
FACE = SpacewebFace(
    cast("Core", None), ManualClock(), SystemEntropy(), registration_price=0, renewal_price=0, objects=[EXAMPLES]
)


class Exchange:
    """One request to the face, without a socket."""

    def __init__(self, body: str) -> None:
        self.scope: Scope = {"method": "POST", "path": "/examples", "headers": [], "client": ("192.0.2.1", 1)}
        self._body = body.encode()
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    async def ask(self) -> Outcome:
        return await FACE(self.scope, self.receive, self.send)

    async def answer_crash(self) -> None:
        await FACE.answer_crash(self.scope, self.send)

    @property
    def answer(self) -> dict[str, Any]:
        (sent,) = self.sent
        assert sent["status"] == 200
        envelope: dict[str, Any] = json.loads(sent["body"])
        return envelope


@pytest.mark.parametrize(
    ("request_text", "call_id", "outcome", "compared"),
    [
        ('{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}', 1, -32602, NAMED),
        ('{"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2}', 2, -32602, NAMED),
        (
            '{"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}',
            3,
            {"result": 19},
            SAME,
        ),
        (
            '{"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": 4}',
            4,
            {"result": 19},
            SAME,
        ),
        ('{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}', MADE, -32602, ANSWERED),
        ('{"jsonrpc": "2.0", "method": "foobar"}', MADE, -32601, ANSWERED),
        ('{"jsonrpc": "2.0", "method": "foobar", "id": "1"}', "1", -32601, SAME),
        ('{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]', MADE, -32700, MADE_ID),
        ('{"jsonrpc": "2.0", "method": 1, "params": "bar"}', MADE, -32600, MADE_ID),
        (
            '[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"}, {"jsonrpc": "2.0", "method"]',
            MADE,
            -32700,
            MADE_ID,
        ),
        ("[]", MADE, -32600, MADE_ID),
        ("[1]", MADE, -32600, NO_BATCH),
        ("[1,2,3]", MADE, -32600, NO_BATCH),
        (
            """[
                {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
                {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
                {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
                {"foo": "boo"},
                {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
                {"jsonrpc": "2.0", "method": "get_data", "id": "9"}
            ]""",
            MADE,
            -32600,
            NO_BATCH,
        ),
        (
            """[
                {"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},
                {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}
            ]""",
            MADE,
            -32600,
            NO_BATCH,
        ),
    ],
)
def test_examples_of_section_7(request_text: str, call_id: object, outcome: object, compared: str) -> None:
    exchange = Exchange(request_text)
    asyncio.run(exchange.ask())
    answer = exchange.answer
    if call_id is MADE:
        assert re.fullmatch(rf"{MADE}\.[A-Za-z0-9]{{10}}", answer["id"])
    else:
        assert answer["id"] == call_id
    assert outcome in ({"result": answer.get("result")}, answer.get("error", {}).get("code"))
    assert compared == SAME or compared.startswith("differs: ")


def test_the_metrics_know_a_call_by_a_name_of_the_table_only() -> None:
    known = '{"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42}, "id": 1}'
    assert asyncio.run(Exchange(known).ask()) == Outcome("examples.subtract", "-32602")
    assert asyncio.run(Exchange('{"jsonrpc": "2.0", "method": "made up"}').ask()) == Outcome("unknown", "-32601")
    assert asyncio.run(Exchange('{"jsonrpc": "2.0", "method": "update"}').ask()) == Outcome("examples.update", "ok")


def test_a_crash_is_told_under_the_requests_id_and_nothing_else_is() -> None:
    exchange = Exchange('{"jsonrpc": "2.0", "method": "crash", "id": 7}')
    with pytest.raises(RuntimeError):
        asyncio.run(exchange.ask())
    asyncio.run(exchange.answer_crash())
    assert exchange.answer["id"] == 7
    assert exchange.answer["error"] == {"code": -32000, "message": "Internal Server Error", "data": []}
