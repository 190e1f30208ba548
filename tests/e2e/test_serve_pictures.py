"""A picture that a decoder never ends with, or dies of: the server, and everybody else, go on."""

import contextlib
import os
import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from api.test_pictures import picture, upload
from e2e.console import Console
from e2e.serving import QUICK_HASHES, Process, started

PASSWORD = "kratka zima 7"
CAUGHT = signal.SIGSTOP
"""What a decoder that never ends looks like from outside."""


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    console = Console(tmp_path).begin()
    for nick in ("Alena", "Brana"):
        assert console.run("account", "add", nick, "--password-stdin", stdin=PASSWORD).code == 0
    arguments = ("serve", "--data", str(tmp_path), "--listen", "127.0.0.1:0")
    with started(*arguments, settings=QUICK_HASHES) as running:
        yield running


@contextlib.contextmanager
def signed_in(process: Process, nick: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=process.url, timeout=60) as client:
        assert 'id="nav-user"' in client.post("/login", data={"email": nick, "password": PASSWORD}).text
        yield client


def decoders(process: Process) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii").split()]


def waiting(process: Process) -> int:
    """How many uploads wait for decoding or are in it."""
    lines = httpx.get(f"{process.ops_url}/metrics").text.splitlines()
    return int(float(next(line.split()[1] for line in lines if line.startswith("beseda_picture_queue "))))


@contextlib.contextmanager
def stuck_upload(process: Process, client: httpx.Client) -> Iterator[tuple[Future[httpx.Response], int]]:
    """The answer to an upload whose decoder does not go on, and the decoder."""
    assert upload(client, picture()).status_code == 303
    (decoder,) = decoders(process)
    os.kill(decoder, CAUGHT)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(upload, client, picture())
        while waiting(process) == 0:
            assert not answer.done()
        yield answer, decoder


@pytest.mark.long
def test_the_stop_does_not_wait_for_it(process: Process) -> None:
    with signed_in(process, "Alena") as alena, stuck_upload(process, alena) as (answer, caught):
        assert process.stop() == 0
        # Had the deadline been waited for, the picture would be called bad.
        assert answer.result().status_code == 503
        assert "plné ruce" in answer.result().text
    assert not Path(f"/proc/{caught}").exists()


@pytest.mark.long
def test_nobody_else_waits_for_it(process: Process) -> None:
    with (
        signed_in(process, "Brana") as brana,
        signed_in(process, "Alena") as alena,
        stuck_upload(process, alena) as (answer, caught),
    ):
        assert upload(alena, picture()).status_code == 503, "one at a time for each member"
        assert upload(brana, picture()).status_code == 303
        with contextlib.suppress(ProcessLookupError):  # the deadline was faster
            os.kill(caught, signal.SIGKILL)
        assert answer.result().status_code == 403
        assert upload(alena, picture()).status_code == 303
    assert process.stop() == 0
