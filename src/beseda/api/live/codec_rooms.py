"""Rooms and people as the live protocol has them. What is empty, zero or false is left out. No I/O."""

from collections.abc import Iterable
from datetime import datetime

from beseda.api.jsontext import write_json
from beseda.api.live.codec import milliseconds, person
from beseda.core.cards import Card
from beseda.core.reservations import RoomInfo
from beseda.domain.ids import RoomId
from beseda.domain.moderation import Kick, Report
from beseda.domain.reads import ReadMark
from beseda.domain.rooms import Occupant, Rank, Room, RoomView, rank_in

Members = dict[str, object]


def filled(members: Members, *, always: Iterable[str] = ()) -> Members:
    """Without what is empty."""
    kept = frozenset(always)
    return {name: value for name, value in members.items() if value not in (None, "", False, 0) or name in kept}


def encode_room(view: RoomView) -> Members:
    members: Members = {
        "id": view.id,
        "name": view.name,
        "description": view.description,
        "web": view.web,
        "people": view.user_count,
        "permanent": view.permanent,
        "reserved": view.reserved,
        "lock": view.lock.value,
        "admin": view.admin_id,
    }
    return filled(members, always=("people", "permanent"))


def encode_changes(changed: Iterable[RoomView], gone: Iterable[RoomId]) -> bytes:
    """What has become of the list."""
    return write_json({"changes": {"rooms": [encode_room(view) for view in changed], "gone": sorted(gone)}})


def encode_info(
    info: RoomInfo, view: RoomView, *, password: str, inside: bool, favourite: bool, history_lines: int
) -> Members:
    """`history_lines` is what is configured."""
    room = info.room
    members: Members = {
        **encode_room(view),
        "lock": room.lock.value,
        "in_force": view.lock.value,
        "links": room.links.value,
        "admins": [person(account) for account in info.admins],
        "main_admin": person(info.main_admin) if info.main_admin else None,
        "founder": person(info.founder) if info.founder else None,
        "created": milliseconds(room.created_at),
        "opened_by_admins": room.opened_by_admins,
        "hands_over": room.hands_over,
        "keep_days": room.keep_days,
        "history_lines": history_lines if room.history_lines is None else room.history_lines,
        "history_lines_set": room.history_lines is not None,
        "password": password,
        "rank": info.rank.name.lower(),
        "inside": inside,
        "favourite": favourite,
        "reservable": info.reservable,
    }
    always = ("people", "permanent", "admins", "opened_by_admins", "hands_over", "history_lines", "created")
    return filled(members, always=always)


def encode_occupant(occupant: Occupant, room: Room, *, away: bool) -> Members:
    """Somebody in a room, with his star."""
    account = occupant.account
    rank = rank_in(room, account, permanent_admin=occupant.room_admin)
    members: Members = {
        **person(account),
        "star": "" if rank is Rank.NONE else rank.name.lower(),
        "away": away,
        "entered": milliseconds(occupant.entered_at),
        "written": _moment(occupant.written_at),
    }
    return filled(members, always=("registered", "entered"))


def encode_kick(kick: Kick) -> Members:
    return {
        "account": person(kick.account),
        "admin": person(kick.admin),
        "reason": kick.reason,
        "at": milliseconds(kick.at),
        "until": milliseconds(kick.until),
    }


def encode_report(report: Report) -> Members:
    return {
        "seq": report.seq,
        "author": person(report.author),
        "reporter": person(report.reporter),
        "text": report.text,
        "reason": report.reason,
        "at": milliseconds(report.at),
    }


def encode_card(card: Card) -> Members:
    account = card.presence.account
    members: Members = {
        "account": person(account),
        "online": card.presence.online,
        "seen": milliseconds(card.presence.accessed_at),
        "rooms": [{"id": room.id, "name": room.name} for room in card.presence.rooms],
        "contact": card.contact_id,
        "ignored": card.ignored,
        "note": card.note,
        "own": card.own,
        "may": [deed.value for deed in card.may],
    }
    if account.registered:
        members |= {
            "created": milliseconds(account.created_at),
            "age": card.age,
            "picture": account.picture_url,
            "karma_given": account.karma_given,
            "views": account.profile_views,
        }
    return filled(members, always=("online", "seen", "may", "created"))


def encode_mark(mark: ReadMark) -> Members:
    members: Members = {
        "room": mark.room_id,
        "read": mark.read,
        "unread": mark.unread,
        "mentions": mark.mentions,
        "more": mark.more,
    }
    return filled(members, always=("read", "unread", "mentions"))


def _moment(at: datetime | None) -> int | None:
    return None if at is None else milliseconds(at)
