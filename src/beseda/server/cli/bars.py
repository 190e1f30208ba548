"""How far long work is, as bars on a terminal, one after another; nothing where nobody looks on."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import typer

from beseda.server.progress import Progress, say_nothing


@contextmanager
def bars(as_json: bool = False) -> Iterator[Progress]:
    """What is told is drawn on standard error, if that is a terminal and whoever asks is no program."""
    if as_json or not sys.stderr.isatty():
        yield say_nothing
        return
    drawn = _Bars()
    try:
        yield drawn.tell
    finally:
        drawn.end()


class _Bars:
    def __init__(self) -> None:
        self._bar: Any = None
        self._label = ""
        self._done = 0

    def tell(self, label: str, done: int, total: int) -> None:
        if label != self._label:
            self.end()
            endless = None if total else count()  # of which nobody can tell how far it is, only that it goes on
            self._bar = typer.progressbar(endless, total or None, label=label, file=sys.stderr)
            self._label, self._done = label, 0
            self._bar.render_progress()
        self._bar.update(done - self._done)
        self._done = done

    def end(self) -> None:
        if self._bar is not None:
            self._bar.render_finish()
