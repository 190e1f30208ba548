"""docs/asyncapi/live.yaml and docs/live.md say what is."""

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import yaml
from jsonschema_rs import Draft202012Validator, meta
from websockets.sync.client import connect

from api.live.client import PASSWORD, Live, cookie_of, live, member, signed_in
from beseda.api.hub import BROKEN, GOING_AWAY, POLICY, TOO_SLOW
from beseda.api.live.connection import WAITING_MAX
from beseda.api.live.events import WAITING_MAX_BYTES
from beseda.api.live.ops import OPS
from beseda.api.live.talk import HISTORY_MAX, ROOMS_MAX
from beseda.domain.commands import WORDS
from beseda.domain.errors import leaves
from beseda.domain.messages import KEY_MAX, MESSAGE_MAX, Kind
from beseda.domain.sessions import LIFETIMES, Handle
from beseda.domain.tokens import looks_like_token
from beseda.server.config import Config
from beseda.server.sockets import MESSAGE_MAX_BYTES, NOT_UTF8, PING_S, SILENCE_S, UNSUPPORTED
from beseda.testing import BesedaServer
from beseda.wire import live as wire
from e2e.console import Console

DOCS = Path(__file__).parents[3] / "docs"
DOCUMENT: dict[str, Any] = yaml.safe_load((DOCS / "asyncapi" / "live.yaml").read_text("utf-8"))
MESSAGES: dict[str, Any] = DOCUMENT["components"]["messages"]
CLOSE_CODES = {GOING_AWAY, UNSUPPORTED, NOT_UTF8, POLICY, 1009, BROKEN, TOO_SLOW}
TOLD = (
    "hello",
    "line",
    "unfollowed",
    "changes",
    "counts",
    "mark",
    "letter",
    "thread",
    "writing",
    "done",
    "refused",
)


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


