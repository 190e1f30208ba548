"""The real `beseda serve` and `beseda demo`, as processes of their own."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

BESEDA = [sys.executable, "-m", "beseda"]
WAIT_S = 60.0
QUICK_HASHES = {"BESEDA_ACCOUNTS_HASH_MEMORY_KIB": "8", "BESEDA_ACCOUNTS_HASH_PASSES": "1"}


def environment(settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """That of the tests without any settings but these; the operator's listener takes a free port."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BESEDA_")}
    return clean | {"BESEDA_SERVER_OPS_LISTEN": "127.0.0.1:0", "BESEDA_LOG_FORMAT": "json"} | dict(settings or {})


class Process:
    """A running server: what it printed before it said in the log that it began, and what it has logged so far."""

    def __init__(
        self,
        *arguments: str,
        settings: Mapping[str, str] | None = None,
        under: Sequence[str] = (),
        program: Sequence[str] = BESEDA,
    ) -> None:
        self._popen = subprocess.Popen(
            [*under, *program, *arguments],
            env=environment(settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.lines: list[str] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.wait_for("started")
        except BaseException:
            self.kill()
            raise
        assert self._popen.stdout is not None
        self.printed = os.read(self._popen.stdout.fileno(), 65_536).decode()
        addresses = re.findall(r"http://127\.0\.0\.1:[0-9]+", self.printed)
        assert addresses, self.lines
        self.url, self.ops_url = addresses[0], addresses[-1]

    def _read(self) -> None:
        assert self._popen.stderr is not None
        for line in self._popen.stderr:
            with self._news:
                self.lines.append(line.decode())
                self._news.notify_all()
        with self._news:
            self.lines.append("")
            self._news.notify_all()

    def wait_for(self, event: str, **more: str) -> None:
        """Until such a line, with these members, is in the log, or the process is gone."""
        wanted = [f'"{name}": "{value}"' for name, value in {"event": event, **more}.items()]
        with self._news:
            assert self._news.wait_for(
                lambda: any(all(each in line for each in wanted) or not line for line in self.lines), timeout=WAIT_S
            )

    def log(self) -> list[dict[str, Any]]:
        """The lines so far, each of which is JSON."""
        return [json.loads(line) for line in self.lines if line]

    @property
    def pid(self) -> int:
        return self._popen.pid

    def tell(self, number: signal.Signals) -> None:
        self._popen.send_signal(number)

    def wait(self) -> int:
        """The exit code; all that it has logged is there."""
        code = self._popen.wait(timeout=WAIT_S)
        self._reader.join(timeout=WAIT_S)
        return code

    def stop(self) -> int:
        self.tell(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        self._popen.kill()
        self.wait()
        for stream in (self._popen.stdout, self._popen.stderr):
            if stream is not None:
                stream.close()


@contextlib.contextmanager
def started(
    *arguments: str, settings: Mapping[str, str] | None = None, under: tuple[str, ...] = ()
) -> Iterator[Process]:
    """A process that is killed at the end, unless the test has stopped it; `under` is a program that runs it."""
    process = Process(*arguments, settings=settings, under=under)
    try:
        yield process
    finally:
        process.kill()


@contextlib.contextmanager
def serving(data: Path, *arguments: str) -> Iterator[str]:
    """The base URL of a server on a free port; it is told to stop at the end and must do so cleanly."""
    with started("serve", "--data", str(data), "--listen", "127.0.0.1:0", *arguments) as process:
        yield process.url
        assert process.stop() == 0
