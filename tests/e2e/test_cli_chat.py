"""The terminal client in a terminal, and as a program among others: pipes that break, Ctrl-C."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from beseda.client import Live, LiveRoom
from beseda.testing import PASSWORD, BesedaServer
from e2e.serving import BESEDA
from e2e.terminal import CTRL_C, CTRL_D, CTRL_N, ENTER, PAGE_DOWN, PAGE_UP, TAB, Terminal

Talk = Callable[[str, str], LiveRoom]


@pytest.fixture(scope="module")
def server() -> Iterator[BesedaServer]:
    with BesedaServer({"server.limits": {"room_line": "1000/0.001"}}) as running:
        for nick in ("Alena", "Bohus", "Jan Novak"):
            running.member(nick)
        for name in ("Praha", "Brno"):
            running.room(name)
        yield running


@pytest.fixture
def environment(server: BesedaServer, tmp_path: Path) -> dict[str, str]:
    """Of somebody who is signed in as Bohus."""
    account = server.run(server.core.accounts.find("Bohus"))
    _, secret = server.run(server.core.tokens.add(account.id, "test", server.core.tokens.scope()))
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BESEDA_")}
    return clean | {
        "XDG_CONFIG_HOME": str(tmp_path),
        "BESEDA_URL": server.url,
        "BESEDA_TOKEN": secret,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }


@pytest.fixture
def others(server: BesedaServer) -> Iterator[Talk]:
    """Others who go into rooms."""
    opened: list[Live] = []

    def enter(nick: str, room: str) -> LiveRoom:
        live = Live(server.url)
        opened.append(live)
        live.sign_in(nick, PASSWORD)
        return live.enter(room)

    yield enter
    for live in opened:
        live.close()


def test_talking_in_a_terminal(server: BesedaServer, environment: Mapping[str, str], others: Talk) -> None:
    alena, jan = others("Alena", "Praha"), others("Jan Novak", "Praha")
    alena.say("Kdo je tu?")
    with Terminal([*BESEDA, "chat", "Praha"], environment) as terminal:
        terminal.wait_for("Alena: Kdo je tu?", "Bohus came in", "│ Alena", "│ Jan Novak", "Bohus in Praha, 3 here")
        terminal.type(f"Ahoj všichni{ENTER}")
        terminal.wait_for("Bohus: Ahoj všichni")
        jan.leave()
        terminal.wait_for("Jan Novak left", "2 here")
        others("Jan Novak", "Praha")
        terminal.wait_for("Jan Novak came in", "3 here")

        terminal.type(f"/whi{TAB}")
        terminal.wait_for("> /whisper")
        terminal.type(f"Ja{TAB}")
        terminal.wait_for('> /whisper "Jan Novak"')
        terminal.type(f"pst{ENTER}")
        terminal.wait_for("Bohus → Jan Novak: pst")
        alena.whisper(server.run(server.core.accounts.find("Bohus")), "tajné")
        terminal.wait_for("Alena → Bohus: tajné")
        terminal.type(f"al{TAB}")
        terminal.wait_for("> Alena:")
        terminal.type(f"vidím{ENTER}/kick nikdo proč{ENTER}")
        terminal.wait_for("Bohus: Alena: vidím", "nick not here")

        terminal.type(f"/join Brno{ENTER}")
        terminal.wait_for("Bohus in Brno, 1 here")
        alena.say("nepřečtené")
        terminal.wait_for("Praha 1")
        terminal.type(CTRL_N)
        terminal.wait_for("Alena: nepřečtené", "Bohus in Praha")
        terminal.wait_until(lambda: "Praha 1" not in terminal.text)

        server.drop_connections()
        alena.say("po výpadku")
        terminal.wait_for("Alena: po výpadku")
        terminal.type(f"jsem zpět{ENTER}")
        assert terminal.wait_for("Bohus: jsem zpět").count("po výpadku") == 1
        terminal.type(f"/quit{ENTER}")
        assert terminal.wait() == 0
    told = alena.lines()
    while getattr(next(told), "taken_out", None) is not False:  # he left by himself
        pass


@pytest.mark.long
def test_earlier_lines_and_small_terminals(server: BesedaServer, environment: Mapping[str, str]) -> None:
    room = server.room("Dlouhá")
    for number in range(80):
        room.say("Alena", f"řádek {number:02}")
    with Terminal([*BESEDA, "chat", "Dlouhá", "--history", "20"], environment, columns=80, rows=14) as terminal:
        shown = terminal.wait_for("řádek 79", "Bohus came in", "│ Alena")
        assert "řádek 60" not in shown
        for _ in range(4):
            terminal.type(PAGE_UP)
        terminal.wait_for("lines below")
        room.say("Alena", "mezitím")
        assert "mezitím" not in terminal.wait_for("lines below")
        terminal.type(PAGE_DOWN * 9)
        terminal.wait_for("Alena: mezitím")
        terminal.resize(40, 8)
        shown = terminal.wait_until(lambda: "│" not in terminal.text and "mezitím" in terminal.text)
        assert "Bohus in Dlouhá" in shown
        terminal.type(f"/search řádek 79{ENTER}/nic{ENTER}")
        terminal.wait_for("79")
        terminal.type(CTRL_D)
        assert terminal.wait() == 0


@pytest.mark.long
def test_what_ends_it(server: BesedaServer, environment: Mapping[str, str], others: Talk) -> None:
    admin = others("Alena", "Přísná")
    with Terminal([*BESEDA, "chat", "Přísná"], environment) as terminal:
        terminal.wait_for("Bohus in Přísná")
        admin.say("/kick Bohus reklama")
        assert terminal.wait() == 0
    with Terminal([*BESEDA, "chat", "Přísná"], environment) as terminal:
        terminal.wait_for("beseda: kicked out: reklama (again in 900 s)")
        assert terminal.wait() == 1
    with Terminal([*BESEDA, "chat", "Brno"], environment) as terminal:
        terminal.wait_for("Bohus in Brno")
        terminal.type(CTRL_C)
        assert terminal.wait() == 0
        assert "Traceback" not in terminal.text
    with Terminal([*BESEDA, "chat", "Brno", "--plain"], environment) as terminal:
        terminal.wait_for("-- Bohus came in")
        terminal.type(f"po řádcích{ENTER}")
        terminal.wait_for("<Bohus> po řádcích")
        terminal.type(CTRL_C)
        assert terminal.wait() == 130
        assert "Traceback" not in terminal.text


def test_without_what_draws_it(environment: Mapping[str, str]) -> None:
    program = "import sys; sys.modules['prompt_toolkit'] = None; sys.argv = ['beseda', 'chat', 'Brno']\n"
    with Terminal([sys.executable, "-c", f"{program}from beseda.cli import main; main()"], environment) as terminal:
        told = terminal.wait_for("pip install 'beseda[chat]'")
        assert terminal.wait() == 1
        assert "--plain" in " ".join(told.split())


@pytest.mark.long
def test_pipes_that_break_and_interrupts_are_quiet(server: BesedaServer, environment: Mapping[str, str]) -> None:
    room = server.room("Roura")
    command = [*BESEDA, "chat", "Roura", "--stay"]
    with subprocess.Popen(
        command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as reading:
        assert reading.stdout is not None
        assert reading.stderr is not None
        while b"Bohus came in" not in reading.stdout.readline():
            pass
        room.say("Alena", "jedna")
        while b"<Alena> jedna" not in reading.stdout.readline():
            pass
        reading.stdout.close()
        room.say("Alena", "dvě")
        assert reading.wait(timeout=60) == 141
        assert reading.stderr.read() == b""
    with subprocess.Popen(
        command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as reading:
        assert reading.stdout is not None
        reading.stdout.readline()
        reading.send_signal(signal.SIGINT)
        _, told = reading.communicate(timeout=60)
        assert (reading.returncode, told) == (130, b"")