SCHEMAS: dict[str, type[msgspec.Struct]] = {
    "person": wire.Person,
    "occupant": wire.Occupant,
    "room": wire.Room,
    "info": wire.Info,
    "kick": wire.Kick,
    "report": wire.Report,
    "card": wire.Card,
    "counts": wire.Counts,
    "mark": wire.Mark,
    "thread": wire.Thread,
    "letter": wire.Letter,
    "token": wire.Token,
    "line": wire.Line,
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_what_the_client_reads_is_what_it_describes(name: str) -> None:
    written = DOCUMENT["components"]["schemas"][name]
    fields = {each.encode_name: each.required for each in msgspec.structs.fields(SCHEMAS[name])}
    assert fields.keys() == written["properties"].keys() - {"online"} | ({"online"} & fields.keys())
    assert {field for field, required in fields.items() if required} == set(written.get("required", ()))


@pytest.mark.parametrize("op", OPS)
def test_what_the_client_asks_is_what_it_describes(op: str) -> None:
    call = wire.OPS[op]
    fields = {each.encode_name: each.required for each in msgspec.structs.fields(call)}
    payload = MESSAGES[op]["payload"]
    assert fields.keys() | {"op"} == payload["properties"].keys()
    assert {"op", *(field for field, required in fields.items() if required)} == set(payload["required"])
    answer = {each.encode_name for each in msgspec.structs.fields(wire.answer_of(call))}
    assert answer <= MESSAGES["done"]["payload"]["properties"].keys()


def test_its_codes_exist_and_are_those_of_the_page(page: str) -> None:
    text = MESSAGES["refused"]["payload"]["properties"]["error"]["properties"]["code"]["description"]
    words, codes = set(re.findall(r"\w+", text.split("Of the deed")[1])), {leaf.code for leaf in leaves()}
    assert {word for word in words if "_" in word} <= codes
    assert rows(page, "What is refused") == words & codes


def rows(page: str, section: str) -> set[str]:
    """What the first column of the table in a section of the page names."""
    (told,) = re.findall(rf"^## {section}\n(.*?)(?=^## )", page, re.MULTILINE | re.DOTALL)
    names: list[str] = re.findall(r"^\| `(\w+)` \|", told, re.MULTILINE)
    assert len(names) == len(set(names)), names
    return set(names)


def test_the_page_knows_every_event_and_kind_of_line(page: str) -> None:
    assert rows(page, "Events") == set(TOLD) - {"done", "refused"}
    assert rows(page, "Lines") == set(Kind)


def test_every_schema_is_one() -> None:
    for name in MESSAGES:
        meta.validate(schema(name))
        for example in MESSAGES[name].get("examples", ()):
            assert validator(name).is_valid(example["payload"]), name


@pytest.mark.parametrize("settings", [{"server.limits": {"socket_frame": "1000/0.001"}}], ids=["faster than people"])
def test_its_examples_are_played_and_all_answers_are_in_it(server: BesedaServer) -> None:
    examples = [example["payload"] for name in OPS for example in MESSAGES[name].get("examples", ())]
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
            assert seen >= {"hello", "line", "done", "refused", "letter", "thread"}


@pytest.fixture
def page() -> str:
    return (DOCS / "live.md").read_text("utf-8")


@contextlib.contextmanager
def bearer_socket(server: BesedaServer, nick: str) -> Iterator[Live]:
    call = {"jsonrpc": "2.0", "method": "getToken", "params": {"login": nick, "password": PASSWORD}}
    token = httpx.post(f"{server.url}/rpc/notAuthorized", json=call).json()["result"]
    with live(server, {"Authorization": f"Bearer {token}"}) as opened:
        yield opened


@contextlib.contextmanager
def bot(page: str, server: BesedaServer, token: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The bot of the page, until it is killed."""
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    environment = os.environ | {"URL": server.url, "TOKEN": token, "ROOM": "Praha"}
    command = [sys.executable, "-c", example]
    with subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def test_the_bot_of_the_page_answers_each_line_once(page: str, server: BesedaServer, tmp_path: Path) -> None:
    """Though it is killed in between, lines come while it is away, and somebody wants it to give a command."""
    account = server.run(server.core.accounts.find("Brana"))
    scope = server.core.tokens.scope(bot=True, rooms=[1])
    token, secret = server.run(server.core.tokens.add(account.id, "echo", scope))
    with member(server, "Alena") as alena:
        alena.do("enter", name="Praha")
        alena.do("follow", room=1)
        with bot(page, server, secret, tmp_path) as running:
            assert running.stdout is not None
            assert running.stdout.readline() == "in Praha\n"
            for text in ("echo jedna", "nic", "echo /l"):
                alena.do("post", room=1, text=text)
            said = texts_of(alena, "Brana", 2)
        for text in ("echo dve", "echo tri"):
            alena.do("post", room=1, text=text)
        with bot(page, server, secret, tmp_path) as running:
            said += texts_of(alena, "Brana", 2)
            server.run(server.core.tokens.revoke(token.id))
            assert running.wait(30) == 1
        assert said == ["Echo: jedna", "Echo: /l", "Echo: dve", "Echo: tri"]


def texts_of(reader: Live, nick: str, count: int) -> list[str]:
    texts: list[str] = []
    while len(texts) < count:
        (line,) = reader.take_lines(1)
        if line["kind"] == "text" and line["actor"]["nick"] == nick:
            texts.append(line["text"])
    return texts


def test_the_command_of_the_page_makes_the_bots_token(page: str, tmp_path: Path) -> None:
    (words,) = re.findall(r"^beseda (token add .*)$", page, re.MULTILINE)
    console = Console(tmp_path).begin()
    console.run("account", "add", "Alena")
    console.run("room", "add", "Praha")
    made = console.json(*words.split())
    assert looks_like_token(made["token"])
    assert made["scope"] == "bot, room 1"


def test_the_page_knows_every_op_command_and_close_code(page: str) -> None:
    post = MESSAGES["post"]["description"]
    assert all(f"`{op}`" in page for op in OPS)
    for word in WORDS:
        assert re.search(rf"`/{word}`", page), word
        assert re.search(rf"/{word}\b", post), word
    assert set(re.findall(r"/([a-z0-9]+)", post)) == set(WORDS)
    assert {int(code) for code in re.findall(r"^\| (1\d{3}) \|", page, re.MULTILINE)} == CLOSE_CODES
    assert {int(code) for code in re.findall(r"\b1\d{3}\b", DOCUMENT["info"]["description"])} >= CLOSE_CODES


def test_its_numbers_are_those_of_the_code(page: str) -> None:
    bearer, cookie = LIFETIMES[Handle.BEARER], LIFETIMES[Handle.COOKIE]
    for count, phrase in (
        (bearer.absolute / timedelta(hours=1), "ends {} hours after it began"),
        (bearer.idle / timedelta(hours=1), "after {} hours without use"),
        (cookie.absolute / timedelta(days=1), "after {} days, and"),
        (cookie.idle / timedelta(days=1), "and {} without use"),
        (WAITING_MAX, "Up to {} may wait"),
        (ROOMS_MAX, "follows up to {} rooms"),
        (WAITING_MAX_BYTES / 1024, "more than {} KiB behind"),
        (PING_S, "pings every {} seconds"),
        (SILENCE_S, "not heard for {}."),
        (MESSAGE_MAX_BYTES / 1024, "more than {} KiB"),
    ):
        assert phrase.format(int(count)) in " ".join(page.split()), phrase
    assert Config().rooms.idle_timeout_s == 3600
    assert "writes nothing for an hour" in page


def test_a_day_is_the_longest_that_a_token_lasts(server: BesedaServer) -> None:
    """However busily it is used."""
    with bearer_socket(server, "Alena") as socket:
        for _ in range(23):
            server.move_clock(3600)
            socket.do("enter", name="Praha")
        server.move_clock(3601)
        assert socket.closed_with() == 1008


def test_who_writes_nothing_is_taken_out_and_may_come_back(server: BesedaServer) -> None:
    with member(server, "Alena") as alena:
        room = alena.do("enter", name="Praha")["room"]
        cursor = alena.do("follow", room=room)["cursor"]
        server.move_clock(3601)
        alena.refused("post", room=room, text="jsem tu?")
        assert alena.unfollowed == [room]
        alena.do("enter", name="Praha")
        alena.lines.clear()
        alena.do("follow", room=room, after=cursor)
        assert "entered" in [line["kind"] for line in alena.lines]


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        ("/live", {}, 401, "not_signed_in"),
        ("/live/rooms/1", {}, 401, "not_signed_in"),
        ("/live", {"Origin": "https://evil.example.org"}, 403, "cross_site"),
        ("/live?v=2", {}, 400, "unknown_version"),
        ("/live/x", {}, 404, "not_found"),
        ("/live/rooms/1", {}, 403, "not_in_room"),
    ],
)
def test_it_refuses_as_the_page_says(
    page: str, server: BesedaServer, path: str, headers: dict[str, str], status: int, code: str
) -> None:
    with signed_in(server, "Alena") as client:
        if status == 401:
            client.cookies.clear()
        answer = client.get(path, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert re.search(rf"{status}\s+`{code}`", page)


def test_a_request_that_is_no_handshake_is_told_so(server: BesedaServer) -> None:
    with signed_in(server, "Alena") as client:
        assert client.get("/live").status_code == 426


def test_the_command_of_the_page_reads(page: str, server: BesedaServer) -> None:
    (address,) = re.findall(r"http://127\.0\.0\.1:8080(/live/\S+)'", page)
    with signed_in(server, "Alena") as client:
        client.get("/Praha")
        with client.stream("GET", address) as response:
            assert next(line for line in response.iter_lines() if line.startswith("id")) == "id: 1"
