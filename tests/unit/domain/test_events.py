"""Which events all nodes hear of."""

import pytest

from beseda.domain.events import LineAdded, Missed, is_for_all_nodes
from beseda.domain.ids import RoomId
from beseda.domain.messages import ON_LIST, Kind, Line
from unit.domain.made import NOON


@pytest.mark.parametrize("kind", Kind)
def test_of_lines_those_that_change_the_list(kind: Kind) -> None:
    line = Line(RoomId(1), 1, NOON, kind, None, None, "", 0)
    assert is_for_all_nodes(LineAdded(NOON, line)) is (kind in ON_LIST)


def test_who_missed_something_alone_needs_to_know() -> None:
    assert is_for_all_nodes(Missed(NOON)) is False
