"""Posts in the discussion of a room."""

from dataclasses import dataclass
from datetime import datetime

from beseda.domain.accounts import Account
from beseda.domain.errors import MessageTooLong
from beseda.domain.ids import PostId, RoomId
from beseda.domain.mail import check_letter

POST_MAX = 4_000


@dataclass(frozen=True, slots=True)
class Post:
    """What somebody wrote for all to read, for as long as nobody deletes it."""

    id: PostId
    room_id: RoomId
    author: Account
    text: str
    at: datetime


def check_post(text: str) -> str:
    """The text as it is kept, lines and all. Raises MessageEmpty, MessageTooLong."""
    text = check_letter(text)
    if len(text) > POST_MAX:
        raise MessageTooLong(max_chars=POST_MAX)
    return text
