"""Several processes that are one server: this one starts them, watches over them, and ends them together.

They are forked from here, where everything is loaded and the sockets listen already, so that one that died is soon
replaced, and nobody is lost who was about to connect. Each of them is a node (core/nodes.py), and reports to this
process as a service does to systemd; systemd hears of all as of one.
"""

import gc
import os
import selectors
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import BinaryIO, cast

import structlog

from beseda.adapters.sql.sqlite import MEMORY
from beseda.server.config import Config, ConfigError
from beseda.server.listening import open_listening
from beseda.server.storage import is_postgres, sqlite_path
from beseda.server.systemd import answer_to, notify, watchdog_s
from beseda.server.worker import FIRST, Worker, make_channels

RESTART_MIN_S, RESTART_MAX_S = 0.1, 30.0
"""How long after its death one is replaced: at first, and when it dies again and again."""
STEADY_S = 60.0
"""Whoever lived so long has not died of its start."""
KILL_AFTER_S = 10.0
"""Beyond the drain: whoever then still lives hangs."""
NEVER_S = float("inf")
SHARED = "server.listen"
"""Whose socket all have; the others are the first one's."""
STOPS = {signal.SIGTERM, signal.SIGINT}
HEARD = {*STOPS, signal.SIGHUP, signal.SIGCHLD}


@dataclass(slots=True)
class Slot:
    """The place of one worker, `pid` 0 while there is none in it."""

    number: int
    pid: int = 0
    reports: socket.socket | None = None
    is_ready: bool = False
    began_s: float = 0.0
    beat_s: float = 0.0
    deaths: int = 0
    """In a row."""
    due_s: float = 0.0
    """When the next one is started."""


