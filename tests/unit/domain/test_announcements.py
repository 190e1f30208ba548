"""How long pages show what operators say."""

from datetime import timedelta

from beseda.domain.announcements import Announcement, is_shown
from beseda.domain.ids import AnnouncementId
from unit.domain.made import NOON


def test_it_is_shown_until_its_end() -> None:
    said = Announcement(AnnouncementId(1), NOON, NOON + timedelta(hours=1), "x")
    assert is_shown(said, said.until - timedelta(milliseconds=1)) is True
    assert is_shown(said, said.until) is False
