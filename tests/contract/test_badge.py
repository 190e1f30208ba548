"""The number on the badge: whatever is done to letters, all that tells it tells the same."""

import contextlib
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beseda.core.caller import Caller
from beseda.core.updates import MAIL
from beseda.domain.accounts import Account
from beseda.domain.errors import BesedaError
from beseda.domain.ids import ContactId, LetterId, UpdateId
from beseda.domain.mail import MailList
from beseda.domain.updates import UpdateKind
from contract.places import Place
from contract.test_schema import address
from unit.core.world import World

MEMBERS = range(3)
FREE = {"server.limits": {"letter_send": "1000000/0.001"}}
NICKS = count()
member, other = st.sampled_from(MEMBERS), st.integers(1, 2)
DEEDS = ["send", "read", "read all", "reset", "archive", "spam", "throw contact", "erase contact", "throw", "erase"]
step = st.tuples(
    st.sampled_from([*DEEDS, "send", "send", "erase for all", "clear garbage", "favourite", "ignore"]),
    member,
    other,
    st.booleans(),
    st.integers(0, 3),
)


@pytest.fixture
def place_world(place: Place) -> Iterator[World]:
    """A core on either engine."""
    with World(FREE | {"server.database": address(place)}) as world:
        yield world


class Post:
    """Three who write each other; `seen` is up to where each has looked at his mailbox."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.core = world.core
        self.callers: list[Caller] = []
        self.seen = dict.fromkeys(MEMBERS, 0)
        self.newest = 0

    async def prepare(self) -> None:
        for _ in MEMBERS:
            account = await self.world.known(f"n{next(NICKS)}")
            self.callers.append((await self.world.signed_in(account))[0])

    def account(self, who: int) -> Account:
        return self.callers[who].signed_in()[0]

    async def do(self, deed: str, who: int, step: int, flag: bool, which: int) -> None:
        whom = (who + step) % len(MEMBERS)
        with contextlib.suppress(BesedaError):  # a deed on what is not there
            await self._do(deed, who, whom, flag, which)
        await self.check()

    async def _do(self, deed: str, who: int, whom: int, flag: bool, which: int) -> None:
        caller, core, box = self.callers[who], self.core, self.core.mailbox
        contact = await core.mail.find_contact(caller, self.account(whom).id)
        of = contact.id if contact else ContactId(0)
        kept, thrown = [await self.letters(who, of, shown) for shown in (MailList.INBOX, MailList.GARBAGE)]
        letters = sorted(letter.id for letter in kept + thrown)
        ids = [LetterId(letters[which % len(letters)])] if letters else []
        deeds: dict[str, Any] = {
            "send": lambda: self.send(caller, whom, openly=flag),
            "read": lambda: core.mail.mark_read(caller, [of]),
            "read all": lambda: core.mail.mark_all_read(caller),
            "reset": lambda: self.reset(who),
            "archive": lambda: box.set_archived(caller, [of], flag),
            "spam": lambda: box.set_spam(caller, [of], flag),
            "throw contact": lambda: box.set_contacts_thrown(caller, [of], flag),
            "erase contact": lambda: box.erase_contacts(caller, [of]),
            "throw": lambda: box.set_thrown(caller, of, ids, flag),
            "erase": lambda: box.erase(caller, of, ids),
            "erase for all": lambda: box.erase(caller, of, ids, for_all=True),
            "clear garbage": lambda: box.clear_garbage(caller),
            "favourite": lambda: box.set_favourite(caller, of, ids, flag),
            "ignore": lambda: core.ignoring.set_ignored(caller, self.account(whom).id, flag),
        }
        await deeds[deed]()

    async def send(self, caller: Caller, whom: int, *, openly: bool) -> None:
        self.newest += 1
        letter, _ = await self.core.mail.send(caller, self.account(whom).id, f"text {self.newest}", openly=openly)
        self.newest = max(self.newest, letter.id)

    async def reset(self, who: int) -> None:
        await self.core.mail.reset_new(self.callers[who])
        self.seen[who] = self.newest

    async def letters(self, who: int, of: ContactId, shown: MailList) -> list[Any]:
        return (await self.core.mail.read_thread(self.callers[who], of, shown)).letters if of else []

    async def check(self) -> None:
        """Counted anew, letter by letter."""
        for who, caller in enumerate(self.callers):
            unread = new = 0
            for shown in (MailList.INBOX, MailList.ARCHIVE, MailList.SPAM):
                for thread in (await self.core.mail.list_threads(caller, shown)).threads:
                    letters = await self.letters(who, thread.contact.id, MailList.INBOX)
                    waiting = [each.id for each in letters if each.received and each.read_at is None]
                    assert thread.contact.unread == len(waiting)
                    if shown is not MailList.SPAM:
                        unread += len(waiting)
                        new += sum(number > self.seen[who] for number in waiting)
            listed = (await self.core.mail.list_threads(caller, MailList.UNREAD)).threads
            assert sum(thread.contact.unread for thread in listed) == unread
            assert await self.core.mail.count_unread(caller) == unread
            assert (await self.core.counters.count(caller)).mail == new
            assert await self.told(caller) == new

    async def told(self, caller: Caller) -> int:
        """What the last event told that is about this."""
        updates = await self.core.updates.list_after(caller.signed_in()[0].id, UpdateId(0))
        numbers = [each.number for each in updates if each.kind is UpdateKind.COUNTER and each.text == MAIL]
        assert all(before != after for before, after in zip([0, *numbers], numbers, strict=False)), "told in vain"
        return numbers[-1] if numbers else 0


def play_all(world: World, steps: list[tuple[str, int, int, bool, int]]) -> None:
    async def play() -> None:
        post = Post(world)
        await post.prepare()
        for each in steps:
            await post.do(*each)

    world.run(play())


STEPS = st.lists(step, min_size=5, max_size=25)


@pytest.mark.long
@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_all_counts_agree_whatever_is_done(place_world: World, steps: list[tuple[str, int, int, bool, int]]) -> None:
    play_all(place_world, steps)


@pytest.mark.long
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_and_for_long(place_world: World, steps: list[tuple[str, int, int, bool, int]]) -> None:
    play_all(place_world, steps)


@pytest.mark.parametrize("away", ["archive", "spam", "throw contact", "throw"])
def test_there_and_back_nothing_is_lost(place_world: World, away: str) -> None:
    async def play() -> None:
        post = Post(place_world)
        await post.prepare()
        for _ in range(2):
            await post.do("send", 0, 1, False, 0)
        for flag in (True, False):
            await post.do(away, 1, 2, flag, 0)
        assert (await post.core.counters.count(post.callers[1])).mail == 2

    place_world.run(play())


def test_to_answer_takes_out_of_the_spam_and_is_told(place_world: World) -> None:
    async def play() -> None:
        post = Post(place_world)
        await post.prepare()
        await post.do("send", 0, 1, False, 0)
        await post.do("spam", 1, 2, True, 0)
        assert await post.told(post.callers[1]) == 0
        await post.do("send", 1, 2, False, 0)
        assert await post.told(post.callers[1]) == 1

    place_world.run(play())
