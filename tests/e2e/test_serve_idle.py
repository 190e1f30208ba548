"""What a server that has served a room has not loaded: what is for migrations, pages, zones, commands, metrics."""

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from beseda.server.start import read_plainly
from e2e.console import Console
from e2e.serving import environment

TELLING = (
    "import atexit, sys; atexit.register(lambda: print('loaded', *sys.modules));"
    " from beseda.__main__ import main; main()"
)
"""The program, which says at its end what modules it has."""
FOR_WHAT_IS_RARE = {
    "alembic": "migrations",
    "argon2": "passwords",
    "asyncpg": "PostgreSQL",
    "beseda.adapters.sql.dump": "backups",
    "beseda.api.dns.notify": "the name server",
    "beseda.api.spaceweb.openrpc": "descriptions for machines",
    "beseda.api.spaceweb.rpc": "clients of SpaceWeb",
    "beseda.api.web.pages": "an account, letters and domains, for people",
    "beseda.server.cli": "commands, and the admin's API",
    "captcha": "pictures of digits, which another process paints",
    "click": "the command line",
    "cryptography": "backups under a passphrase",
    "dns": "zones, and who owns a domain",
    "idna": "names of domains",
    "jinja2": "pages",
    "multipart": "forms",
    "nats": "several nodes",
    "phonenumbers": "members with a phone",
    "PIL": "pictures, which other processes make small",
    "prometheus_client": "metrics",
    "pydantic": "the command line",
    "rich.console": "nothing",
    "sqlalchemy": "migrations",
    "starlette": "nothing",
    "tomllib": "a file of settings",
    "typer": "the command line",
    "typing_extensions": "migrations",
    "uvicorn": "nothing",
    "websockets": "what comes over WebSockets",
    "zipfile": "members who fetch all that is kept of them",
}


@pytest.mark.long
def test_a_server_that_has_served_a_room_has_loaded_nothing_of_what_is_rare(tmp_path: Path) -> None:
    Console(tmp_path).begin().run("room", "add", "Praha")
    words = ["serve", "--data", str(tmp_path), "--listen", "127.0.0.1:0"]
    with subprocess.Popen(
        [sys.executable, "-c", TELLING, *words], env=environment(), stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        try:
            found = re.search(r"http://[\d.:]+", server.stdout.readline())
            assert found
            assert httpx.get(f"{found[0]}/api/rooms").json()["rooms"][0]["name"] == "Praha"
        finally:
            server.terminate()
        printed, _ = server.communicate(timeout=30)
    loaded = set(printed.rpartition("loaded ")[2].split())
    assert {"httptools", "beseda.core.rooms"} <= loaded
    assert {name: why for name, why in FOR_WHAT_IS_RARE.items() if name in loaded} == {}


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("", {}),
        ("--data /d --listen :80", {"data": Path("/d"), "listen": ":80"}),
        ("--config=/c --database=sqlite:///x=y --new --json", {"config": Path("/c"), "database": "sqlite:///x=y"}),
        ("--data /d --data /e", {"data": Path("/e")}),
    ],
)
def test_what_managers_of_services_write_is_read_without_typer(words: str, options: dict[str, object]) -> None:
    flags = {name: True for name in ("new", "json") if f"--{name}" in words}
    assert read_plainly(words.split()) == options | flags


@pytest.mark.parametrize(
    "words", ["--help", "--data", "--data --new", "--nothing x", "--new=1", "--data=", "x", "--", "--listen \udcff"]
)
def test_whatever_is_not_plain_is_typers_matter(words: str) -> None:
    assert read_plainly(words.split()) is None
