"""What operators say to everybody."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from beseda.domain.ids import AnnouncementId

SHOWN_FOR = timedelta(days=1)
"""If nobody says for how long."""
SHOWN_MAX = timedelta(days=366)
KEPT = timedelta(days=400)
"""How long it is known what was announced, after it was over."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """Said in rooms at once, and shown on pages `until`; one that was only said has `until` equal to `at`."""

    id: AnnouncementId
    at: datetime
    until: datetime
    text: str


def is_shown(announcement: Announcement, now: datetime) -> bool:
    """Whether pages show it."""
    return now < announcement.until
