"""The guide for gateways: its configuration, its certificate, what it asks of the proxy, and its commands, as they
stand there."""

import http.client
import os
import re
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from beseda.domain.limits import LIMITS
from beseda.domain.sign_ins import KNOWN_FOR
from beseda.server.config import load_config
from e2e.curl import provide_curl
from e2e.serving import QUICK_HASHES, Process, environment, started

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "gateways.md").read_text("utf-8")
SERVE, CERTIFICATE, PREPARE, TRY = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
CONFIG, TRUST = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
FORWARDED = dict(re.findall(r"proxy_set_header (\S+) (\S+);", GUIDE))


class Proxy(BaseHTTPRequestHandler):
    """Stands in for nginx with the guide's configuration."""

    upstream = ""

    def forward(self) -> None:
        says = {
            "$host": self.headers["Host"],
            "$proxy_add_x_forwarded_for": self.client_address[0],
            "$scheme": "https",
        }
        headers = {name: value for name, value in self.headers.items() if name not in FORWARDED}
        headers |= {name: says[value] for name, value in FORWARDED.items()}
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        upstream = http.client.HTTPConnection(self.upstream, timeout=30)
        upstream.request(self.command, self.path, body, headers)
        answer = upstream.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        upstream.close()

    do_GET = do_POST = forward  # noqa: N815 - named by the library

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - named by the library
        """Nobody reads it."""


def run(script: str, folder: Path, settings: dict[str, str]) -> str:
    """The output of a block of shell. `beseda` is this one; chat.cz is the proxy, as /etc/hosts would have it."""
    variables = environment(settings) | {"CURL_HOME": str(folder), "PATH": f"{folder}:{os.environ['PATH']}"}
    ran = subprocess.run(
        ["sh", "-ec", script], cwd=folder, env=variables, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With the guide's configuration and certificate, and the programs that it calls."""
    (tmp_path / "beseda.toml").write_text(CONFIG)
    beseda = tmp_path / "beseda"
    beseda.write_text(f'#!/bin/sh\nexec {sys.executable} -m beseda "$@"\n')
    beseda.chmod(0o755)
    provide_curl(tmp_path)
    run(CERTIFICATE, tmp_path, {})
    return tmp_path


@pytest.fixture
def settings(folder: Path) -> dict[str, str]:
    """What a test must do otherwise than the guide: another port, a folder of its own."""
    return {"BESEDA_SERVER_DATA": str(folder / "data"), "BESEDA_SERVER_LISTEN": "127.0.0.1:0", **QUICK_HASHES}


@pytest.fixture
def server(folder: Path, settings: dict[str, str]) -> Iterator[Process]:
    program, *arguments = SERVE.split()
    assert program == "beseda"
    arguments[-1] = str(folder / arguments[-1])
    with started(*arguments, settings=settings) as process:
        yield process


@pytest.fixture
def proxied(server: Process, folder: Path) -> Iterator[None]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "gateway.pem", folder / "gateway.key")
    handler = type("Here", (Proxy,), {"upstream": urlsplit(server.url).netloc})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as proxy:
        proxy.socket = context.wrap_socket(proxy.socket, server_side=True)
        (folder / ".curlrc").write_text(f"connect-to = chat.cz:443:127.0.0.1:{proxy.server_port}\n")
        thread = threading.Thread(target=proxy.serve_forever)
        thread.start()
        yield
        proxy.shutdown()
        thread.join()


@pytest.mark.long
@pytest.mark.usefixtures("proxied")
def test_its_commands_work(folder: Path, settings: dict[str, str]) -> None:
    run(PREPARE, folder, settings)
    shown = run(TRY, folder, settings)
    assert '"name":"Praha"' in shown
    assert shown.endswith('<li id="nav-user">Alena</li>\n')
    assert "__Host-beseda" in (folder / "jar").read_text(), "the proxy said that browsers come by TLS"


@pytest.mark.long
def test_a_gateway_that_comes_by_another_name_is_refused_until_its_origin_is_trusted(
    folder: Path, settings: dict[str, str]
) -> None:
    headers = {"Host": "chat.example.org", "Origin": "https://chat.cz"}
    for config, status in ((CONFIG, 403), (CONFIG + TRUST, 200)):
        (folder / "beseda.toml").write_text(config)
        with started("serve", "--config", str(folder / "beseda.toml"), settings=settings) as process:
            answer = httpx.get(f"{process.url}/login", headers=headers)
            assert answer.status_code == status
            assert ("Požadavek přišel z cizí stránky." in answer.text) is (status == 403)


@pytest.mark.long
def test_as_many_visitors_come_by_one_gateway_as_it_says(server: Process) -> None:
    with httpx.Client(base_url=server.url) as gateway:
        for number in range(40):
            gateway.cookies.clear()
            assert "nav-user" in gateway.post("/login", data={"user": f"Host {number}", "sex": "m"}).text


@pytest.mark.long
def test_what_it_says_of_limits_is_so(folder: Path) -> None:
    limits = LIMITS["anonymous_sign_in"]
    assert (limits.burst, limits.per_s) == (10, 30)
    config = load_config(folder / "beseda.toml", environment={})
    assert re.search(rf"`accounts.sign_ins_per_address`\s+\({config.accounts.sign_ins_per_address}\)", GUIDE)
    assert f"`server.max_connections_per_address` ({config.server.max_connections_per_address})" in GUIDE
    assert f"for {KNOWN_FOR.days} days" in GUIDE
    assert config.compat.origins == []
    assert set(config.server.limits) <= set(LIMITS)


def test_its_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", GUIDE):
        file, _, anchor = target.partition("#")
        text = (ROOT / "docs" / file).read_text("utf-8") if file else GUIDE
        titles = re.findall(r"^#+ (.*)", text, re.MULTILINE)
        assert not anchor or anchor in [re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles]
