"""The C library's heap, where that is glibc: what is freed stays with the process until it is asked for."""

import ctypes
from functools import cache

ARENA_MAX = -8
"""mallopt(3), M_ARENA_MAX."""


@cache
def _library() -> ctypes.CDLL | None:
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") else None


def share() -> None:
    """Threads that begin from now on take from the heap of all: what they free can be given back."""
    if (library := _library()) is not None:
        library.mallopt(ARENA_MAX, 1)


def give_back() -> None:
    """Let the system have what is free: a millisecond, and some ten for every 100 MB that go."""
    if (library := _library()) is not None:
        library.malloc_trim(0)
