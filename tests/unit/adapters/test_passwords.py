"""Hashes of passwords."""

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
