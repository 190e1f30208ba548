"""The pages behind a proxy that ends TLS, as most people run them."""

import asyncio
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from beseda.testing import BesedaServer
from e2e.browser import Visitor, chromium, members, needs_browser

pytestmark = [needs_browser, pytest.mark.long]
FORWARDED = (b"X-Forwarded-For: 192.0.2.50", b"X-Forwarded-Proto: https")


def certificate(folder: Path) -> ssl.SSLContext:
    """Signed by itself."""
    key, made = folder / "key.pem", folder / "cert.pem"
    names = ("-out", str(made), "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", str(key)]
    subprocess.run([*command, *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    return context


class Proxy:
    """Ends TLS, tells who came and how in each request's head, and passes on what follows; one request a connection."""

    def __init__(self, upstream: str) -> None:
        self._host, self._port = urlsplit(upstream).hostname, urlsplit(upstream).port

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            inside, outside = await asyncio.open_connection(self._host, self._port)
            lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
            if b"upgrade: websocket" not in head.lower():
                lines = [line for line in lines if not line.lower().startswith(b"connection:")] + [b"Connection: close"]
            outside.write(b"\r\n".join([*lines, *FORWARDED, b"", b""]))
            await asyncio.gather(_pass(reader, outside), _pass(inside, writer))


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:  # also when all ends: what is left open is complained of in some later test
        writer.close()


@contextmanager
def behind_tls(upstream: str, folder: Path) -> Iterator[str]:
    """The proxy's address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    serving = asyncio.start_server(Proxy(upstream), "127.0.0.1", 0, ssl=certificate(folder))
    server = asyncio.run_coroutine_threadsafe(serving, loop).result()
    try:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}"
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)


def test_members_talk_by_https_behind_a_proxy(tmp_path: Path) -> None:
    with BesedaServer({"server.trusted_proxies": ["127.0.0.1"]}) as server:
        server.run(server.core.rooms.add("Zahrada"))
        members(server, "Alena", "Brana")
        with behind_tls(server.url, tmp_path) as url, chromium("--ignore-certificate-errors") as browser:
            alena = Visitor(browser, url)
            brana = Visitor(browser, url, "cs-CZ")
            alena.sign_in("Alena", "Zahrada")
            brana.sign_in("Brana", "Zahrada")
            alena.say("Good day https://example.org")
            brana.sees("Good day")
            brana.page.goto("/-/letters?with=1")
            brana.say("by letter")
            expect(alena.page.locator("#letters-unread")).to_have_text("1")
            cookies = alena.context.cookies()
            assert cookies
            assert all(each["secure"] for each in cookies)
            assert [each["name"] for each in cookies if not each["httpOnly"]] == ["beseda_zone"]
            alena.page.goto("/-/account/sessions")
            expect(alena.page.locator(".rows")).to_contain_text("192.0.2.50")
            alena.page.goto("/-/account")
            alena.page.fill("#birth_date", "1990-05-17")
            alena.page.locator("main form[action='/-/account'] button").click()
            expect(alena.page.get_by_role("status")).to_have_text("Your profile is saved.")
            assert alena.page.evaluate("isSecureContext")
            assert alena.problems == brana.problems == []
