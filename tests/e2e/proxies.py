"""Caddy and nginx as Debian packages them, with the configurations of packaging/, in front of a server."""

import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from ports import free_port

PACKAGING = Path(__file__).parents[2] / "packaging"
NAME = "chat.example.org"
CLIENT = "127.0.0.2"
"""Where requests come from: no address of a proxy."""
NGINX = """
daemon off;
user root;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    include {folder}/beseda.conf;
}}
"""


class _ToProxy(httpx.HTTPTransport):
    """Asks this machine for what the name stands for."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        there = request.url.copy_with(host="127.0.0.1")
        extensions = request.extensions | {"sni_hostname": NAME}
        return super().handle_request(
            httpx.Request(request.method, there, headers=request.headers, stream=request.stream, extensions=extensions)
        )


@dataclass(frozen=True, slots=True)
class Proxy:
    """A running one: its ports, and what believes its certificate."""

    port: int
    plain_port: int
    trust: ssl.SSLContext

    @property
    def origin(self) -> str:
        return f"https://{NAME}:{self.port}"

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.origin, timeout=30, transport=_ToProxy(verify=self.trust, local_address=CLIENT)
        )

    def connect(self) -> socket.socket:
        """For a WebSocket."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=30, source_address=(CLIENT, 0))


def _certificate(folder: Path) -> tuple[Path, Path]:
    key, made = folder / "privkey.pem", folder / "fullchain.pem"
    names = ("-out", str(made), "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", str(key)]
    subprocess.run([*command, *names], check=True, capture_output=True)
    return key, made


def _nginx(folder: Path, upstream: str, port: int, plain: int) -> list[str]:
    """Its command; the configuration is that of packaging/ but for ports and places."""
    text = (PACKAGING / "nginx.conf").read_text("utf-8").replace("127.0.0.1:8080", upstream)
    text = text.replace(f"/etc/letsencrypt/live/{NAME}", str(folder))
    text = re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.MULTILINE)
    text = text.replace("listen 443", f"listen 127.0.0.1:{port}").replace("listen 80", f"listen 127.0.0.1:{plain}")
    (folder / "beseda.conf").write_text(text, "utf-8")
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder), "utf-8")
    return ["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", "stderr"]


def _caddy(folder: Path, upstream: str, port: int, plain: int) -> list[str]:
    """The same; its certificate is the test's, for nobody on the Internet would sign one."""
    text = (PACKAGING / "Caddyfile").read_text("utf-8").replace("127.0.0.1:8080", upstream)
    own = f"{NAME} {{\n\ttls {folder}/fullchain.pem {folder}/privkey.pem\n\tbind 127.0.0.1\n"
    text = text.replace(f"{NAME} {{\n", own)
    settings = {"admin": "off", "http_port": plain, "https_port": port, "storage": f"file_system {folder}/caddy"}
    settings["grace_period"] = "1s"  # without it, it waits a minute for a stream that was read when it was told to end
    options = "".join(f"\t{name} {value}\n" for name, value in settings.items())
    (folder / "Caddyfile").write_text(f"{{\n{options}}}\n{text}", "utf-8")
    return ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


@contextmanager
def proxied(program: str, url: str, folder: Path) -> Iterator[Proxy]:
    """A proxy in front of the server at this URL."""
    key, made = _certificate(folder)
    key.chmod(0o600)
    port, plain = free_port(), free_port()
    command = {"nginx": _nginx, "caddy": _caddy}[program](folder, urlsplit(url).netloc, port, plain)
    said = folder / "proxy.log"
    with said.open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as running:
        try:
            for each in (port, plain):
                _wait_for(each, running, said)
            yield Proxy(port, plain, ssl.create_default_context(cafile=made))
        finally:
            running.terminate()


def _wait_for(port: int, running: "subprocess.Popen[bytes]", said: Path) -> None:
    for _ in range(600):
        assert running.poll() is None, said.read_text("utf-8")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(said.read_text("utf-8"))
