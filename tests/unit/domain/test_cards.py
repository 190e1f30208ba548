"""What one may do to whom one meets."""

from dataclasses import replace

import pytest

from beseda.domain.accounts import KarmaLevel
from beseda.domain.cards import CardDeed, Meeting, deeds, deeds_in_room
from beseda.domain.rooms import Rank
from unit.domain.made import account

ALENA, BOHUS = account(1), account(2)
GUEST = account(3, registered=False)
GIVING = replace(ALENA, karma_earned=1)
ANYWHERE = [CardDeed.IGNORE, CardDeed.NOTE]


def test_nothing_is_done_to_oneself() -> None:
    assert deeds(GIVING, GIVING, both_talk=True) == []
    assert deeds_in_room(ALENA, ALENA, Meeting(Rank.SITE, Rank.NONE, inside=False, leads=False)) == []


@pytest.mark.parametrize(
    ("actor", "other", "both_talk", "expected"),
    [
        (ALENA, BOHUS, False, [CardDeed.LETTER, *ANYWHERE]),
        (ALENA, BOHUS, True, [CardDeed.WHISPER, CardDeed.LETTER, *ANYWHERE]),
        (GIVING, BOHUS, False, [CardDeed.LETTER, *ANYWHERE, CardDeed.KARMA]),
        (GIVING, GUEST, False, ANYWHERE),
        (GUEST, BOHUS, False, []),
        (GUEST, BOHUS, True, [CardDeed.WHISPER]),
    ],
)
def test_anywhere(actor: object, other: object, both_talk: bool, expected: list[CardDeed]) -> None:
    assert deeds(actor, other, both_talk=both_talk) == expected  # type: ignore[arg-type]


RULING = [CardDeed.KICK, CardDeed.MUTE, CardDeed.DELETE_ALL, CardDeed.ALLOW_LINKS]


@pytest.mark.parametrize(
    ("rank", "other_rank", "inside", "leads", "expected"),
    [
        (Rank.NONE, Rank.NONE, True, False, []),
        (Rank.TEMPORARY, Rank.NONE, True, False, [*RULING, CardDeed.HAND_OVER]),
        (Rank.TEMPORARY, Rank.NONE, False, False, RULING),
        (Rank.TEMPORARY, Rank.TEMPORARY, True, True, [CardDeed.ALLOW_LINKS]),
        (Rank.PERMANENT, Rank.MAIN, True, False, [CardDeed.ALLOW_LINKS, CardDeed.HAND_OVER]),
    ],
)
def test_in_a_room(rank: Rank, other_rank: Rank, inside: bool, leads: bool, expected: list[CardDeed]) -> None:
    assert deeds_in_room(ALENA, BOHUS, Meeting(rank, other_rank, inside, leads)) == expected


def test_a_guest_leads_nobody_and_is_thrown_out_by_red_members() -> None:
    meeting = Meeting(Rank.MAIN, Rank.NONE, inside=True, leads=False)
    assert deeds_in_room(ALENA, GUEST, meeting) == RULING
    outside = replace(meeting, rank=Rank.NONE)
    assert deeds_in_room(replace(ALENA, karma_level=KarmaLevel.RED), GUEST, outside) == [CardDeed.KICK]
    assert deeds_in_room(replace(ALENA, karma_level=KarmaLevel.RED), BOHUS, outside) == []
