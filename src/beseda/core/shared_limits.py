"""Counts what holds over all nodes: in the database, with the node's own limiter in front of it.

Whoever is over a limit on one node alone is refused without a question to the database; whoever is not is counted
there. While it is away nothing of this passes, but for whoever was found to be under a limit and has not guessed wrong
since: nothing new is asked about him until he does, or somebody somewhere comes to a limit.
"""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from beseda.core.forgetting import forget
from beseda.core.kept import Kept
from beseda.core.limits import Limiter
from beseda.core.ports import Clock, Keyring, Repositories, Store, Unit
from beseda.domain.errors import BesedaError, OutcomeUnknown, StoreUnavailable, TooOften
from beseda.domain.events import Event, LimitReached, Missed
from beseda.domain.limits import Bucket, Counted, Limit, full_at_s, give_back, take

OWED_MAX = 10_000
"""So many are remembered while the database is away; whoever comes after them is counted as if he had guessed."""
KEPT = 20_000


class SharedLimiter:
    """Token buckets of the table's `shared` limits, by keyed hashes of their keys.

    They are filled by the nodes' wall clocks: where those are apart, the one that is ahead counts.
    """

    def __init__(self, store: Store, clock: Clock, keyring: Keyring, limiter: Limiter) -> None:
        self._store = store
        self._clock = clock
        self._keyring = keyring
        self.here = limiter
        """The node's own, for what it counts alone."""
        self._owed: Counter[Counted] = Counter()
        """What is to be given back when the database can be told."""
        self._unspent: Kept[Counted, None] = Kept(self.check, KEPT)

    def note(self, event: Event) -> None:
        """Subscribed to the feed."""
        if isinstance(event, LimitReached | Missed):
            self._unspent.clear()

    async def take(self, *counted: Counted, guessed: bool = False) -> None:
        """Count one call in each of these limits, or in none: TooOften. `guessed` tells other nodes of the last one."""
        if not counted:
            return
        self.here.reserve(counted)
        try:
            await self._settle()
            async with self._store.unit() as unit:
                taken = await self.take_in(unit, *counted)
                now = self._clock.now()
                if guessed and any(take(self.here.limit(each[0]), taken[each], now.timestamp())[1] for each in counted):
                    unit.record(LimitReached(now))
        except BesedaError as error:
            self.here.give_back(counted)
            if isinstance(error, OutcomeUnknown):  # of what was to be counted nothing has been done
                raise StoreUnavailable from error.__cause__
            raise

    async def take_in(self, unit: Unit, *counted: Counted) -> dict[Counted, Bucket]:
        """The same within a deed: what is counted is undone with it. What is left then."""
        taken = await self._taken(unit, counted)
        await self._keep(unit, taken)
        return taken

    @contextlib.asynccontextmanager
    async def guessing(self, name: str, key: str, wrong: type[BesedaError]) -> AsyncIterator[None]:
        """Around a look at a secret, which is a guess if it is left by `wrong`. TooOften for whoever guesses on."""
        counted = (name, key)
        self.here.check(name, key)
        await self._unspent.get(counted)
        try:
            yield
        except wrong:
            self._unspent.drop(counted)
            await self.take(counted, guessed=True)
            raise

    async def check(self, *counted: Counted) -> None:
        """TooOften when the next call would be; counts nothing."""
        for each in counted:
            self.here.check(*each)
        await self._settle()
        await self._taken(self._store.view, counted)

    async def is_spent(self, *counted: Counted) -> bool:
        """Whether `check` would raise."""
        try:
            await self.check(*counted)
        except TooOften:
            return True
        return False

    async def give_back(self, *counted: Counted) -> None:
        """Count one call less in each: the one that was counted turned out to be none.

        While the database is away that is put off, and nobody is refused what he has been let do.
        """
        self.here.give_back(counted)
        if len(self._owed) < OWED_MAX:
            self._owed.update(counted)
        with contextlib.suppress(StoreUnavailable, OutcomeUnknown):
            await self._settle()

    async def _settle(self) -> None:
        """Nothing is given back twice. Raises StoreUnavailable, OutcomeUnknown."""
        if not self._owed:
            return
        owed, self._owed = self._owed, Counter()
        try:
            async with self._store.unit() as unit:
                found = await self._find(unit, tuple(owed))
                given = {
                    each: give_back(self.here.limit(each[0]), bucket, owed[each]) for each, bucket in found.items()
                }
                await self._keep(unit, given)
        except StoreUnavailable:
            self._owed += owed
            raise

    async def forget_full(self) -> None:
        """Buckets that are full again."""
        now = self._clock.now()
        await forget(self._store, lambda unit, limit: unit.limits.forget(now, limit))

    async def _taken(self, repositories: Repositories, counted: tuple[Counted, ...]) -> dict[Counted, Bucket]:
        """The buckets after one call. TooOften with the longest wait."""
        now_s, found = self._clock.now().timestamp(), await self._find(repositories, counted)
        taken = {each: take(self.here.limit(each[0]), found.get(each), now_s) for each in counted}
        name, wait_s = max(((each[0], wait_s) for each, (_, wait_s) in taken.items()), key=lambda each: each[1])
        if wait_s:
            raise TooOften(limit=name, retry_after_s=wait_s)
        return {each: bucket for each, (bucket, _) in taken.items()}

    async def _find(self, repositories: Repositories, counted: tuple[Counted, ...]) -> dict[Counted, Bucket]:
        digests = {self._seal(each): each for each in counted}
        return {digests[digest]: bucket for digest, bucket in (await repositories.limits.find(list(digests))).items()}

    async def _keep(self, unit: Unit, buckets: dict[Counted, Bucket]) -> None:
        for each, bucket in buckets.items():
            await unit.limits.keep(self._seal(each), bucket, _full_at(self.here.limit(each[0]), bucket))

    def _seal(self, counted: Counted) -> str:
        """The database does not tell who is counted."""
        return self._keyring.seal("limit", "\0".join(counted))[:32]


def _full_at(limit: Limit, bucket: Bucket) -> datetime:
    return datetime.fromtimestamp(full_at_s(limit, bucket), UTC)
