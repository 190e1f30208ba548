"""argon2id in a bounded pool of threads, so that hashing is never felt by anybody else."""

import asyncio
import os
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from beseda.adapters import heap
from beseda.domain.errors import Overloaded

if TYPE_CHECKING:
    from argon2 import PasswordHasher

T = TypeVar("T")
QUIET_S = 10.0
"""So long after the last hash its memory is kept for the next: to have it anew takes as much time again."""


class Argon2Hasher:
    """OWASP's minimum by default: 19 MiB, two passes, one lane. Hashes are kept in PHC form.

    About 50 hashes a second on two cores; `queue_max` callers may wait, more are told Overloaded.
    """

    def __init__(self, *, memory_kib: int = 19_456, passes: int = 2, queue_max: int = 64) -> None:
        self._memory_kib = memory_kib
        self._passes = passes
        self._pool = ThreadPoolExecutor(max_workers=os.cpu_count() or 1, thread_name_prefix="hash")
        self._queue_max = queue_max
        self.waiting = 0
        self._rest: asyncio.TimerHandle | None = None

    @cached_property
    def _argon2(self) -> "PasswordHasher":
        """Loaded for the first password."""
        from argon2 import PasswordHasher

        return PasswordHasher(
            time_cost=self._passes, memory_cost=self._memory_kib, parallelism=1, hash_len=32, salt_len=16
        )

    @cached_property
    def _nobody(self) -> str:
        return made_up(self._argon2)

    async def hash(self, password: str) -> str:
        return await self._in_pool(self._argon2.hash, _bytes(password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right; None takes as long as a hash and is never right."""
        right = await self._in_pool(self._verify, password_hash or self._nobody, _bytes(password))
        return right and password_hash is not None

    def outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than those of now."""
        return self._argon2.check_needs_rehash(password_hash)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
        if self._rest is not None:
            self._rest.cancel()

    def _verify(self, password_hash: str, password: bytes) -> bool:
        from argon2.exceptions import InvalidHashError, VerificationError

        try:
            return self._argon2.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _in_pool(self, work: Callable[..., T], *args: object) -> T:
        if self.waiting >= self._queue_max:
            raise Overloaded
        loop = asyncio.get_running_loop()
        if self._rest is not None:
            self._rest.cancel()
        self.waiting += 1
        try:
            return await loop.run_in_executor(self._pool, work, *args)
        finally:
            self.waiting -= 1
            self._rest = None if self.waiting else loop.call_later(QUIET_S, heap.give_back)


def made_up(argon2: "PasswordHasher") -> str:
    """A hash in PHC form that takes as long to verify as others; of which password nobody knows."""
    salt, digest = (b64encode(os.urandom(size)).decode().rstrip("=") for size in (argon2.salt_len, argon2.hash_len))
    return f"$argon2id$v=19$m={argon2.memory_cost},t={argon2.time_cost},p={argon2.parallelism}${salt}${digest}"


def _bytes(password: str) -> bytes:
    """All of the text that it is given, whatever is in it."""
    return password.encode("utf-8", "surrogatepass")
