"""Hashes of passwords."""

import platform
import subprocess
import sys

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError

from beseda.adapters.passwords import made_up


def test_a_made_up_hash_takes_the_work_of_a_real_one() -> None:
    argon2 = PasswordHasher(time_cost=3, memory_cost=64, parallelism=1, hash_len=32, salt_len=16)
    assert made_up(argon2) != made_up(argon2)
    assert extract_parameters(made_up(argon2)) == extract_parameters(argon2.hash("any"))
    with pytest.raises(VerifyMismatchError):  # only the whole computation can tell
        argon2.verify(made_up(argon2), "any")


KEPT = """
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from argon2 import PasswordHasher
from beseda.adapters import heap

def memory_mib():
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096 >> 20

heap.share()
argon2 = PasswordHasher(time_cost=1, memory_cost=19 * 1024, parallelism=1)
with ThreadPoolExecutor(1) as pool:
    before = memory_mib()
    for _ in range(3):
        pool.submit(argon2.hash, "any").result()
    kept = memory_mib()
    heap.give_back()
    print(kept - before >= 16, memory_mib() - before <= 8)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_the_memory_of_hashes_is_kept_and_given_back() -> None:
    assert subprocess.check_output([sys.executable, "-c", KEPT], text=True) == "True True\n"
