"""Deeds that are only tried: done with all that can refuse them, and taken back at the end of their units."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class _Rehearsal:
    """Over when its block is, also for tasks that were begun in it."""

    def __init__(self) -> None:
        self.goes_on = True


_call: ContextVar[_Rehearsal | None] = ContextVar("rehearsal", default=None)


@contextmanager
def rehearsal() -> Iterator[None]:
    """What units write in this block is taken back when they are left, and nobody hears of it."""
    this = _Rehearsal()
    before = _call.set(this)
    try:
        yield
    finally:
        this.goes_on = False
        _call.reset(before)


def is_rehearsal() -> bool:
    """Whether what is being done here is only tried."""
    this = _call.get()
    return this is not None and this.goes_on
