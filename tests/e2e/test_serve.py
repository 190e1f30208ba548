"""`beseda serve` as a process: how it begins, what it says, how it ends."""

import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from awake import awake_s
from beseda.testing.postgres import run_postgres
from e2e.console import Console
from e2e.serving import BESEDA, QUICK_HASHES, environment, started

LISTEN = ("--listen", "127.0.0.1:0")
NO_RIGHTS_OF_ROOT = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()


def run(
    *words: str, settings: dict[str, str] | None = None, under: tuple[str, ...] = ()
) -> "subprocess.CompletedProcess[str]":
    """A command that ends by itself."""
    return subprocess.run(
        [*under, *BESEDA, *words], env=environment(settings), capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.long  # alone: beside others its time says nothing
def test_it_says_where_it_is_and_how_to_begin_in_less_than_a_second(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    began = awake_s()
    with started("serve", "--data", str(data), *LISTEN, settings={"BESEDA_HOSTS_SPACEWEB": "api.example.org"}) as one:
        seconds = awake_s() - began
        assert one.stop() == 0
    sys.stdout.write(f"started in {seconds:.2f} s\n")
    assert seconds < 5, "a second on an idle machine, but this one may have other work"
    for part in (
        f"{one.url}/api/rooms",
        f"{one.url}/neoapi/session",
        f"{one.url}/rpc/   and http://api.example.org/",
        f"{one.ops_url}/health/ready",
        f"{data}/beseda.db",
        f"beseda account add NICK --data {data}",
    ):
        assert part in one.printed
    assert data.stat().st_mode & 0o777 == 0o700
    assert (data / "server.key").stat().st_mode & 0o777 == 0o600
    assert (data / "server.key").read_text().strip() not in one.printed + "".join(one.lines)


@pytest.mark.long
def test_an_address_at_which_one_protocol_answers_is_told_for_no_other(tmp_path: Path) -> None:
    settings = {"BESEDA_SERVER_BASE_URL": "https://Chat.example.org:444", "BESEDA_HOSTS_CHATCZ": "chat.example.org"}
    with started("serve", "--data", str(tmp_path), *LISTEN, settings=settings) as server:
        assert f"  Chat.cz   {server.url}/api/rooms   and https://chat.example.org/\n" in server.printed
        assert f"  Spaces    {server.url}/neoapi/session\n" in server.printed
        assert server.stop() == 0


def test_the_hint_for_the_first_account_ends_with_the_first_account(tmp_path: Path) -> None:
    Console(tmp_path).begin().run("account", "add", "Alena")
    with started("serve", "--data", str(tmp_path), *LISTEN) as process:
        assert "account add" not in process.printed


def serve_once(tmp_path: Path, console: Console) -> tuple[str, str, str]:
    """Sign in by each protocol to a server that an operator worked on while it ran: cookie, sid, token."""
    with started("serve", "--data", str(tmp_path), *LISTEN) as server:
        password = console.json("account", "add", "Alena")["password"]
        console.run("room", "add", "Praha")
        console.run("domain", "add", "Alena", "vzor.ru")
        key = console.json("app", "add", "Brana")["api_key"]
        token = console.json("app", "grant", "Brana", "Alena")["token"]
        with httpx.Client(base_url=server.url) as client:
            renewed = client.post("/api/token", json={"tokenOld": token, "apiKey": key}).json()["token"]
            assert client.put("/api/login", json={"token": renewed, "apiKey": key}).json()["status"] == 200
            assert "nav-user" in client.get("/Praha").text
            (cookie,) = client.cookies.jar
        sid = httpx.post(
            f"{server.url}/neoapi/session", data={"method": "login", "login": "Alena", "password": password}
        ).json()["attributes"]["sid"]
        bearer = call(server.url, "notAuthorized", "getToken", login="Alena", password=password)
        assert server.stop() == 0
    return f"{cookie.name}={cookie.value}", sid, str(bearer)


def call(url: str, target: str, method: str, bearer: str = "", **params: str) -> object:
    """The result of a SpaceWeb call."""
    answer = httpx.post(
        f"{url}/rpc/{target}",
        json={"jsonrpc": "2.0", "method": method, "params": params},
        headers={"Authorization": f"Bearer {bearer}"} if bearer else {},
    )
    return answer.json()["result"]


@pytest.mark.long
def test_what_operators_and_members_did_is_there_after_a_restart(tmp_path: Path) -> None:
    cookie, sid, bearer = serve_once(tmp_path, Console(tmp_path))
    with started("serve", "--data", str(tmp_path), *LISTEN) as server:
        assert [room["name"] for room in httpx.get(f"{server.url}/api/rooms").json()["rooms"]] == ["Praha"]
        assert "nav-user" in httpx.get(f"{server.url}/Praha", headers={"Cookie": cookie}).text
        checked = httpx.post(f"{server.url}/neoapi/session", data={"method": "check", "sid": sid}).json()
        assert (checked["code"], checked["attributes"]["name"]) == ("00000", "Alena")
        domains = call(server.url, "domains", "index", bearer)
        assert isinstance(domains, list)
        assert [domain["fqdn"] for domain in domains] == ["vzor.ru"]


@pytest.mark.long
def test_an_operator_who_blocks_somebody_ends_his_sessions_in_the_running_server(tmp_path: Path) -> None:
    console = Console(tmp_path).begin()
    password = console.json("account", "add", "Alena")["password"]
    form = {"method": "login", "login": "Alena", "password": password}
    with started("serve", "--data", str(tmp_path), *LISTEN, settings=QUICK_HASHES) as server:
        session = f"{server.url}/neoapi/session"
        sid = httpx.post(session, data=form).json()["attributes"]["sid"]
        assert httpx.post(session, data={"method": "check", "sid": sid}).json()["code"] == "00000"
        console.run("account", "block", "Alena")
        deadline = time.monotonic() + 30
        while httpx.post(session, data={"method": "check", "sid": sid}).json()["code"] == "00000":
            assert time.monotonic() < deadline
        assert httpx.post(session, data=form).json()["code"] != "00000"
        console.run("account", "unblock", "Alena")
        assert httpx.post(session, data=form).json()["code"] == "00000"


@pytest.mark.long
def test_it_finishes_what_is_under_way_when_it_is_told_to_stop(tmp_path: Path) -> None:
    """Under load every answer that begins is whole, and the process ends with 0."""
    with started("serve", "--data", str(tmp_path), *LISTEN) as server:
        answered: list[int] = []
        enough = threading.Event()

        def ask() -> None:
            with httpx.Client(base_url=server.url) as client, contextlib.suppress(httpx.TransportError):
                while True:
                    answered.append(client.get("/api/rooms").json()["status"])
                    if len(answered) > 50:
                        enough.set()

        askers = [threading.Thread(target=ask) for _ in range(4)]
        for asker in askers:
            asker.start()
        assert enough.wait(timeout=30)
        assert server.stop() == 0
        for asker in askers:
            asker.join(timeout=30)
    assert set(answered) == {200}
    assert [line["event"] for line in server.log()] == ["started", "stopping", "stopped"]


def half_a_request(url: str) -> socket.socket:
    """A connection whose request is under way, and waits for its body."""
    address = httpx.URL(url)
    connection = socket.create_connection((address.host, address.port or 0), timeout=30)
    connection.sendall(
        b"POST /neoapi/session HTTP/1.1\r\nHost: x\r\nContent-Length: 13\r\nExpect: 100-continue\r\n\r\n"
    )
    assert connection.recv(1024).startswith(b"HTTP/1.1 100")
    return connection


@pytest.mark.parametrize(
    "signals",
    [
        (signal.SIGTERM,),
        *(
            pytest.param(signals, marks=pytest.mark.long)
            for signals in [
                (signal.SIGINT,),
                (signal.SIGHUP,),
                (signal.SIGHUP,) * 3,
                (signal.SIGTERM, signal.SIGHUP),
            ]
        ),
    ],
)
def test_a_request_under_way_is_answered_while_it_stops(tmp_path: Path, signals: tuple[signal.Signals, ...]) -> None:
    with started("serve", "--data", str(tmp_path), *LISTEN) as server, half_a_request(server.url) as connection:
        for number in signals:
            server.tell(number)
            server.wait_for("stopping")
        ready = httpx.get(f"{server.ops_url}/health/ready")
        assert (ready.status_code, ready.json()["problems"]) == (503, {"server": "is stopping"})
        connection.sendall(b"method=logout")
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
        assert answer.startswith(b"HTTP/1.1 200")
        assert server.wait() == 0


@pytest.mark.long
def test_who_was_started_with_nohup_goes_on(tmp_path: Path) -> None:
    with started("serve", "--data", str(tmp_path), *LISTEN, under=("nohup",)) as server:
        server.tell(signal.SIGHUP)
        assert httpx.get(f"{server.url}/api/rooms").status_code == 200
        assert server.stop() == 0
    assert [line["event"] for line in server.log() if line["event"] != "request"][-2:] == ["stopping", "stopped"]


@pytest.mark.long
def test_a_terminal_that_goes_away_ends_it_as_any_signal_does(tmp_path: Path) -> None:
    """Nothing can be logged any more, which keeps nobody from his answer."""
    terminal, end = os.openpty()
    command = [*BESEDA, "serve", "--data", str(tmp_path), *LISTEN]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=end, text=True) as process:
        try:
            os.close(end)
            assert process.stdout
            match = re.search(r"http://127\.0\.0\.1:[0-9]+", process.stdout.readline())
            assert match
            with half_a_request(match[0]) as connection:
                os.close(terminal)
                process.send_signal(signal.SIGHUP)
                while process.poll() is None and not is_stopping(match[0]):
                    pass
                connection.sendall(b"method=logout")
                assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
            assert process.wait(timeout=30) == 0
        finally:
            process.kill()


def is_stopping(url: str) -> bool:
    """Whether it takes no more connections."""
    try:
        httpx.get(f"{url}/api/rooms")
    except httpx.TransportError:
        return True
    return False


@pytest.mark.long
def test_what_does_not_end_in_time_is_cut_off(tmp_path: Path) -> None:
    settings = {"BESEDA_SERVER_DRAIN_S": "0"}
    with started("serve", "--data", str(tmp_path), *LISTEN, settings=settings) as server, half_a_request(server.url):
        assert server.stop() == 0
    assert [line["event"] for line in server.log()] == ["started", "stopping", "request", "stopped"]
    assert server.log()[2]["outcome"] == "client_gone"


@pytest.mark.long
def test_a_second_ctrl_c_does_not_wait(tmp_path: Path) -> None:
    settings = {"BESEDA_SERVER_DRAIN_S": "3600"}
    with started("serve", "--data", str(tmp_path), *LISTEN, settings=settings) as server, half_a_request(server.url):
        server.tell(signal.SIGINT)
        server.wait_for("stopping")
        server.tell(signal.SIGINT)
        assert server.wait() == 130


@pytest.fixture
def newer(tmp_path: Path) -> None:
    """The data of a Beseda of the future."""
    data = tmp_path / "newer"
    Console(data).begin()
    with contextlib.closing(sqlite3.connect(data / "beseda.db")) as database:
        database.execute("UPDATE schema_state SET version = 99, oldest_code = 99")
        database.commit()


@pytest.mark.parametrize(
    ("data", "options", "told"),
    [
        ("data", "--listen {taken}", "server.listen: cannot listen on {taken}: Address already in use"),
        ("data", "--listen nonsense", "server.listen: 'nonsense' is no HOST:PORT"),
        ("file", "", "{folder}/file"),
        ("database", "", "{folder}/database/beseda.db: file is not a database"),
        ("key", "--new", "server.key is no key"),
        ("newer", "", "needs code for schema 99"),
        ("data", "--config {folder}/none.toml", "none.toml: No such file"),
        ("data", "--database mysql://x", "server.database"),
        ("data", "--database postgresql://beseda:tajne@127.0.0.1:1/beseda", "postgresql://127.0.0.1:1/beseda: "),
        ("data", "--database postgresql://beseda:ta/jne@127.0.0.1:1/beseda", "server.database"),
    ],
)
@pytest.mark.usefixtures("newer")
def test_what_keeps_it_from_starting_is_told_in_one_line(tmp_path: Path, data: str, options: str, told: str) -> None:
    (tmp_path / "file").touch()
    for name, file in (("database", "beseda.db"), ("key", "server.key")):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).write_text("This is neither a database nor a key, but long enough to be looked at.")
    with socket.create_server(("127.0.0.1", 0)) as server:
        places = {"taken": f"127.0.0.1:{server.getsockname()[1]}", "folder": str(tmp_path)}
        done = Console(tmp_path / data).run("serve", *LISTEN, *options.format(**places).split())
    assert (done.code, done.out) == (1, "")
    (line,) = done.err.splitlines()
    assert line.startswith("beseda: ")
    assert told.format(**places) in line
    assert "tajne" not in line
    assert "jne@" not in line


