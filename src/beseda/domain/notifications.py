"""Notifications: what happened to a member that he may have missed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from beseda.domain.accounts import Account
from beseda.domain.ids import NotificationId, RoomId


class NotificationKind(StrEnum):
    """What it is about."""

    KARMA = "karma"
    """`actor` gave `number` karma; a negative number has its reason in `text`."""
    INVITED = "invited"
    """`actor` asks the member to come into a room."""
    ROOM_ADMIN = "room_admin"
    """The member is a permanent admin of a room now."""
    PICTURE_DELETED = "picture_deleted"
    """`actor`, an admin, deleted the member's picture."""


@dataclass(frozen=True, slots=True)
class Notification:
    """`read_at` is when its owner first saw it. `room_name` is "" when it is about none, or about one that is gone."""

    id: NotificationId
    at: datetime
    kind: NotificationKind
    actor: Account | None
    room_id: RoomId | None
    room_name: str
    number: int
    text: str
    read_at: datetime | None