class Workers:
    """All of a server's. Raises ConfigError for what several cannot share, and for an address that is taken."""

    def __init__(self, config: Config) -> None:
        if not hasattr(os, "fork"):
            raise ConfigError("server.workers: several processes need a system that can fork")
        if not is_postgres(config) and sqlite_path(config) == MEMORY:
            raise ConfigError("server.workers: a database in memory is one process's alone")
        self._drain_s = config.server.drain_s
        addresses = {
            SHARED: config.server.listen,
            "server.ops_listen": config.server.ops_listen,
            "admin.listen": config.admin.listen,
        }
        self._listening = {key: open_listening(key, address) for key, address in addresses.items() if address}
        count = config.server.workers
        self._hints, self._questions = make_channels(count), make_channels(count)
        self._queue = cast("BinaryIO", tempfile.TemporaryFile(buffering=0))  # noqa: SIM115 - open as long as this is
        self._lifeline, self._lifeline_end = os.pipe()
        self._slots = [Slot(number) for number in range(FIRST, FIRST + count)]
        self._beat_every_s = watchdog_s()
        self._beat_at_s = monotonic() if self._beat_every_s else NEVER_S
        self._status = "STATUS=starts"
        self._has_begun = self._is_stopping = False
        self._kill_at_s = NEVER_S
        self._code = 0
        self._log = structlog.get_logger()
        gc.freeze()  # what a collector looks at is no longer shared
        self._selector = selectors.DefaultSelector()
        self._signals, self._signals_end = socket.socketpair()
        self._listen_to_signals()

    def run(self) -> Worker | int:
        """In this process, when all have ended, the exit code; in each of them, at once, what it is."""
        while not self._is_stopping or any(slot.pid for slot in self._slots):
            for slot in self._due():
                if (worker := self._start(slot)) is not None:
                    return worker
            self._wait()
        return self._code

    def _due(self) -> Iterator[Slot]:
        """Those to be started now."""
        return (slot for slot in self._empty() if monotonic() >= slot.due_s)

    def _empty(self) -> Iterator[Slot]:
        """At first only the first one: it makes the database, or brings it to a newer schema."""
        for slot in self._slots:
            may_start = slot.number == FIRST or self._slots[0].is_ready or self._has_begun
            if not self._is_stopping and not slot.pid and may_start:
                yield slot

    def _start(self, slot: Slot) -> Worker | None:
        """None in this process."""
        heard, told = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        sys.stdout.flush()
        signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
        greets = slot.number == FIRST and not slot.began_s
        try:
            pid = os.fork()
        except OSError as error:
            pid = -1
            self._log.error("a worker cannot be forked", worker=slot.number, reason=error.strerror)
        if not pid:
            heard.close()
            return self._become_worker(slot.number, told, greets=greets)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)
        told.close()
        if pid < 0:
            heard.close()
            self._put_off(slot)
            return None
        heard.setblocking(False)
        self._selector.register(heard, selectors.EVENT_READ, slot)
        slot.pid, slot.reports, slot.is_ready = pid, heard, False
        slot.began_s = slot.beat_s = monotonic()
        return None

    def _become_worker(self, number: int, parent: socket.socket, *, greets: bool) -> Worker:
        """In the child: leave alone what is the parent's, and the first one's.

        Ctrl-C goes to all of a group, and shall reach the parent alone.
        """
        os.setpgid(0, 0)
        os.close(self._lifeline_end)
        signal.set_wakeup_fd(-1)
        for heard in HEARD - {signal.SIGHUP}:
            signal.signal(heard, signal.SIG_DFL)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)
        self._selector.close()
        self._signals.close()
        self._signals_end.close()
        for slot in self._slots:
            if slot.reports is not None:
                slot.reports.close()
        answer_to(parent)
        listening = {key: each for key, each in self._listening.items() if number == FIRST or key == SHARED}
        for each in {*self._listening.values()} - {*listening.values()}:
            each.close()
        channels = self._hints[number - FIRST], self._questions[number - FIRST]
        return Worker(number, greets, listening, *channels, self._queue, self._lifeline)

    def _listen_to_signals(self) -> None:
        """Who was started with `nohup` goes on."""
        self._signals.setblocking(False)
        self._signals_end.setblocking(False)
        signal.set_wakeup_fd(self._signals_end.fileno(), warn_on_full_buffer=False)
        for number in HEARD:
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, lambda _number, _frame: None)
        self._selector.register(self._signals, selectors.EVENT_READ)

    def _wait(self) -> None:
        """Until something happens, or is due; and see to it."""
        left_s = self._next_s() - monotonic()
        for key, _ in self._selector.select(None if left_s == NEVER_S else max(0.0, left_s)):
            if key.data is None:
                for number in self._signals.recv(4096):
                    self._heed(signal.Signals(number))
            else:
                self._hear(key.data)
        for slot in self._slots:
            if slot.pid and (ended := os.waitpid(slot.pid, os.WNOHANG))[0]:
                self._note_end(slot, os.waitstatus_to_exitcode(ended[1]))
        if monotonic() >= self._beat_at_s:
            self._beat()
        if monotonic() >= self._kill_at_s:
            self._kill_at_s = NEVER_S
            self._kill(*self._slots)

    def _beat(self) -> None:
        """Whoever hangs is replaced, as systemd would replace all of them."""
        now_s = monotonic()
        self._beat_at_s = now_s + self._beat_every_s
        if self._has_begun and not self._is_stopping:
            notify("WATCHDOG=1")
            self._kill(
                *(slot for slot in self._slots if slot.is_ready and now_s - slot.beat_s > 2 * self._beat_every_s)
            )

    def _kill(self, *slots: Slot) -> None:
        for slot in slots:
            if slot.pid:
                self._log.error("a worker hangs", worker=slot.number, pid=slot.pid)
                os.kill(slot.pid, signal.SIGKILL)

    def _next_s(self) -> float:
        return min(self._kill_at_s, self._beat_at_s, *(slot.due_s for slot in self._empty()))

    def _heed(self, number: signal.Signals) -> None:
        if number in STOPS and self._is_stopping:
            self._code = 128 + signal.SIGINT
            for each in (signal.SIGTERM, signal.SIGINT):  # the first may be the first that a worker gets
                self._tell_all(each)
        elif number != signal.SIGCHLD:
            self._stop(0)

    def _stop(self, code: int) -> None:
        """Have all of them finish what is under way; nobody listens any more."""
        if self._is_stopping:
            return
        self._is_stopping, self._code = True, code
        self._kill_at_s = monotonic() + self._drain_s + KILL_AFTER_S
        notify("STOPPING=1")
        os.close(self._lifeline_end)
        for listening in self._listening.values():
            listening.close()

    def _tell_all(self, number: signal.Signals) -> None:
        for slot in self._slots:
            if slot.pid:
                os.kill(slot.pid, number)

    def _hear(self, slot: Slot) -> None:
        """What a worker reports, in the words of sd_notify(3)."""
        if slot.reports is None:
            return
        with suppress(BlockingIOError):
            for line in slot.reports.recv(4096).decode().splitlines():
                if line == "READY=1":
                    slot.is_ready, slot.beat_s = True, monotonic()
                elif line == "WATCHDOG=1":
                    slot.beat_s = monotonic()
                elif line.startswith("STATUS=") and slot.number == FIRST and not self._has_begun:
                    self._status = line
                    notify(line)
        if not self._has_begun and all(each.is_ready for each in self._slots):
            self._has_begun = True
            self._log.info("all workers are ready", workers=len(self._slots))
            notify("READY=1", f"{self._status}, {len(self._slots)} workers")

    def _note_end(self, slot: Slot, code: int) -> None:
        """Replace it; but end when nobody has become ready, for the next would not either."""
        self._hear(slot)
        if slot.reports is not None:
            self._selector.unregister(slot.reports)
            slot.reports.close()
        was_ready = slot.is_ready
        slot.pid, slot.reports, slot.is_ready = 0, None, False
        if self._is_stopping:
            self._code = self._code or max(code, 0)
            return
        if not self._has_begun or not (was_ready or any(each.is_ready for each in self._slots)):
            self._log.error("a worker could not start", worker=slot.number, code=code)
            self._stop(code if code >= 0 else 1)
            return
        wait_s = self._put_off(slot)
        log = self._log.error if code else self._log.info
        log("a worker has ended", worker=slot.number, code=code, restart_in_s=wait_s)

    def _put_off(self, slot: Slot) -> float:
        """When the next one is started: later and later while they die."""
        slot.deaths = 1 if monotonic() - slot.began_s > STEADY_S else slot.deaths + 1
        wait_s = min(RESTART_MAX_S, RESTART_MIN_S * 2.0 ** min(slot.deaths - 1, 30))
        slot.due_s = monotonic() + wait_s
        return wait_s
