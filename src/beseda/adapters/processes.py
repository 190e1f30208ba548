"""Processes for work that may take for ever, all memory, or the process: each can be ended at any moment.

A process is a program that answers requests on its standard input by answers on its standard output, one after another,
each behind its length in four bytes; an empty answer before the first request says that it is ready. It is started
when it is first needed and ended when nothing was asked for a while. It gets none of the server's environment but what
Python itself needs: there may be passwords in it.
"""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process

from beseda.domain.errors import Overloaded

ANSWER_MAX_BYTES = 1024 * 1024
IDLE_S = 60.0
START_S = 30.0
"""Until a new process is ready; then the deadline of the work begins."""
ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


class ProcessLost(Exception):
    """The work took too long, or the process died of it."""


def python_module(name: str) -> tuple[str, ...]:
    """The command that runs a module of ours, wherever it is installed."""
    return sys.executable, "-P", "-m", name


class Processes:
    """`at_once` requests are worked on, `queue_max` more may wait, and who comes then is told Overloaded."""

    def __init__(
        self, command: tuple[str, ...], *, at_once: int, queue_max: int, deadline_s: float, idle_s: float = IDLE_S
    ) -> None:
        self._command = command
        self._free = asyncio.Semaphore(at_once)
        self._most = at_once + queue_max
        self._deadline_s = deadline_s
        self._idle_s = idle_s
        self._idle: dict[Process, asyncio.TimerHandle] = {}
        self._watched: dict[Process, asyncio.Task[None]] = {}
        self._ready: set[Process] = set()
        self._ended = asyncio.Event()
        self._nobody = asyncio.Event()
        self._nobody.set()
        self.waiting = 0
        self.lost = 0

    async def ask(self, request: bytes) -> bytes:
        """The answer. Raises ProcessLost, Overloaded, the latter also when no process can be started or all end."""
        if self._ended.is_set() or self.waiting >= self._most:
            raise Overloaded
        self.waiting += 1
        self._nobody.clear()
        try:
            async with self._free:
                return await self._ask(request)
        finally:
            self.waiting -= 1
            if not self.waiting:
                self._nobody.set()

    def end(self) -> None:
        """End all at once, whatever they are doing; from now on everybody is told Overloaded."""
        self._ended.set()
        for process in self._watched:
            _kill(process)

    async def close(self) -> None:
        """The same, and wait until they are gone, those too that are being started."""
        self.end()
        await self._nobody.wait()
        await asyncio.gather(*self._watched.values())

    async def _ask(self, request: bytes) -> bytes:
        process, answer = await self._take(), None
        started = process in self._ready
        try:
            if not started:
                async with asyncio.timeout(START_S):
                    await _read(process)
                self._ready.add(process)
                started = True
            async with asyncio.timeout(self._deadline_s):
                await _write(process, request)
                answer = await _read(process)
        except (TimeoutError, OSError, EOFError, RuntimeError):  # the last is uvloop's word for a closed pipe
            pass
        finally:
            if answer is None:
                _kill(process)
        if answer is None and (self._ended.is_set() or not started):
            raise Overloaded
        if answer is None:
            self.lost += 1
            raise ProcessLost
        self._idle[process] = asyncio.get_running_loop().call_later(self._idle_s, self._retire, process)
        return answer

    async def _take(self) -> Process:
        """One that waits, or a new one. Raises Overloaded."""
        if self._ended.is_set():
            raise Overloaded
        while self._idle:
            process, timer = self._idle.popitem()
            timer.cancel()
            if process.returncode is None:
                return process
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                start_new_session=True,
                env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
            )
        except OSError:
            raise Overloaded from None
        self._watched[process] = asyncio.create_task(self._watch(process))
        if self._ended.is_set():
            _kill(process)
        return process

    def _retire(self, process: Process) -> None:
        del self._idle[process]
        _kill(process)

    async def _watch(self, process: Process) -> None:
        await process.wait()
        if timer := self._idle.pop(process, None):
            timer.cancel()
        if process.stdin is not None:
            process.stdin.close()
            with contextlib.suppress(OSError):
                await process.stdin.wait_closed()
        self._ready.discard(process)
        del self._watched[process]


async def _write(process: Process, request: bytes) -> None:
    """Raises OSError, RuntimeError when the process is gone."""
    if process.stdin is None:
        raise EOFError
    process.stdin.write(len(request).to_bytes(4, "big") + request)
    await process.stdin.drain()


async def _read(process: Process) -> bytes:
    """Raises EOFError when the process is gone or does not speak as it should."""
    if process.stdout is None:
        raise EOFError
    size = int.from_bytes(await process.stdout.readexactly(4), "big")
    if size > ANSWER_MAX_BYTES:
        raise EOFError
    return await process.stdout.readexactly(size)


def _kill(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
