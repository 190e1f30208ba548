"""Chromium without a window, driven over its own protocol (Chrome DevTools Protocol)."""

import itertools
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from websockets.sync.client import ClientConnection, connect

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WAIT_S = 20.0
needs_browser = pytest.mark.skipif(
    PROGRAM is None and "CI" not in os.environ, reason="no Chromium here; .ci/run installs one"
)


class Browser:
    """One page."""

    def __init__(self, *options: str) -> None:
        """`options` are Chromium's."""
        self._options = options

    def __enter__(self) -> Self:
        assert PROGRAM is not None, "Chromium is not installed"
        self._folder = tempfile.TemporaryDirectory(prefix="beseda-browser-", ignore_cleanup_errors=True)
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--no-first-run"]
        self._process = subprocess.Popen(
            [PROGRAM, *options, *self._options, f"--user-data-dir={self._folder.name}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._ids = itertools.count(1)
        self.problems: list[str] = []
        self._socket = self._connect(Path(self._folder.name) / "DevToolsActivePort")
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.ask(f"{domain}.enable")
        return self

    _session = ""

    def _connect(self, announced: Path) -> ClientConnection:
        ends = time.monotonic() + WAIT_S
        while not (announced.exists() and announced.read_text().count("\n")):
            assert time.monotonic() < ends, "the browser did not start"
            time.sleep(0.05)
        port, path = announced.read_text().split()[:2]
        return connect(f"ws://127.0.0.1:{port}{path}", max_size=None).__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.__exit__(None, None, None)
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The result of a method of the protocol; what goes wrong in the page meanwhile is noted in `problems`."""
        number = next(self._ids)
        session = {"sessionId": self._session} if self._session else {}
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters, **session}))
        while True:
            message = json.loads(self._socket.recv(timeout=WAIT_S))
            if message.get("id") == number:
                assert "error" not in message, message
                result: dict[str, Any] = message["result"]
                return result
            if message.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded", "Page.javascriptDialogOpening"):
                text = json.dumps(message["params"])
                if "favicon" not in text:
                    self.problems.append(text)

    def open(self, url: str, cookies: dict[str, str]) -> None:
        for name, value in cookies.items():
            self.ask("Network.setCookie", name=name, value=value, url=url)
        self.ask("Page.navigate", url=url)

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        return self.ask("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def wait_for(self, script: str, pattern: str) -> str:
        """The value of an expression as soon as the pattern is found in it."""
        ends = time.monotonic() + WAIT_S
        while True:
            value = str(self.run(script))
            if re.search(pattern, value, re.DOTALL):
                return value
            assert time.monotonic() < ends, f"{pattern} is not in {value!r}"
            time.sleep(0.05)
