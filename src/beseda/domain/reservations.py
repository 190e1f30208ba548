"""Reserved rooms: who may reserve one, and what its main admin may set (chat.cz help, rules 13 to 16)."""

import re
from datetime import datetime

from beseda.domain.accounts import Account
from beseda.domain.errors import ReservationRefused
from beseda.domain.rooms import Room
from beseda.domain.text import one_line

FOUNDERS_MONTHS = 3
WEB_MAX = 200
KEEP_DAYS_MAX = 3_650
_WEB = re.compile(r"https?://[^\s<>\"'\\^`{|}]+")


def founders_right_ends(opened_at: datetime) -> datetime:
    """Three calendar months after the room was opened; the last day of a shorter month."""
    month = opened_at.month - 1 + FOUNDERS_MONTHS
    year, month = opened_at.year + month // 12, month % 12 + 1
    day = opened_at.day
    while True:
        try:
            return opened_at.replace(year=year, month=month, day=day)
        except ValueError:
            day -= 1


def check_reservation(room: Room, account: Account, reserved: Room | None, now: datetime) -> None:
    """Nothing, or ReservationRefused. `reserved` is the room that the member has reserved already, if any.

    Each registered member may reserve one room; in its first three months only its founder may (rules 13 and 14). A
    permanent room is the site's.
    """
    if not account.registered:
        raise ReservationRefused(reason="anonymous")
    if room.permanent:
        raise ReservationRefused(reason="permanent")
    if room.main_admin_id is not None:
        raise ReservationRefused(reason="taken")
    if reserved is not None:
        raise ReservationRefused(reason="another")
    if room.founder_id != account.id and now < founders_right_ends(room.created_at):
        raise ReservationRefused(reason="founder")


def check_web(web: str) -> str:
    """A web address as it is kept, "" for none. Raises ReservationRefused."""
    web = one_line(web)
    if web and (len(web) > WEB_MAX or not _WEB.fullmatch(web)):
        raise ReservationRefused(reason="web")
    return web


def check_keep_days(days: int | None) -> int | None:
    """Days that lines are kept; 0 keeps them for ever, None as configured. Raises ReservationRefused."""
    if days is not None and not 0 <= days <= KEEP_DAYS_MAX:
        raise ReservationRefused(reason="keep_days")
    return days
