"""docs/asyncapi/live.yaml and docs/live.md say what is."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema_rs import Draft202012Validator, meta
from websockets.sync.client import connect

from api.live.client import PASSWORD, cookie_of, signed_in
from beseda.api.live.connection import HISTORY_MAX, OPS
from beseda.domain.errors import leaves
from beseda.domain.messages import KEY_MAX, MESSAGE_MAX, Kind
from beseda.testing import BesedaServer

DOCS = Path(__file__).parents[3] / "docs"
DOCUMENT: dict[str, Any] = yaml.safe_load((DOCS / "asyncapi" / "live.yaml").read_text("utf-8"))
MESSAGES: dict[str, Any] = DOCUMENT["components"]["messages"]
TOLD = ("hello", "line", "unfollowed", "done", "refused")


def schema(name: str) -> dict[str, Any]:
    """Of a message's payload."""
    return {**MESSAGES[name]["payload"], "components": DOCUMENT["components"]}


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schema(name))


def which(message: dict[str, Any]) -> str:
    """The message of the document that this one is."""
    fits = [name for name in TOLD if validator(name).is_valid(message)]
    assert len(fits) == 1, (message, fits)
    return fits[0]


def test_it_knows_every_op_and_kind() -> None:
    assert set(MESSAGES) == set(OPS) | set(TOLD)
    assert set(DOCUMENT["components"]["schemas"]["line"]["properties"]["kind"]["enum"]) == set(Kind)
    assert {f"#/channels/live/messages/{name}" for name in MESSAGES} == {
        reference["$ref"] for operation in DOCUMENT["operations"].values() for reference in operation["messages"]
    }
    assert set(DOCUMENT["channels"]["live"]["messages"]) == set(MESSAGES)
    post, history = MESSAGES["post"]["payload"]["properties"], MESSAGES["history"]["payload"]["properties"]
    assert (post["text"]["maxLength"], post["key"]["maxLength"]) == (MESSAGE_MAX, KEY_MAX)
    assert history["limit"]["maximum"] == HISTORY_MAX


def test_its_codes_exist() -> None:
    text = MESSAGES["refused"]["payload"]["properties"]["error"]["properties"]["code"]["description"]
    deeds = re.findall(r"[a-z]+(?:_[a-z]+)+", text.split("Of the deed")[1])
    assert set(deeds) <= {leaf.code for leaf in leaves()}


def test_every_schema_is_one() -> None:
    for name in MESSAGES:
        meta.validate(schema(name))
        for example in MESSAGES[name].get("examples", ()):
            assert validator(name).is_valid(example["payload"]), name


def test_its_examples_are_played_and_all_answers_are_in_it(server: BesedaServer) -> None:
    examples = [example["payload"] for name in OPS for example in MESSAGES[name]["examples"]]
    examples.sort(key=lambda call: (call["op"] == "leave", call["id"]))
    seen: set[str] = set()
    with signed_in(server, "Alena") as client:
        url = server.url.replace("http://", "ws://") + "/live?v=1"
        with connect(url, additional_headers=cookie_of(client)) as socket:
            for call in [*examples, {"op": "follow", "room": 1}]:
                socket.send(json.dumps(call))
                while True:
                    message = json.loads(socket.recv(timeout=10))
                    seen.add(which(message))
                    if "re" in message:
                        assert message["ok"] or "id" not in call, (call, message)
                        break
            assert seen == {"hello", "line", "done", "refused"}


@pytest.fixture
def page() -> str:
    return (DOCS / "live.md").read_text("utf-8")


def test_the_bot_of_the_page_runs(page: str, server: BesedaServer) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    environment = os.environ | {"URL": server.url, "PASSWORD": PASSWORD}
    ran = subprocess.run(
        [sys.executable, "-c", example], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "3 Alena Ahoj!\n"


def test_the_command_of_the_page_reads(page: str, server: BesedaServer) -> None:
    (address,) = re.findall(r"http://127\.0\.0\.1:8080(/live/\S+)'", page)
    with signed_in(server, "Alena") as client:
        client.get("/Praha")
        with client.stream("GET", address) as response:
            assert next(line for line in response.iter_lines() if line.startswith("id")) == "id: 1"
