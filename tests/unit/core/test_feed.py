"""The feed: one subscriber's failure is its own."""

from datetime import UTC, datetime

from beseda.core.feed import Feed, Subscriber
from beseda.domain.events import AccountChanged, Event, SessionEnded
from beseda.domain.ids import AccountId, SessionId
from unit.core.world import World

AT = datetime(2026, 11, 20, tzinfo=UTC)


def test_the_others_are_told_and_so_is_it_next_time() -> None:
    failed: list[tuple[Subscriber, Exception]] = []
    first, last = list[Event](), list[Event]()
    feed = Feed(lambda subscriber, error: failed.append((subscriber, error)))

    def fails_at_first(event: Event) -> None:
        first.append(event)
        if len(first) == 1:
            raise ValueError("no")

    feed.subscribe(fails_at_first)
    feed.subscribe(last.append)
    events = [AccountChanged(AT, AccountId(1)), SessionEnded(AT, AccountId(1), SessionId(2))]
    feed.publish(events)
    assert first == last == events
    assert [(subscriber, str(error)) for subscriber, error in failed] == [(fails_at_first, "no")]
    assert feed.failures == 1


async def test_a_failing_subscriber_keeps_no_session_alive(world: World) -> None:
    """One before all others would have kept them from hearing of the rest of a commit."""

    def fails(event: Event) -> None:
        raise RuntimeError("broken")

    world.parts.feed._subscribers.insert(0, fails)
    alena, handle = await world.signed_in(await world.known("Alena"))
    assert await world.is_good(handle)
    await world.core.auth.sign_out(alena)
    assert not await world.is_good(handle)
    assert world.parts.feed.failures > 0