@pytest.mark.parametrize(
    ("name", "check", "told"),
    [("beseda.db", "database", "may not be written"), ("server.key", "server key", "Permission denied")],
)
@pytest.mark.long
def test_a_file_that_it_may_not_use_keeps_it_from_starting(tmp_path: Path, name: str, check: str, told: str) -> None:
    data, file = tmp_path / "data", tmp_path / "data" / name
    Console(data).begin()
    file.chmod(0o400 if name == "beseda.db" else 0)
    done = run("serve", "--data", str(data), *LISTEN, under=NO_RIGHTS_OF_ROOT)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith(f"{file}: {told}\n")
    findings = json.loads(run("doctor", "--json", "--data", str(data), under=NO_RIGHTS_OF_ROOT).stdout)
    assert {"check": check, "ok": False, "detail": f"{file}: {told}"} in findings


def test_a_used_database_is_not_opened_with_a_new_key(tmp_path: Path) -> None:
    console = Console(tmp_path).begin()
    console.json("app", "add", "Brana")
    (tmp_path / "server.key").unlink()
    done = console.run("app", "list")
    assert (done.code, "server.key is missing" in done.err) == (1, True)
    assert not (tmp_path / "server.key").exists()
    (tmp_path / "server.key").write_text("0f" * 32)
    assert [app["name"] for app in console.json("app", "list")] == ["Brana"]


