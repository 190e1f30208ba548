"""Pictures that tell people from programs, for who fails to sign in too often.

A challenge is bound to the name that was tried and the address it was tried from, so clients without cookies pass, and
need to send nothing but what they read. All of it is in memory: a restart forgives, and a node knows its own pictures.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from beseda.core.limits import Limiter
from beseda.core.ports import CaptchaPainter, Clock, Entropy
from beseda.domain.captcha import DIGITS, LIVES_FOR, Failures, count, is_asked
from beseda.domain.errors import CaptchaNeeded, CaptchaWrong, ChallengeNotFound

KEPT = 50_000
"""Of each kind; the oldest are forgotten first."""
ID_DIGITS = 16

Pair = tuple[str, str]
"""A name as sign-ins are counted by, and an address."""


@dataclass(frozen=True, slots=True)
class _Challenge:
    pair: Pair
    answer: str
    at: datetime


class Captcha:
    def __init__(self, clock: Clock, entropy: Entropy, limiter: Limiter, painter: CaptchaPainter) -> None:
        self._clock = clock
        self._entropy = entropy
        self._limiter = limiter
        self._painter = painter
        self._challenges: OrderedDict[str, _Challenge] = OrderedDict()
        self._pending: dict[Pair, str] = {}
        self._failures: OrderedDict[Pair, Failures] = OrderedDict()

    def check(self, name: str, address: str, code: str, *, known: bool, spent: bool) -> bool:
        """Whether a picture was read; False when none had to be. Raises CaptchaNeeded, CaptchaWrong.

        `known` and `spent` are what `is_asked` asks for.
        """
        pair = (name, address)
        if not self._is_asked(pair, known=known, spent=spent):
            return False
        code = code.strip()
        if not code:
            raise CaptchaNeeded(challenge=self._make(pair))
        if not self._is_right(pair, code):
            raise CaptchaWrong(challenge=self._make(pair))
        return True

    def note_failure(self, name: str, address: str) -> None:
        """An attempt to sign in failed, or came too soon."""
        now = self._clock.now()
        for key in ((name, address), (name, ""), ("", address)):
            self._failures[key] = Failures(count(self._failures.get(key), now) + 1, now)
            self._failures.move_to_end(key)
            if len(self._failures) > KEPT:
                self._failures.popitem(last=False)

    def note_success(self, name: str, address: str) -> None:
        """The account signed in from there."""
        self._failures.pop((name, address), None)

    async def picture(self, challenge: str, address: str) -> bytes:
        """A PNG of the digits, drawn anew each time. Raises ChallengeNotFound, TooOften, Overloaded."""
        self._limiter.take("captcha", address)
        found = self._challenges.get(challenge)
        if found is None or self._clock.now() - found.at > LIVES_FOR:
            raise ChallengeNotFound
        return await self._painter.paint(found.answer)

    def answer(self, challenge: str) -> str:
        """What the picture says: for tests, which cannot read. Raises KeyError."""
        return self._challenges[challenge].answer

    def _is_asked(self, pair: Pair, *, known: bool, spent: bool) -> bool:
        name, address = pair
        now = self._clock.now()
        of_pair, of_name, of_address = (
            count(self._failures.get(key), now) for key in (pair, (name, ""), ("", address))
        )
        return is_asked(of_pair, of_name, of_address, known=known, spent=spent)

    def _make(self, pair: Pair) -> str:
        """A new challenge in place of the one before."""
        self._challenges.pop(self._pending.get(pair, ""), None)
        challenge = self._entropy.digits(ID_DIGITS)
        self._challenges[challenge] = _Challenge(pair, self._entropy.digits(DIGITS), self._clock.now())
        self._pending[pair] = challenge
        if len(self._challenges) > KEPT:
            _, oldest = self._challenges.popitem(last=False)
            self._pending.pop(oldest.pair, None)
        return challenge

    def _is_right(self, pair: Pair, code: str) -> bool:
        """Whether this is what the pending picture says; whatever was said, it is used up."""
        found = self._challenges.pop(self._pending.pop(pair, ""), None)
        return found is not None and self._clock.now() - found.at <= LIVES_FOR and code == found.answer
