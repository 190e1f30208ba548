"""All calls of the live protocol by their `op`."""

from beseda.api.live import mail, own, people, rooms, search, talk, tokens
from beseda.api.live.calls import Op

OPS: dict[str, Op] = {**talk.OPS, **rooms.OPS, **people.OPS, **own.OPS, **mail.OPS, **search.OPS, **tokens.OPS}
READS = frozenset(
    {"follow", "unfollow", "history", "rooms", "room", "people", "kicks", "reports", "card", "find", "ignored", "own"}
    | {"threads", "letters", "search", "search_letters"}
)
"""What a token may call that only reads: it changes nothing that others see, and nothing of its member's."""
