"""The guide for several nodes: its configuration and its commands, as they stand there, on two PostgreSQL servers."""

import os
import pwd
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from beseda.server.config import load_config
from beseda.server.storage import KEY_FILE
from e2e.curl import provide_curl
from e2e.serving import QUICK_HASHES, Process, started
from failure.cluster import PostgresServer, make_servers

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "scaling.md").read_text("utf-8")
CREATE, ASK, COPY, SYNCHRONOUS, PROMOTE = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
ALL_CORES, CONFIG = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
READY_S = 60.0


def test_all_cores_of_a_machine(tmp_path: Path) -> None:
    (tmp_path / "beseda.toml").write_text(ALL_CORES)
    assert load_config(tmp_path / "beseda.toml", environment={}).server.workers > 1


@pytest.fixture
def servers() -> Iterator[list[PostgresServer]]:
    with make_servers(2) as made:
        yield made


def run(script: str, servers: list[PostgresServer]) -> str:
    """The output of a block of the operator of these servers."""
    for name, server in zip(("db1", "db2"), servers, strict=True):
        script = script.replace(f"--host {name}.example.org", f"--host 127.0.0.1 --port {server.port}")
    nobody = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    environment = os.environ | {"PATH": f"{servers[0].programs}:{os.environ['PATH']}"}
    ran = subprocess.run(
        ["sh", "-ec", script.replace("--pgdata standby", f"--pgdata {servers[1].data}")],
        user=nobody.pw_uid if nobody else None,
        group=nobody.pw_gid if nobody else None,
        cwd="/",
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def ask(node: Process, folder: Path) -> str:
    """What the guide's question answers; "" while the node is not ready."""
    command = ["sh", "-ec", ASK.replace("http://127.0.0.1:8081", node.ops_url)]
    environment = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False).stdout


def wait_until_ready(node: Process, folder: Path) -> None:
    ends = time.monotonic() + READY_S
    while '"ok"' not in ask(node, folder):
        assert time.monotonic() < ends, node.lines[-5:]
        time.sleep(0.2)


def configure(folder: Path, servers: list[PostgresServer]) -> Path:
    hosts = ",".join(f"127.0.0.1:{server.port}" for server in servers)
    folder.mkdir()
    text = CONFIG.replace("db1.example.org,db2.example.org", hosts).replace("0.0.0.0:8080", "127.0.0.1:0")
    file = folder / "beseda.toml"
    file.write_text(text.replace("/var/lib/beseda", str(folder)), "utf-8")
    return file


def test_it_works_as_it_stands_there(servers: list[PostgresServer], tmp_path: Path) -> None:
    provide_curl(tmp_path)
    run(CREATE, servers)
    with ExitStack() as stack:
        files = [configure(tmp_path / name, servers) for name in ("first", "second")]
        nodes = []
        for file in files:
            nodes.append(stack.enter_context(started("serve", "--config", str(file), settings=QUICK_HASHES)))
            (tmp_path / "second" / KEY_FILE).write_text((tmp_path / "first" / KEY_FILE).read_text("ascii"), "ascii")
        run(COPY, servers)
        servers[1].start()
        run(SYNCHRONOUS, servers)
        for node in nodes:
            wait_until_ready(node, tmp_path)
        servers[0].kill()
        run(PROMOTE, servers)
        for node in nodes:
            wait_until_ready(node, tmp_path)
            assert httpx.get(node.url).status_code == 200
        assert (tmp_path / "first" / "postgres.timeline").read_text().split()[1] == "2"
