"""The files of an SQLite database that is open: are they still where they were?

SQLite goes on with what it has open when a file is moved, replaced or removed, and whatever is written then is lost,
or spoils what was put in its place. So a commit is acknowledged only while the names lead to the open files: each is
looked at when it is opened, and again before and after the commit. A file that is moved back is good again.

Nothing is asked but which file it is. Since Linux 6.13 a file whose times were asked for notes the time of its next
write to the nanosecond, which has to be written as well: every sync of the log would take a third longer.
"""

import ctypes
import os
import struct
from pathlib import Path

SUFFIXES = ("", "-wal", "-shm")
"""What there is while a database is open. Nobody removes the latter two while anybody has it open."""

ROOM_MIN_BYTES = 1024 * 1024
"""What a large deed may need."""

Identity = tuple[int, ...] | None
"""Inode and device, major and minor; None when there is no such file."""

AT_FDCWD, STATX_INO = -100, 0x100
_statx = getattr(ctypes.CDLL(None), "statx", None)
_Answer = ctypes.c_char * 256
_inode_and_device = struct.Struct("32xQ96xII").unpack_from
"""Where they stand in what statx(2) answers, on every machine."""


class OpenFiles:
    """Made when the database has been opened and read once: then all of them are there."""

    def __init__(self, path: Path) -> None:
        self._paths = [os.fsencode(f"{path}{suffix}") for suffix in SUFFIXES]
        self._open = [_identify(each) for each in self._paths]

    def displaced(self) -> str:
        """Which file is no longer the one that is open, and what has become of it; "" when all are in their place."""
        for path, opened in zip(self._paths, self._open, strict=True):
            found = _identify(path)
            if found != opened:
                fate = "removed" if found is None else "replaced"
                return f"{os.fsdecode(path)} was {fate} while the server has it open"
        return ""

    def crowded(self) -> str:
        """That nearly nothing is left on the disk; "" when there is room."""
        try:
            disk = os.statvfs(self._paths[0])
        except OSError:
            return ""
        full = disk.f_blocks and disk.f_bavail * disk.f_frsize < ROOM_MIN_BYTES
        return f"{os.fsdecode(self._paths[0])}: the disk is full" if full else ""


def _identify(path: bytes) -> Identity:
    """Where there is no statx, the times are asked for as well."""
    answer = _Answer()
    if _statx is not None and _statx(AT_FDCWD, path, 0, STATX_INO, answer) == 0:
        return _inode_and_device(answer)
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, os.major(found.st_dev), os.minor(found.st_dev)
