"""Tells what became durable to whoever subscribed, in the order of the commits."""

from collections.abc import Callable, Sequence

from beseda.domain.events import Event

Subscriber = Callable[[Event], None]
OnFailure = Callable[[Subscriber, Exception], None]


class Feed:
    """A subscriber that raises is reported; the others are told all the same, and it of what comes next."""

    def __init__(self, on_failure: OnFailure) -> None:
        self._on_failure = on_failure
        self._subscribers: list[Subscriber] = []
        self.failures = 0

    def subscribe(self, subscriber: Subscriber) -> None:
        """`subscriber` is called for every event from now on; it must be quick."""
        self._subscribers.append(subscriber)

    def publish(self, events: Sequence[Event]) -> None:
        for event in events:
            for subscriber in self._subscribers:
                try:
                    subscriber(event)
                except Exception as error:
                    self.failures += 1
                    self._on_failure(subscriber, error)
