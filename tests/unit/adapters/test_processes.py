"""Whatever a process does, who asked gets an answer in time, and the next one finds another process."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import uvloop
from PIL import Image

from beseda.adapters.pictures import PillowPictures
from beseda.adapters.processes import Processes, ProcessLost, python_module
from beseda.domain.errors import Overloaded, PictureInvalid
from garbage import nothing_kept
from unit.adapters.made import behind_start, jpeg_of_scans, save, segment

ODD = (sys.executable, str(Path(__file__).with_name("odd_process.py")))
NEVER_S = 3600.0
WAIT_S = 30.0
Deed = Callable[[Processes], Awaitable[None]]


@pytest.fixture(params=["asyncio", "uvloop"])
def runner(request: pytest.FixtureRequest) -> Iterator[asyncio.Runner]:
    """The loop of a server is uvloop's, that of `beseda.testing` Python's own."""
    factory = uvloop.new_event_loop if request.param == "uvloop" else None
    with asyncio.Runner(loop_factory=factory) as runner:
        yield runner


def odd(*, at_once: int = 1, queue_max: int = 9, idle_s: float = NEVER_S) -> Processes:
    return Processes(ODD, at_once=at_once, queue_max=queue_max, deadline_s=NEVER_S, idle_s=idle_s)


async def lost(processes: Processes, request: bytes) -> None:
    with pytest.raises(ProcessLost):
        await processes.ask(request)


async def gone(pid: int) -> bool:
    """Whether there is no such process any more; one that was killed is waited for."""
    ends = time.monotonic() + WAIT_S
    while time.monotonic() < ends:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        await asyncio.sleep(0)
    return False


async def test_one_process_answers_one_after_another(runner: asyncio.Runner) -> None:
    processes = odd()
    assert await asyncio.gather(*(processes.ask(f"x{n}".encode()) for n in range(5))) == [b"%dx" % n for n in range(5)]
    assert await processes.ask(b"y" * 600_000) == b"y" * 600_000
    assert await processes.ask(b"pid") == await processes.ask(b"pid")
    await processes.close()


@pytest.mark.parametrize("bad", [b"exit", b"kill", b"much"])
async def test_a_process_that_dies_is_replaced(runner: asyncio.Runner, bad: bytes) -> None:
    processes = odd()
    before = await processes.ask(b"pid")
    await lost(processes, bad)
    assert await processes.ask(b"ab") == b"ba"
    assert await processes.ask(b"pid") != before
    assert await gone(int(before))
    assert (processes.lost, processes.waiting) == (1, 0)
    await processes.close()


@pytest.mark.parametrize("bad", [b"hang", b"stop", b"half"])
async def test_a_process_that_does_not_end_is_ended(runner: asyncio.Runner, bad: bytes) -> None:
    processes = odd()
    pid = int(await processes.ask(b"pid"))
    processes._deadline_s = 0.05
    await lost(processes, bad)
    assert await gone(pid)
    await processes.close()


async def test_one_that_hangs_holds_up_nobody_else(runner: asyncio.Runner) -> None:
    processes = odd(at_once=2)
    hanging = asyncio.create_task(processes.ask(b"hang"))
    assert [await processes.ask(b"ab") for _ in range(20)] == [b"ba"] * 20
    assert not hanging.done()
    await processes.close()
    with pytest.raises(Overloaded):
        await hanging


async def test_the_stop_waits_for_nothing(runner: asyncio.Runner) -> None:
    """Neither for what is under way nor for what waits; and nothing begins any more."""
    processes = odd()
    pid = int(await processes.ask(b"pid"))
    asked = [asyncio.create_task(processes.ask(b"hang")) for _ in range(4)]
    await asyncio.sleep(0)
    assert processes.waiting == 4
    processes.end()
    await asyncio.wait(asked)
    assert {type(task.exception()) for task in asked} == {Overloaded}
    with pytest.raises(Overloaded):
        await processes.ask(b"ab")
    await processes.close()
    assert await gone(pid)


async def test_one_that_begins_while_all_end(runner: asyncio.Runner) -> None:
    processes = odd()
    asked = asyncio.create_task(processes.ask(b"hang"))
    await asyncio.sleep(0)
    processes.end()
    with pytest.raises(Overloaded):
        await asked
    await processes.close()


async def test_too_many_are_told_at_once(runner: asyncio.Runner) -> None:
    processes = odd(at_once=2, queue_max=3)
    asked = [asyncio.create_task(processes.ask(b"hang")) for _ in range(5)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await processes.ask(b"ab")
    await processes.close()
    assert not processes._watched, "those that were being started are gone, too"
    await asyncio.wait(asked)
    assert {type(task.exception()) for task in asked} == {Overloaded}


async def test_who_is_cancelled_leaves_no_process_at_work(runner: asyncio.Runner) -> None:
    processes = odd()
    pid = int(await processes.ask(b"pid"))
    asked = asyncio.create_task(processes.ask(b"hang"))
    await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert await gone(pid)
    assert await processes.ask(b"ab") == b"ba"
    await processes.close()


async def test_one_that_is_idle_is_ended(runner: asyncio.Runner) -> None:
    processes = odd(idle_s=0)
    assert await gone(int(await processes.ask(b"pid")))
    assert await processes.ask(b"ab") == b"ba"
    await processes.close()


async def test_one_that_dies_while_it_is_idle_is_not_asked(runner: asyncio.Runner) -> None:
    processes = odd()
    pid = int(await processes.ask(b"pid"))
    os.kill(pid, signal.SIGKILL)
    await asyncio.gather(*processes._watched.values())
    assert await gone(pid)
    assert await processes.ask(b"ab") == b"ba"
    await processes.close()


async def test_a_program_that_is_not_there(runner: asyncio.Runner) -> None:
    for program in ("/nowhere/python", "/bin/false"):
        processes = Processes((program,), at_once=1, queue_max=1, deadline_s=NEVER_S)
        for _ in range(3):
            with pytest.raises(Overloaded):
                await processes.ask(b"ab")
        await processes.close()


async def test_it_learns_no_secrets(runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BESEDA_SERVER_DATABASE", "postgresql://beseda:tajne@db.example.org/beseda")
    monkeypatch.setenv("PGPASSWORD", "tajne")
    processes = odd()
    names = (await processes.ask(b"environment")).decode().split()
    assert not {"BESEDA_SERVER_DATABASE", "PGPASSWORD"} & set(names)
    assert "PATH" in names
    await processes.close()


async def test_refusals_keep_nothing(runner: asyncio.Runner) -> None:
    processes = odd()
    await processes.ask(b"ab")
    processes._deadline_s = 0.05
    with nothing_kept():
        for request in (b"exit", b"hang"):
            await lost(processes, request)
        await processes.close()
        with pytest.raises(Overloaded):
            await processes.ask(b"ab")


def peak_kib(pid: int) -> int:
    """The most memory that a process has had (proc(5), VmHWM)."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


