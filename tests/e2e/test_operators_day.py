"""A day of an operator by the real program of a wheel in an environment of its own, and by what members use.

From the installation over a member who has to go, a backup and an upgrade, to a second node on PostgreSQL.
"""

import json
import sqlite3
import subprocess
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from beseda.adapters.sql.dump import DumpReader
from beseda.adapters.sql.dump_sqlite import load_sqlite
from beseda.adapters.sql.schema import SCHEMA
from beseda.client import Live, SessionEnded, SignInRefused, lines
from beseda.testing.postgres import run_postgres
from contract.test_dump import FIXTURES
from e2e.serving import QUICK_HASHES, Process, environment
from meta.empty import Environment
from meta.test_wheel import environment as installed
from meta.test_wheel import wheel  # noqa: F401 - a fixture

PASSWORD = "kratka zima 7"
PASSPHRASE = "seven quiet stones"
RUDE = "Jste všichni hloupí"
MEMBERS = ("Boris", "Vilma")


class Operator:
    """Who works on this machine. Servers that he starts are killed at the end, unless he has stopped them."""

    def __init__(self, machine: Environment, folder: Path, running: ExitStack) -> None:
        self._program = str(machine.bin / "beseda")
        self._running = running
        self.folder = folder
        self.database = ""

    def _settings(self) -> dict[str, str]:
        return QUICK_HASHES | {
            "BESEDA_ACCOUNTS_REGISTRATION": "invite",
            "BESEDA_SERVER_DATABASE": self.database,
        }

    def beseda(self, words: str, *more: str, data: str = "data", stdin: str = "", code: int = 0) -> Any:
        """What a command answers."""
        ran = subprocess.run(
            [self._program, *words.split(), *more, "--json", "--data", data],
            cwd=self.folder,
            env=environment(self._settings()),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert ran.returncode == code, ran.stderr
        return json.loads(ran.stdout)

    def serve(self, data: str = "data") -> Process:
        place = ("--data", str(self.folder / data), "--listen", "127.0.0.1:0")
        process = Process("serve", *place, settings=self._settings(), program=[self._program])
        self._running.callback(process.kill)
        return process


@pytest.fixture
def operator(wheel: Path, tmp_path: Path) -> Iterator[Operator]:  # noqa: F811 - the fixture's value
    with ExitStack() as running:
        yield Operator(installed(tmp_path / "installed", wheel, "server"), tmp_path, running)


def join(server: Process, nick: str, invite: str) -> int:
    """Register in the page; the status of the answer."""
    filled_in = {"nick": nick, "password": PASSWORD, "invite": invite}
    return httpx.post(f"{server.url}/register", data=filled_in).status_code


def token(server: Process, nick: str) -> str:
    call = {"jsonrpc": "2.0", "id": 1, "method": "getToken", "params": {"login": nick, "password": PASSWORD}}
    return str(httpx.post(f"{server.url}/rpc/notAuthorized", json=call).json()["result"])


def begin(operator: Operator) -> Process:
    """First start, a member who is an admin, a room, and two who come by invitation."""
    server = operator.serve()
    assert "There is no account yet. To make the first:" in server.printed
    operator.beseda("account add Hana --password-stdin", stdin=PASSWORD)
    assert operator.beseda("account role Hana --room-admin")["role"] == "room_admin"
    operator.beseda("operator grant Hana --role owner")
    operator.beseda("room add Praha")
    code = operator.beseda("invite add --uses 2")["code"]
    assert join(server, "Cyril", "neznam") == 422
    assert [join(server, nick, code) for nick in (*MEMBERS, "Cyril")] == [303, 303, 422]
    return server


def settle_abuse(operator: Operator, server: Process) -> int:
    """The number of the line that was reported, settled by the admin's API; who wrote it is out at once."""
    secret = operator.beseda("operator add Robot --role moderator")["token"]
    with Live(server.url, token=token(server, "Boris")) as his, Live(server.url, token=token(server, "Vilma")) as hers:
        entered = his.enter("Praha")
        rude = entered.say(RUDE)
        hers.enter("Praha").report(rude.seq or 0, "nadává")
        (report,) = operator.beseda("report list")
        assert (report["author"], report["reporter"], report["text"]) == ("Boris", "Vilma", RUDE)
        settled = httpx.post(
            f"{server.ops_url}/admin/api/report/settle",
            headers={"Authorization": f"Bearer {secret}"},
            json={"room": "Praha", "line": report["line"]},
        )
        assert settled.status_code == 200, settled.text
        assert operator.beseda("report list") == []
        assert operator.beseda("account block Boris")["standing"] == "blocked"
        deque(entered.lines(), maxlen=0)  # until he is outside
        with pytest.raises(SessionEnded):
            his.rooms.list()
        assert hers.rooms.list().rooms
    assert {"report/settle", "account/block"} <= {each["command"] for each in operator.beseda("audit list")}
    return int(report["line"])


def upgrade_an_old_one(operator: Operator) -> None:
    """The database of the first Beseda, served by this one, which has kept it as it was."""
    old = operator.folder / "old"
    old.mkdir(mode=0o700)
    (old / "server.key").write_text("5a" * 32)
    with closing(sqlite3.connect(old / "beseda.db", isolation_level=None)) as database, FIXTURES[0].open("rb") as file:
        load_sqlite(database, DumpReader(file), version=1)
    server = operator.serve("old")
    assert httpx.get(f"{server.url}/api/rooms").json()["status"] == 200
    assert server.stop() == 0
    (kept,) = (old / "backups").glob(f"before-schema-{SCHEMA}-from-1-*")
    before = operator.beseda("restore --dry-run", str(kept), data="old")
    assert (before["schema"], before["verified"]) == (1, True)
    assert len(operator.beseda("account list", data="old")) == 4
    assert operator.beseda("migrate", data="old") == {"schema": SCHEMA, "migrated": False}


def move_to_postgres(operator: Operator, file: str, content: str, hers: str, reported: int) -> None:
    """Two nodes on what was in the backup; sessions go on, for the key came along."""
    restored = operator.beseda("restore --with-key --keep-serials", file, data="node1", stdin=PASSPHRASE)
    assert (restored["verified"], restored["content"]) == (True, content)
    assert operator.beseda("backup moved.jsonl.gz", data="node1")["content"] == content
    (operator.folder / "node2").mkdir(mode=0o700)
    (operator.folder / "node2/server.key").write_bytes((operator.folder / "node1/server.key").read_bytes())
    one, other = operator.serve("node1"), operator.serve("node2")
    with Live(one.url) as hana, Live(other.url, token=hers) as vilma:
        hana.sign_in("Hana", PASSWORD)
        said, heard = hana.enter("Praha"), vilma.enter("Praha")
        assert said.id == heard.id
        said.say("Dobré ráno")
        texts = (line for line in heard.lines() if isinstance(line, lines.Text))
        assert (line := next(texts)).text == "Dobré ráno"
        assert (line.seq or 0) > reported
    with Live(other.url) as his, pytest.raises(SignInRefused):
        his.sign_in("Boris", PASSWORD)
    assert [node.stop() for node in (one, other)] == [0, 0]


@pytest.mark.long
@pytest.mark.timeout(300)
def test_from_installing_to_a_second_node(operator: Operator) -> None:
    server = begin(operator)
    hers = token(server, "Vilma")
    reported = settle_abuse(operator, server)
    made = operator.beseda("backup --with-key today.jsonl.gz", stdin=PASSPHRASE)
    assert (made["verified"], made["with_key"]) == (True, True)
    assert server.stop() == 0
    upgrade_an_old_one(operator)
    with run_postgres() as address:
        operator.database = address.format("postgres")
        move_to_postgres(operator, "today.jsonl.gz", made["content"], hers, reported)
