"""The programs of examples/ do what they say, each as a process of its own against a real server."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from beseda.domain.tokens import Scope
from beseda.testing import PASSWORD, BesedaServer, Room

EXAMPLES = Path(__file__).parents[2] / "examples"


@contextlib.contextmanager
def running(name: str, folder: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """The program runs beside the block, and ends in good order when it is asked to."""
    process = subprocess.Popen(
        [sys.executable, EXAMPLES / name], env=os.environ | environment, cwd=folder, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        assert "Traceback" not in errors
    finally:
        process.kill()
        process.communicate()


def until(ready: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < end_s
        time.sleep(0.02)


def is_inside(room: Room, nick: str) -> Callable[[], bool]:
    return lambda: [line.kind for line in room.lines() if line.author == nick][-1:] == ["entered"]


@pytest.fixture
def robot(server: BesedaServer) -> dict[str, str]:
    """What a program finds in its environment."""
    account = server.member("Robot")
    _, token = server.run(
        server.core.tokens.add(server.run(server.core.accounts.find("Robot")).id, "t", Scope(bot=True))
    )
    assert account.id
    return {"BESEDA_URL": server.url, "BESEDA_TOKEN": token, "ROOM": "Praha"}


def test_echo(server: BesedaServer, robot: dict[str, str], tmp_path: Path) -> None:
    room = server.room("Praha")
    server.member("Alena")
    with running("echo.py", tmp_path, **robot):
        until(is_inside(room, "Robot"))
        room.say("Alena", "!echo Ahoj!")
        room.say("Alena", "!echo /kick Alena")
        until(lambda: room.texts()[-1] == "› /kick Alena")
    room.say("Alena", "!echo zatím")
    with running("echo.py", tmp_path, **robot):
        until(lambda: room.texts()[-1] == "zatím")
    assert room.texts()[1:] == ["!echo /kick Alena", "Ahoj!", "› /kick Alena", "!echo zatím", "zatím"] or (
        room.texts() == ["!echo Ahoj!", "Ahoj!", "!echo /kick Alena", "› /kick Alena", "!echo zatím", "zatím"]
    )


def test_moderator(server: BesedaServer, robot: dict[str, str], tmp_path: Path) -> None:
    room = server.room("Praha", admin="Robot")
    for nick in ("Alena", "Bohus", "Admin"):
        server.member(nick)
    server.make_room_admin("Admin", room)
    server.set_karma("Admin", earned=100, given=100, level=3)
    server.give_karma("Admin", "Bohus", 1)  # else the room takes no links of his
    with running("moderator.py", tmp_path, **robot):
        until(is_inside(room, "Robot"))
        room.enter("Bohus")
        until(lambda: "Vítej, Bohus! Napiš !help." in room.texts())
        room.say("Bohus", "viz http://spam.example")
        until(lambda: "Bohus: odkazy jen se svolením admina." in room.texts())
        assert "viz http://spam.example" not in room.texts()
        room.say("Admin", "!trust Bohus")
        until(lambda: "Admin: Bohus smí posílat odkazy." in room.texts())
        room.say("Bohus", "viz http://dobry.example")
        for number in range(6):
            room.say("Admin", f"admin {number}")
            room.say("Alena", f"tok {number}")
        until(lambda: "Alena: pomaleji, prosím." in room.texts())
        for number in range(6):
            room.say("Alena", f"znovu {number}")
        until(lambda: any(line.kind == "kicked" for line in room.lines()))
        (kicked,) = [line for line in room.lines() if line.kind == "kicked"]
        assert (kicked.author, kicked.to, kicked.text) == ("Robot", "Alena", "flood")
        assert "viz http://dobry.example" in room.texts()
    logged = [json.loads(line) for line in (tmp_path / "moderator.log").read_text("utf-8").splitlines()]
    assert ("Text", "Bohus", "viz http://spam.example") in {
        (each["kind"], each["author"], each["text"]) for each in logged
    }
    assert "TextDeleted" in {line["kind"] for line in logged}


@pytest.mark.long  # Chat.cz is asked every five seconds
@pytest.mark.parametrize("same", [False, True], ids=["two rooms", "one room by mistake"])
def test_bridge(server: BesedaServer, tmp_path: Path, same: bool) -> None:
    one, two = server.room("Praha"), server.room("Brno")
    if same:
        two = one
    for nick in ("MostA", "MostB", "Alena", "Bohus"):
        server.member(nick)
    environment = {
        "CHATCZ_URL": server.url,
        "CHATCZ_LOGIN": "MostA",
        "CHATCZ_PASSWORD": PASSWORD,
        "CHATCZ_ROOM": "Praha",
        "SPACES_URL": server.url,
        "SPACES_LOGIN": "MostB",
        "SPACES_PASSWORD": PASSWORD,
        "SPACES_ROOM": str(two.id),
    }
    with running("bridge.py", tmp_path, **environment):
        until(is_inside(one, "MostA"))
        until(is_inside(two, "MostB"))
        one.say("Alena", "z Prahy <b>")
        two.say("Bohus", "x" * 1000)
        carried = ["⇄ Alena: z Prahy <b>", "⇄ Bohus: " + "x" * 890 + "…"]
        until(lambda: carried[0] in two.texts() and carried[1] in one.texts())
        one.say("Alena", "konec")
        until(lambda: "⇄ Alena: konec" in two.texts())
    if same:  # each line is heard by both sides and said twice, not for ever
        assert len(one.texts()) <= 9
    else:
        assert one.texts() == ["z Prahy <b>", carried[1], "konec"]
        assert two.texts() == ["x" * 1000, carried[0], "⇄ Alena: konec"] or (
            two.texts() == [carried[0], "x" * 1000, "⇄ Alena: konec"]
        )
