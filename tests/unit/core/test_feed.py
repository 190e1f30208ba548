"""The feed: one subscriber's failure is its own."""

from datetime import UTC, datetime

from beseda.core.feed import Feed, Subscriber
from beseda.domain.events import AccountChanged, Event, LineAdded, SessionEnded
from beseda.domain.ids import AccountId, RoomId, SessionId
from beseda.domain.messages import Kind, Line
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


def test_who_has_nothing_to_do_with_lines_hears_all_else_in_its_place() -> None:
    told: list[str] = []
    feed = Feed(lambda subscriber, error: None)
    for name, lines in (("first", True), ("second", False), ("third", True)):
        feed.subscribe(lambda event, name=name: told.append(f"{name} {type(event).__name__}"), lines=lines)  # type: ignore[misc]
    feed.publish(
        [LineAdded(AT, Line(RoomId(1), 1, AT, Kind.TEXT, None, None, "ahoj", 0)), AccountChanged(AT, AccountId(1))]
    )
    assert told == [
        *(f"{name} LineAdded" for name in ("first", "third")),
        *(f"{name} AccountChanged" for name in ("first", "second", "third")),
    ]


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
