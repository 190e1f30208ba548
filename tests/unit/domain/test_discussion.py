"""Posts in the discussion of a room."""

import pytest

from beseda.domain.discussion import POST_MAX, check_post
from beseda.domain.errors import MessageEmpty, MessageTooLong


def test_how_long_a_post_may_be() -> None:
    assert POST_MAX == 4_000
    assert check_post(" první\r\ndruhý ") == "první\ndruhý"
    assert len(check_post("ž" * POST_MAX)) == POST_MAX
    for text in ("ž" * (POST_MAX + 1), "ž" * 100_000):
        with pytest.raises(MessageTooLong):
            check_post(text)
    with pytest.raises(MessageEmpty):
        check_post(" \n ")
