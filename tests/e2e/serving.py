"""The real `beseda serve`, as a process of its own."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx


@contextlib.contextmanager
def serving(data: Path, *arguments: str) -> Iterator[str]:
    """The base URL of a server on a free port; it is told to stop at the end and must do so cleanly."""
    command = [sys.executable, "-m", "beseda", "serve", "--data", str(data), "--listen", "127.0.0.1:0", *arguments]
    environment = os.environ | {"BESEDA_SERVER_OPS_LISTEN": "127.0.0.1:0"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        yield _wait_until_it_answers(process)
        process.terminate()
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _wait_until_it_answers(process: "subprocess.Popen[str]") -> str:
    """The first address that it prints."""
    assert process.stdout is not None
    for line in process.stdout:
        if found := [word for word in line.split() if word.startswith("http://127.0.0.1:")]:
            url = httpx.URL(found[0])
            return f"http://{url.host}:{url.port}"
    raise AssertionError(f"it stopped with {process.wait()}")
