"""A terminal of a fixed size with a program in it, whose screen a test reads as a person does."""

import contextlib
import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import threading
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import pyte

ENTER, TAB, CTRL_C, CTRL_D, CTRL_N, PAGE_UP, PAGE_DOWN = "\r", "\t", "\x03", "\x04", "\x0e", "\x1b[5~", "\x1b[6~"


class Terminal:
    """As a context manager the program is killed at the end, unless it has ended."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], *, columns: int = 80, rows: int = 20
    ) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._news = threading.Condition(threading.RLock())
        self._ended = False
        self._end, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._popen = subprocess.Popen(
            command,
            env=dict(environment) | {"TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1"},
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(inner)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._popen.kill()
        self.wait()
        os.close(self._end)

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # the program has ended
            while got := os.read(self._end, 65_536):
                with self._news:
                    self._stream.feed(got)
                    self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    @property
    def text(self) -> str:
        """What is on the screen."""
        with self._news:
            return "\n".join(line.rstrip() for line in self._screen.display)

    def type(self, text: str) -> None:
        os.write(self._end, text.encode())

    def wait_for(self, *texts: str) -> str:
        """Until all of these are on the screen."""
        return self.wait_until(lambda: all(text in self.text for text in texts), texts)

    def wait_until(self, ready: Callable[[], bool], told: object = "") -> str:
        with self._news:
            assert self._news.wait_for(lambda: ready() or self._ended, timeout=60), (told, self.text)
        assert ready(), (told, self.text)
        return self.text

    def resize(self, columns: int, rows: int) -> None:
        with self._news:
            self._screen.resize(rows, columns)
        fcntl.ioctl(self._end, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.killpg(self._popen.pid, signal.SIGWINCH)

    def wait(self) -> int:
        """The exit code."""
        code = self._popen.wait(timeout=60)
        self._reader.join(timeout=60)
        return code
