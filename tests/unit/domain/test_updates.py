"""What need not be told any more."""

from datetime import timedelta

import pytest

from beseda.domain.ids import AccountId, ContactId, LetterId, UpdateId
from beseda.domain.updates import TYPING_FOR, Update, UpdateKind, is_over
from unit.domain.made import NOON


@pytest.mark.parametrize("kind", UpdateKind)
def test_only_typing_is_over(kind: UpdateKind) -> None:
    update = Update(UpdateId(1), AccountId(1), NOON, kind, ContactId(1), LetterId(1), None, 0, "")
    assert not is_over(update, NOON + TYPING_FOR)
    assert is_over(update, NOON + TYPING_FOR + timedelta(milliseconds=1)) is (kind is UpdateKind.TYPING)
