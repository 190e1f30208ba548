"""What workers tell one another of themselves, so that one of them can speak for all: metrics, and what is wrong.

Whoever asks sends one end of a new pair of sockets, and reads the answer from the other, to its end.
"""

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypedDict

from beseda.server.metrics import Counted, Metrics
from beseda.server.services import Service
from beseda.server.worker import Worker

PATIENCE_S = 1.5
"""How long a worker may keep an answer waiting: somewhat longer than its database may keep it."""
State = dict[str, dict[str, str]]
"""What there is to say, by kind and part: see OpsApp.state."""


class Report(TypedDict):
    """Of one worker; `began` is when it was started, on the clock that all on a machine have in common."""

    began: float
    counted: Counted
    state: State


class Reports:
    """`state` tells what is wrong with this worker."""

    def __init__(self, worker: Worker, metrics: Metrics, state: Callable[[], Awaitable[State]]) -> None:
        self._worker = worker
        self._metrics = metrics
        self._state = state
        self._began = time.monotonic()
        self._last: dict[int, Report] = {}
        self._of_the_dead = Metrics()
        """What they had counted, lest the sum go down."""
        self._answering: set[asyncio.Task[None]] = set()
        self.service = Service(start=self._start, stop=self._stop)

    async def _start(self) -> None:
        asyncio.get_running_loop().add_reader(self._worker.questions.mine, self._be_asked)

    async def _stop(self, _drain_s: float) -> None:
        asyncio.get_running_loop().remove_reader(self._worker.questions.mine)

    def _be_asked(self) -> None:
        with contextlib.suppress(OSError):
            for end in socket.recv_fds(self._worker.questions.mine, 1, 1)[1]:
                task = asyncio.get_running_loop().create_task(self._answer(socket.socket(fileno=end)))
                self._answering.add(task)
                task.add_done_callback(self._answering.discard)

    async def _answer(self, asker: socket.socket) -> None:
        """It may have gone."""
        report = Report(began=self._began, counted=self._metrics.counted(), state=await self._state())
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_unix_connection(sock=asker)
            writer.write(json.dumps(report).encode())
            writer.close()
            await writer.wait_closed()

    async def _ask(self, number: int, other: socket.socket) -> Report | None:
        """None when it does not answer."""
        mine, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(other, [b"?"], [theirs.fileno()])
            async with asyncio.timeout(PATIENCE_S):
                reader, writer = await asyncio.open_unix_connection(sock=mine)
                with contextlib.closing(writer):
                    report: Report = json.loads(await reader.read())
        except (OSError, ValueError):  # TimeoutError is an OSError
            mine.close()
            return None
        self._note(number, report)
        return report

    def _note(self, number: int, report: Report) -> None:
        """What was counted before this worker began has been told by the one before it."""
        last = self._last.get(number)
        if last is not None and last["began"] != report["began"]:
            self._of_the_dead.add(last["counted"], counters_only=True)
        elif last is None and report["began"] < self._began:
            self._of_the_dead.add(report["counted"], counters_only=True, sign=-1)
        self._last[number] = report

    async def _of_others(self) -> dict[int, Report | None]:
        others = self._worker.questions.others
        asked: Iterable[Report | None] = await asyncio.gather(*(self._ask(*other) for other in others.items()))
        return dict(zip(others, asked, strict=True))

    async def metrics(self) -> Metrics:
        """Of all together. Of one that does not answer what it had counted when it last did."""
        total = Metrics()
        total.add(self._metrics.counted())
        total.gauges |= {name: (text, total.gauges[name][1]) for name, (text, _) in self._metrics.gauges.items()}
        for number, report in (await self._of_others()).items():
            if report is not None:
                total.add(report["counted"])
            elif last := self._last.get(number):
                total.add(last["counted"], counters_only=True)
        total.add(self._of_the_dead.counted(), counters_only=True)
        return total

    async def worst(self, mine: State) -> State:
        """The state of all together: one that does not answer is replaced soon, and the others go on meanwhile."""
        told: dict[str, dict[str, Any]] = {kind: dict(found) for kind, found in mine.items()}
        for number, report in (await self._of_others()).items():
            if report is None:
                told["slowed"][f"worker {number}"] = "does not answer"
                continue
            for kind, found in report["state"].items():
                told[kind] |= {
                    f"worker {number}: {part}": what for part, what in found.items() if mine[kind].get(part) != what
                }
        return told