@pytest.mark.long
@pytest.mark.parametrize("runner", ["asyncio"], indirect=True)
async def test_damaged_pictures_add_nothing_to_one_another(runner: asyncio.Runner) -> None:
    """Each of 4096 x 4096 pixels is unpacked and found to be cut off."""
    whole = [save(Image.new("RGB", (4096, 4096)), form) for form in ("PNG", "JPEG")]
    pictures, peaks = PillowPictures(), []
    for _ in range(3):
        for content in whole:
            with pytest.raises(PictureInvalid):
                await pictures.make_small(content[: len(content) * 3 // 4])
        (process,) = pictures._watched
        peaks.append(peak_kib(process.pid))
    assert peaks[-1] - peaks[0] < 16 * 1024
    assert pictures.lost == 0
    await pictures.close()


async def test_one_that_needs_too_much_memory_is_refused(runner: asyncio.Runner) -> None:
    """Exif of which every tag points at the whole."""
    tags = b"".join(number.to_bytes(2, "big") + b"\0\7\0\0\xff\xf0\0\0\0\x08" for number in range(5000))
    bomb = b"Exif\0\0MM\0*\0\0\0\x08" + (5000).to_bytes(2, "big") + tags
    parts = [segment(0xE1, bomb[:65_000]), *(segment(0xE1, b"Exif\0\0" + b"x" * 60_000) for _ in range(6))]
    pictures = PillowPictures()
    with contextlib.suppress(PictureInvalid):
        await pictures.make_small(behind_start(jpeg_of_scans(3), *parts))
    assert (await pictures.make_small(jpeg_of_scans(3)))[:2] == b"\xff\xd8"
    assert all(peak_kib(process.pid) < 460 * 1024 for process in pictures._watched)
    await pictures.close()


@pytest.mark.long
def test_the_server_itself_decodes_nothing() -> None:
    """Its process does not even know how."""
    asked = "import sys, beseda.server.cli, beseda.server.run, beseda.server.demo; print('PIL' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_the_decoder_knows_nothing_of_the_server() -> None:
    asked = "import sys, beseda.adapters.pixels; print([name for name in sys.modules if 'beseda' in name])"
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == str(
        ["beseda", "beseda.adapters", "beseda.adapters.picture_parts", "beseda.adapters.pixels"]
    )
    assert python_module("beseda.adapters.pixels")[-1] == "beseda.adapters.pixels"
