"""When somebody counts as gone."""

from datetime import datetime, timedelta
from typing import NamedTuple

from beseda.domain.rooms import Occupant

KEEP_EVERY = timedelta(seconds=20)
"""How exactly the last activity of somebody present is kept."""
AWAKE_EVERY = timedelta(minutes=1)
"""How exactly it is kept when somebody who writes nothing was there."""


class Signs(NamedTuple):
    """What is kept of somebody's being here: the last activity, whether he is in a room, whether he is signed in."""

    accessed_at: datetime
    inside: bool
    signed_in: bool


def last_alive(occupant: Occupant) -> datetime:
    """When somebody in a room last wrote there, or said that he is there, or came."""
    return max(occupant.written_at or occupant.entered_at, occupant.awake_at or occupant.entered_at)


def is_gone(accessed_at: datetime, now: datetime, timeout: timedelta) -> bool:
    """Whether a client that was last heard of at `accessed_at` has left without saying so."""
    return now - accessed_at > timeout
