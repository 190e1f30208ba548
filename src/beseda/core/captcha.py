"""Pictures that tell people from programs, for who fails to sign in too often.

A challenge is bound to the name that was tried and the address it was tried from, so clients without cookies pass, and
need to send nothing but what they read. Nothing of a picture is kept: its number, and the digits that it shows, follow
from the server's key, the pair, the time, and how often the pair has failed. So every node can draw and check it, and
whoever failed, or misread it, is shown another.

Failures are counted over all nodes, in the database; attempts that came too soon on each node alone, in memory.
"""

from collections import OrderedDict

from beseda.core.forgetting import forget
from beseda.core.limits import Limiter
from beseda.core.ports import CaptchaPainter, Clock, Keyring, Store
from beseda.domain.captcha import DIGITS, FORGOTTEN_AFTER, LIVES_FOR, Failures, count, is_asked
from beseda.domain.errors import CaptchaNeeded, CaptchaWrong, ChallengeNotFound

KEPT = 50_000
"""Of failures in memory; the oldest are forgotten first."""
TURN_S = LIVES_FOR.total_seconds() / 2
"""The pictures of a turn, and of the one before, may be answered."""
TURN_DIGITS, PAIR_DIGITS, PROOF_DIGITS = 4, 6, 6
"""What the number of a challenge is made of; the proof says that it is one of ours."""

Pair = tuple[str, str]
"""A name as sign-ins are counted by, and an address."""


class Captcha:
    def __init__(self, store: Store, clock: Clock, keyring: Keyring, limiter: Limiter, painter: CaptchaPainter) -> None:
        self._store = store
        self._clock = clock
        self._keyring = keyring
        self._limiter = limiter
        self._painter = painter
        self._too_soon: OrderedDict[Pair, Failures] = OrderedDict()

    async def check(self, name: str, address: str, code: str, *, known: bool, spent: bool) -> bool:
        """Whether a picture was read; False when none had to be. Raises CaptchaNeeded, CaptchaWrong, TooOften.

        `known` and `spent` are what `is_asked` asks for.
        """
        pair, now = (name, address), self._clock.now()
        keys = _keys(pair)
        digests = {key: self._seal(key) for key in keys}
        failures = await self._store.view.sign_ins.failures(list(digests.values()))
        counts = [count(failures.get(digests[key]), now) + count(self._too_soon.get(key), now) for key in keys]
        if not is_asked(*counts, known=known, spent=spent):
            return False
        of_pair = failures.get(digests[pair])
        code = code.strip()
        if not code:
            raise CaptchaNeeded(challenge=self._challenge(pair, of_pair, self._turn()))
        shown = (self._challenge(pair, of_pair, turn) for turn in (self._turn(), self._turn() - 1))
        if code not in [self.answer(challenge) for challenge in shown]:
            self._limiter.take("captcha", address)
            async with self._store.unit() as unit:
                misread = await unit.sign_ins.note_misread(digests[pair], now)
            raise CaptchaWrong(challenge=self._challenge(pair, misread, self._turn()))
        return True

    async def note_failure(self, name: str, address: str) -> None:
        """The password was wrong."""
        now = self._clock.now()
        async with self._store.unit() as unit:
            for key in _keys((name, address)):
                await unit.sign_ins.note_failure(self._seal(key), now, now - FORGOTTEN_AFTER)

    def note_too_soon(self, name: str, address: str) -> None:
        """An attempt to sign in was refused unseen."""
        now = self._clock.now()
        for key in _keys((name, address)):
            self._too_soon[key] = Failures(count(self._too_soon.get(key), now) + 1, now)
            self._too_soon.move_to_end(key)
            if len(self._too_soon) > KEPT:
                self._too_soon.popitem(last=False)

    async def note_success(self, name: str, address: str) -> None:
        """The account signed in from there."""
        digest = self._seal((name, address))
        self._too_soon.pop((name, address), None)
        if await self._store.view.sign_ins.failures([digest]):
            async with self._store.unit() as unit:
                await unit.sign_ins.forgive(digest)

    async def forget_old(self) -> None:
        """Failures that count no more."""
        before = self._clock.now() - FORGOTTEN_AFTER
        await forget(self._store, lambda unit, limit: unit.sign_ins.forget_failures(before, limit))

    async def picture(self, challenge: str, address: str) -> bytes:
        """A PNG of the digits, drawn anew each time. Raises ChallengeNotFound, TooOften, Overloaded."""
        self._limiter.take("captcha", address)
        if not self._is_shown(challenge):
            raise ChallengeNotFound
        return await self._painter.paint(self.answer(challenge))

    def answer(self, challenge: str) -> str:
        """What the picture says; that tests call it too does no harm, for they cannot read."""
        return self._digits("captcha answer", challenge, DIGITS)

    def _turn(self) -> int:
        return int(self._clock.now().timestamp() // TURN_S)

    def _challenge(self, pair: Pair, failures: Failures | None, turn: int) -> str:
        """Digits: the turn's last, some that are the pair's alone until it fails again, and the proof."""
        failed = (failures.count, failures.misread) if failures else (0, 0)
        about = "\0".join((*pair, *map(str, (*failed, turn))))
        number = f"{turn % 10**TURN_DIGITS:0{TURN_DIGITS}}{self._digits('captcha pair', about, PAIR_DIGITS)}"
        return number + self._digits("captcha proof", number, PROOF_DIGITS)

    def _is_shown(self, challenge: str) -> bool:
        number, proof = challenge[:-PROOF_DIGITS], challenge[-PROOF_DIGITS:]
        turns = {f"{(self._turn() - ago) % 10**TURN_DIGITS:0{TURN_DIGITS}}" for ago in (0, 1)}
        return challenge[:TURN_DIGITS] in turns and proof == self._digits("captcha proof", number, PROOF_DIGITS)

    def _digits(self, purpose: str, text: str, number: int) -> str:
        return f"{int(self._keyring.seal(purpose, text), 16) % 10**number:0{number}}"

    def _seal(self, key: Pair) -> str:
        """The database does not tell who fails."""
        return self._keyring.seal("sign-in failures", "\0".join(key))[:32]


def _keys(pair: Pair) -> tuple[Pair, Pair, Pair]:
    """What failures are counted by: the account from the address, the account, the address."""
    return pair, (pair[0], ""), ("", pair[1])
