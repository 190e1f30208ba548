"""How far long work is, as bars on a terminal, one after another; nothing where nobody looks on."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer

from beseda.server.progress import Progress, say_nothing


@contextmanager
def bars() -> Iterator[Progress]:
    """What is told is drawn on standard error, if that is a terminal; answers on standard output stay alone."""
    if not sys.stderr.isatty():
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
            self._bar, self._label, self._done = typer.progressbar(length=total, label=label, file=sys.stderr), label, 0
            self._bar.render_progress()
        self._bar.update(done - self._done)
        self._done = done

    def end(self) -> None:
        if self._bar is not None:
            self._bar.render_finish()
