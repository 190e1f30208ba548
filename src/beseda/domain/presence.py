"""When somebody counts as gone."""

from datetime import datetime, timedelta

KEEP_EVERY = timedelta(seconds=20)
"""How exactly the last activity of somebody present is kept."""


def is_gone(accessed_at: datetime, now: datetime, timeout: timedelta) -> bool:
    """Whether a client that was last heard of at `accessed_at` has left without saying so."""
    return now - accessed_at > timeout