@pytest.mark.long
def test_two_servers_on_one_machine_need_two_addresses_for_the_operator(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        done = run("serve", "--data", str(tmp_path), *LISTEN, settings={"BESEDA_SERVER_OPS_LISTEN": taken})
    assert done.returncode == 1
    assert done.stderr == (
        f"beseda: server.ops_listen: cannot listen on {taken}: Address already in use."
        " BESEDA_SERVER_OPS_LISTEN names another\n"
    )


@pytest.mark.long
def test_many_who_work_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    Console(tmp_path).begin()
    nicks = ["Alena", "Boris", "Cyril", "Dana"]
    running = [
        subprocess.Popen(
            [*BESEDA, "account", "add", nick, "--data", str(tmp_path)], env=environment(QUICK_HASHES), stdout=-3
        )
        for nick in nicks
    ]
    assert [each.wait(timeout=60) for each in running] == [0, 0, 0, 0]
    assert sorted(account["nick"] for account in Console(tmp_path).json("account", "list")) == nicks


@pytest.mark.long
def test_it_serves_from_postgresql(tmp_path: Path) -> None:
    with run_postgres() as postgres:
        settings = QUICK_HASHES | {"BESEDA_SERVER_DATABASE": postgres.format("postgres")}
        with started("serve", "--data", str(tmp_path), *LISTEN, settings=settings) as server:
            assert "postgresql:///postgres\n" in server.printed
            done = run("account", "add", "Alena", "--data", str(tmp_path), settings=settings)
            assert done.returncode == 0, done.stderr
            assert httpx.get(f"{server.url}/api/user/1").json()["user"]["nick"] == "Alena"
            assert httpx.get(f"{server.ops_url}/health/ready").status_code == 200
            assert server.stop() == 0
        healthy = run(
            "doctor", "--data", str(tmp_path), settings=settings | {"BESEDA_ACCOUNTS_HASH_MEMORY_KIB": "19456"}
        )
        wrong = [line for line in healthy.stdout.splitlines()[1:] if " yes " not in line]
        assert re.findall(r"^[a-z ]+?(?=  )", "\n".join(wrong), re.MULTILINE) in (
            ["durability"],
            ["password hashing", "durability"],
        ), healthy.stdout
        assert os.path.exists(tmp_path / "server.key")
