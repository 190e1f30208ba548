"""Whether what was done left something that only the collector of garbage finds.

An exception holds its traceback, that the frames, those all their variables. Where a variable or a future holds the
exception in turn, all of it stays until the collector comes, which may be hundreds of requests later.
"""

import contextlib
import gc
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import beseda

OURS, TESTING = (str(Path(beseda.__file__).parent / part) for part in ("", "testing"))


@contextlib.contextmanager
def nothing_kept() -> Iterator[None]:
    """No frame of ours is left to the collector by what is done inside."""
    gc.collect()
    gc.freeze()  # what others have left, and let go of later, is none of this
    gc.disable()
    try:
        yield
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        left = {where(each) for each in gc.garbage if isinstance(each, TracebackType)}
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
        gc.unfreeze()
    assert left - {""} == set(), f"{left} kept by an exception that something in its own frames holds"


def where(trace: TracebackType) -> str:
    file = trace.tb_frame.f_code.co_filename
    ours = file.startswith(OURS) and not file.startswith(TESTING)
    return f"{file.removeprefix(OURS)}:{trace.tb_lineno}" if ours else ""
