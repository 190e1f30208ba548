"""All calls of the live protocol by their `op`."""

from beseda.api.live import mail, own, people, rooms, talk
from beseda.api.live.calls import Op

OPS: dict[str, Op] = {**talk.OPS, **rooms.OPS, **people.OPS, **own.OPS, **mail.OPS}
