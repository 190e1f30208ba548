"""Tells what became durable to whoever subscribed, in the order of the commits."""

from collections.abc import Callable, Sequence

from beseda.domain.events import Event

Subscriber = Callable[[Event], None]


class Feed:
    def __init__(self) -> None:
        self._subscribers: list[Subscriber] = []

    def subscribe(self, subscriber: Subscriber) -> None:
        """`subscriber` is called for every event from now on; it must be quick and must not raise."""
        self._subscribers.append(subscriber)

    def publish(self, events: Sequence[Event]) -> None:
        for event in events:
            for subscriber in self._subscribers:
                subscriber(event)
