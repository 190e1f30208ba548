"""What a server does with memory that it does not need any more."""

import ctypes
import os
import sys
from pathlib import Path

import pytest

from beseda.testing import BesedaServer

BLOCK_BYTES = 100 * 1024
"""Less than what the C library would ask the system for, and give back, by itself."""


def resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"),
    reason="other heaps have ways of their own",
)
def test_what_is_free_goes_back_to_the_system_within_a_minute() -> None:
    with BesedaServer() as server:
        server.move_clock(61)
        server.run(server.beseda.housekeeping())
        blocks = [bytearray(BLOCK_BYTES) for _ in range(1_000)]
        for block in blocks:
            block[::4096] = b"x" * len(block[::4096])
        full = resident_mib()
        del blocks[:-1], block
        server.move_clock(61)
        server.run(server.beseda.housekeeping())
        assert resident_mib() < full - 50
