"""Rooms and people as the live protocol has them. No I/O."""

from collections.abc import Iterable
from typing import Any

from beseda.api.shown import milliseconds, person
from beseda.core.cards import Card
from beseda.core.reservations import RoomInfo
from beseda.domain.ids import RoomId
from beseda.domain.moderation import Kick, Report
from beseda.domain.rooms import RoomView
from beseda.wire import live as wire


def show_room(view: RoomView) -> wire.Room:
    return wire.Room(**_shared(view))


def _shared(view: RoomView) -> dict[str, Any]:
    """What both the list and a room's own description have."""
    return {
        "id": view.id,
        "name": view.name,
        "description": view.description,
        "web": view.web,
        "user_count": view.user_count,
        "permanent": view.permanent,
        "reserved": view.reserved,
        "lock": wire.Lock(view.lock),
        "admin_id": view.admin_id,
    }


def encode_changes(changed: Iterable[RoomView], gone: Iterable[RoomId]) -> bytes:
    """What has become of the list."""
    changes = wire.Changes(tuple(map(show_room, changed)), tuple(sorted(gone)))
    return wire.encode(wire.ListChanged(changes))


def show_info(
    info: RoomInfo, view: RoomView, *, password: str, inside: bool, favourite: bool, history_lines: int
) -> wire.Info:
    """`history_lines` is what is configured."""
    room = info.room
    shared = _shared(view) | {"lock": wire.Lock(room.lock)}
    return wire.Info(
        **shared,
        in_force=wire.Lock(view.lock),
        links=wire.Links(room.links),
        admins=tuple(map(person, info.admins)),
        main_admin=person(info.main_admin) if info.main_admin else None,
        founder=person(info.founder) if info.founder else None,
        created_ms=milliseconds(room.created_at),
        opened_by_admins=room.opened_by_admins,
        hands_over=room.hands_over,
        keep_days=room.keep_days,
        history_lines=history_lines if room.history_lines is None else room.history_lines,
        history_lines_set=room.history_lines is not None,
        password=password,
        rank=wire.Star(info.rank.name.lower()),
        inside=inside,
        favourite=favourite,
        reservable=info.reservable,
    )


def show_kick(kick: Kick) -> wire.Kick:
    return wire.Kick(
        account=person(kick.account),
        admin=person(kick.admin),
        reason=kick.reason,
        at_ms=milliseconds(kick.at),
        until_ms=milliseconds(kick.until),
    )


def show_report(report: Report) -> wire.Report:
    return wire.Report(
        seq=report.seq,
        author=person(report.author),
        reporter=person(report.reporter),
        text=report.text,
        reason=report.reason,
        at_ms=milliseconds(report.at),
    )


def show_card(card: Card) -> wire.Card:
    account = card.presence.account
    own: dict[str, Any] = {}
    if account.registered:
        own = {
            "created_ms": milliseconds(account.created_at),
            "age": card.age,
            "picture": account.picture_url,
            "karma_given": account.karma_given,
            "views": account.profile_views,
        }
    return wire.Card(
        account=person(account),
        online=card.presence.online,
        seen_ms=milliseconds(card.presence.accessed_at),
        rooms=tuple(wire.NamedRoom(room.id, room.name) for room in card.presence.rooms),
        contact=card.contact_id or None,
        ignored=card.ignored,
        note=card.note,
        own=card.own,
        may=tuple(deed.value for deed in card.may),
        **own,
    )
