"""A lock between processes, which its holder's end gives back, however he ends."""

import errno
import os
import sys
from pathlib import Path
from typing import BinaryIO

if sys.platform == "win32":
    import msvcrt

    def _lock(number: int) -> None:
        msvcrt.locking(number, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(number: int) -> None:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)


def lock_beside(path: Path) -> BinaryIO:
    """Held until it is closed: the file `.NAME.lock` beside the path. Raises BlockingIOError when another holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(number)
    except OSError as error:
        os.close(number)
        if error.errno not in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            raise
        raise BlockingIOError(errno.EAGAIN, "another program uses this just now", str(path)) from error
    return os.fdopen(number, "r+b")
