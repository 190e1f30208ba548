"""The control port: what tests in other languages ask for."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from beseda.cli.testing import group
from beseda.testing.control import Control

BESEDA = [sys.executable, "-m", "beseda"]


@pytest.fixture(scope="module")
def running() -> Iterator[Control]:
    with Control() as control:
        yield control


@pytest.fixture
def control(running: Control) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.url) as client:
        assert client.post("/reset", json={}).status_code == 200
        yield client


def ask(control: httpx.Client, deed: str, **arguments: Any) -> Any:
    answer = control.post(f"/{deed}", json=arguments)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_it_prepares(control: httpx.Client) -> None:
    url = control.get("/").json()["url"]
    alena = ask(control, "member", nick="Alena", sex="f")
    assert alena == {"id": alena["id"], "nick": "Alena", "password": "modry zvonek 12", "email": ""}
    room = ask(control, "room", name="Kavárna", admin="Alena")
    assert ask(control, "say", who="Alena", where="Kavárna", text="Ahoj!") > 0
    assert ask(control, "texts", where=room) == ["Ahoj!"]
    assert set(ask(control, "sid", who=alena)) == {"sid", "ck", "channel"}
    ask(control, "credit", who="Alena", amount="12.50", pocket="bonus")
    ask(control, "fail_next", call="chatcz.rooms", error="too_often", facts={"retry_after_s": 3.0})
    with httpx.Client(base_url=url) as http:
        assert [http.get("/api/rooms").json()["status"] for _ in range(2)] == [429, 200]
    before = ask(control, "move_clock", seconds=0)
    assert ask(control, "move_clock", seconds=61.5) > before


def test_a_reset_empties_at_the_same_address(control: httpx.Client) -> None:
    url = control.get("/").json()["url"]
    ask(control, "room", name="Praha")
    ask(control, "restart")
    assert [room["name"] for room in httpx.get(f"{url}/api/rooms").json()["rooms"]] == ["Praha"]
    ask(control, "reset", settings={"accounts.registration": "closed"})
    assert control.get("/").json()["url"] == url
    assert httpx.get(f"{url}/api/rooms").json()["rooms"] == []


@pytest.mark.parametrize(
    ("deed", "body", "status", "told"),
    [
        ("nothing", {}, 404, "no deed '/nothing'"),
        ("member", {}, 400, "nick"),
        ("member", {"nick": 7}, 400, "Expected `str`"),
        ("member", {"nick": "Alena", "age": 7}, 400, "age"),
        ("member", {"nick": "a"}, 409, "nick_invalid"),
        ("say", {"who": "Nikdo", "where": "Praha", "text": "Ahoj"}, 409, "account_not_found"),
        ("delete_line", {"who": "Nikdo", "where": "Praha", "seq": 1}, 409, "account_not_found"),
        ("set_standing", {"who": "Nikdo", "standing": "blocked"}, 409, "account_not_found"),
        ("fail_next", {"call": "chatcz.getTxt"}, 400, "did you mean chatcz.getText"),
        ("reset", {"settings": {"server.colour": "blue"}}, 400, "there is no such setting"),
    ],
)
def test_what_it_refuses(control: httpx.Client, deed: str, body: object, status: int, told: str) -> None:
    answer = control.post(f"/{deed}", json=body)
    assert answer.status_code == status
    assert told in answer.text
    assert set(answer.json()) == {"error", "message"}


def test_what_pages_of_other_sites_can_send_is_not_taken(control: httpx.Client) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded"):
        refused = control.post("/member", content=b'{"nick": "Alena"}', headers={"Content-Type": content_type})
        assert refused.status_code == 415
    assert ask(control, "member", nick="Alena")["nick"] == "Alena"


def test_no_json_is_no_call(control: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}
    assert control.post("/member", content=b"{", headers=headers).status_code == 400
    assert control.post("/member", content=b"x" * 2_000_000, headers=headers).status_code == 413


@pytest.mark.long
def test_the_program_ends_with_its_input() -> None:
    command = [*BESEDA, "testing", "serve", "--until-eof"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert httpx.get(f"{told['url']}/api/rooms").json()["rooms"] == []
        assert httpx.get(told["control"]).json()["url"] == told["url"]
        process.stdin.close()
        assert process.wait(timeout=30) == 0


@pytest.mark.parametrize("arguments", [["--listen", "nowhere"], ["--control", "127.0.0.1:99999"]])
def test_the_program_refuses_what_is_no_address(arguments: list[str]) -> None:
    ran = CliRunner().invoke(group, ["serve", *arguments])
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "is no HOST:PORT" in ran.stderr
    assert ran.stderr.count("\n") == 1
