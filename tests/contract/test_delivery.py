"""Letters that are sent at once are delivered in one deed, and what comes of each is what would come of it alone."""

import asyncio
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

import pytest

from beseda.core.caller import Caller
from beseda.core.delivery import Delivered
from beseda.domain.accounts import Account
from beseda.domain.errors import BesedaError
from beseda.domain.ids import AccountId, LetterId
from beseda.domain.mail import MailList
from beseda.domain.updates import Update
from contract.places import Place
from contract.test_schema import address
from unit.core.world import World

PEOPLE = 4
ROUNDS = 6


@pytest.fixture
def world(place: Place, runner: asyncio.Runner) -> Iterator[World]:
    with World({"server.database": address(place)}, runner=runner) as world:
        yield world


@dataclass(frozen=True, slots=True)
class Asked:
    sender: int
    receiver: int
    text: str
    key: str | None
    answers: bool
    openly: bool


class Circle:
    """Some who write each other. Numbers are told as they are within the circle."""

    def __init__(self, world: World, callers: Sequence[Caller]) -> None:
        self._world = world
        self._callers = callers
        self._ids = [caller.signed_in()[0].id for caller in callers]
        self._letters: list[LetterId] = []
        self.newest: LetterId | None = None
        self.told: list[Update] = []

    @classmethod
    async def of(cls, world: World, names: Sequence[str]) -> "Circle":
        return cls(world, [(await world.signed_in(await world.known(name)))[0] for name in names])

    def send(self, asked: Asked) -> Awaitable[Delivered]:
        receiver_id = self._ids[asked.receiver] if asked.receiver < PEOPLE else AccountId(10**9)
        return self._world.core.mail.send(
            self._callers[asked.sender],
            receiver_id,
            asked.text,
            key=asked.key,
            answers=self.newest if asked.answers else None,
            mark="m",
            openly=asked.openly,
        )

    def note(self, outcome: Delivered | BaseException) -> object:
        if isinstance(outcome, BesedaError):
            return outcome.code
        assert isinstance(outcome, Delivered), outcome
        letter = outcome.letter
        if letter.id not in self._letters:
            self._letters.append(letter.id)
            self._letters.sort()
        quoted = letter.answers and self._number(letter.answers.id)
        return self._number(letter.id), self._who(letter.other_id), letter.text, quoted

    def _number(self, letter_id: int) -> int:
        return self._letters.index(LetterId(letter_id)) + 1 if letter_id else 0

    def _who(self, account: Account | AccountId | None) -> int | None:
        return None if account is None else self._ids.index(account.id if isinstance(account, Account) else account)

    async def set(self, draw: Random) -> None:
        """What changes where letters go, or how they count."""
        self.newest = self._letters[-1] if self._letters else None
        core, caller, other = self._world.core, draw.choice(self._callers), draw.choice(self._ids)
        match draw.randrange(4):
            case 0 if other != caller.signed_in()[0].id:
                await core.ignoring.set_ignored(caller, other, draw.random() < 0.5)
            case 1 if contact := await core.mail.find_contact(caller, other):
                await core.mailbox.set_spam(caller, [contact.id], True)
            case 2 if contact := await core.mail.find_contact(caller, other):
                await core.mailbox.set_archived(caller, [contact.id], True)
            case 3 if contact := await core.mail.find_contact(caller, other):
                await core.mail.mark_read(caller, [contact.id])

    async def look(self) -> object:
        """All that anybody has, and was told."""
        await self._world.core.updates.settle()
        view = self._world.parts.store.view
        owned: list[object] = []
        for caller, own_id in zip(self._callers, self._ids, strict=True):
            for shown in (MailList.INBOX, MailList.SPAM, MailList.ARCHIVE):
                for thread in (await self._world.core.mail.list_threads(caller, shown)).threads:
                    of = thread.contact
                    letters = await self._world.core.mail.list_letters(caller, of.other.id)
                    numbers = [self._number(each) for each in (of.last_letter_id, of.last_received_id)]
                    counts = (of.unread, of.received, of.sent, of.draft)
                    texts = [(self._number(each.id), each.received, each.text) for each in letters]
                    owned.append((shown, self._who(of.other), numbers, counts, texts))
            owned.append(await view.mail.count_new(own_id))
        told = [
            [
                (each.kind, self._number(each.letter_id), self._who(each.other), each.number, each.text)
                for each in self.told
                if each.account_id == own_id
            ]
            for own_id in self._ids
        ]
        return owned, told


def drawn(draw: Random, keys: Sequence[str | None]) -> Asked:
    return Asked(
        draw.randrange(PEOPLE),
        draw.randrange(PEOPLE + 1) if draw.random() < 0.3 else draw.randrange(2),
        draw.choice("abc"),
        draw.choice(keys),
        draw.random() < 0.1,
        draw.random() < 0.5,
    )


@pytest.mark.parametrize("seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(3, 12))])
async def test_at_once_is_as_one_after_another(world: World, engine: str, seed: int) -> None:
    """A letter with a key waits until it is looked for; on PostgreSQL others pass it, so there it comes by itself."""
    alone, together = [
        await Circle.of(world, [f"{name} {number}" for number in range(PEOPLE)]) for name in ("Alena", "Brana")
    ]
    for circle in (alone, together):
        await world.core.updates.watch(circle.told.append)
    for round_ in range(ROUNDS):
        draws = [Random(f"{seed} {round_}") for _ in range(2)]
        for circle, draw in zip((alone, together), draws, strict=True):
            for _ in range(3):
                await circle.set(draw)
        keys = [None] if engine == "postgres" and round_ % 2 else [None, None, None, "k", "l"]
        count = 1 if engine == "postgres" and not round_ % 2 else draws[0].choice([1, 3, 12])
        script = [drawn(draws[0], keys) for _ in range(count)]
        script = list({(each.sender, each.key or object()): each for each in script}.values())
        one_by_one = [
            alone.note(*(await asyncio.gather(alone.send(asked), return_exceptions=True))) for asked in script
        ]
        at_once = await asyncio.gather(*(together.send(asked) for asked in script), return_exceptions=True)
        assert [together.note(outcome) for outcome in at_once] == one_by_one
        assert await together.look() == await alone.look()
        world.clock.move(11)


async def test_those_of_one_turn_share_a_deed_and_who_leaves_it_is_not_waited_for(world: World) -> None:
    callers = [(await world.signed_in(await world.known(f"Alena {number}")))[0] for number in range(PEOPLE)]
    to, commits = callers[0].signed_in()[0].id, world.parts.store.commits
    sending = [asyncio.create_task(world.core.mail.send(caller, to, "Ahoj")) for caller in callers]
    await asyncio.sleep(0)
    sending[1].cancel()
    outcomes = await asyncio.gather(*sending, return_exceptions=True)
    kinds = [type(outcome).__name__ for outcome in outcomes]
    assert kinds == ["LetterToOneself", "CancelledError", "Delivered", "Delivered"]
    assert world.parts.store.commits == commits + 1
    received = await world.core.mail.list_threads(callers[0], MailList.INBOX)
    assert [thread.contact.other.id for thread in received.threads] == [
        each.signed_in()[0].id for each in callers[:1:-1]
    ]
