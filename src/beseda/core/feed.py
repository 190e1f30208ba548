"""Tells what became durable, here or on another node, to whoever subscribed, in the order of the commits."""

from collections.abc import Callable, Sequence

from beseda.domain.events import Event, LineAdded

Subscriber = Callable[[Event], None]
OnFailure = Callable[[Subscriber, Exception], None]


class Feed:
    """A subscriber that raises is reported; the others are told all the same, and it of what comes next."""

    def __init__(self, on_failure: OnFailure) -> None:
        self._on_failure = on_failure
        self._subscribers: list[Subscriber] = []
        self._of_own: list[Subscriber] = []
        self._of_lines: set[Subscriber] = set()
        self.failures = 0

    def subscribe(self, *subscribers: Subscriber, own: bool = False, lines: bool = True) -> None:
        """They are called for every event from now on, or for this node's `own` ones alone; they must be quick.

        Most of what happens are lines of rooms: whoever has nothing to do with these is not asked about them.
        """
        (self._of_own if own else self._subscribers).extend(subscribers)
        if lines:
            self._of_lines.update(subscribers)

    def publish(self, events: Sequence[Event]) -> None:
        """What this node did."""
        self._tell(events, self._subscribers + self._of_own)

    def publish_others(self, events: Sequence[Event]) -> None:
        """What other nodes did."""
        self._tell(events, self._subscribers)

    def _tell(self, events: Sequence[Event], subscribers: Sequence[Subscriber]) -> None:
        of_lines = [subscriber for subscriber in subscribers if subscriber in self._of_lines]
        for event in events:
            for subscriber in of_lines if type(event) is LineAdded else subscribers:
                try:
                    subscriber(event)
                except Exception as error:
                    self.failures += 1
                    self._on_failure(subscriber, error)
