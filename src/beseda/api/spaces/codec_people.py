"""Members, notifications and the lines of rooms, as Spaces shows them."""

from html import escape

from beseda.api.spaces.codec import LinkBase
from beseda.api.spaces.codec_mail import html, human, online_status, seconds
from beseda.domain.accounts import Account
from beseda.domain.messages import Hidden, Kind, Line
from beseda.domain.notifications import Notification, NotificationKind
from beseda.domain.rooms import RoomView

HEADERS = {
    NotificationKind.KARMA: "Карма",
    NotificationKind.INVITED: "Приглашение",
    NotificationKind.ROOM_ADMIN: "Комната",
    NotificationKind.PICTURE_DELETED: "Аватар",
}
SEEN_COLOR, NEW_COLOR = 0, 1


def encode_user(account: Account, online: bool, site: LinkBase) -> dict[str, object]:
    """A member that was searched for."""
    return {
        "nid": account.id,
        "name": account.nick,
        "is_online": int(online),
        "avatar": {"previewURL": site.picture(account)},
        "siteLink": {"user_name": escape(account.nick), "url": site.link("/mysite/", name=account.nick)},
    }


def sentence(notification: Notification) -> str:
    """What happened, as a clean fragment of HTML."""
    number, reason, room = notification.number, html(notification.text), escape(notification.room_name)
    match notification.kind:
        case NotificationKind.KARMA if number < 0:
            return f"Вам дали отрицательную карму: {number}. Причина: {reason}"
        case NotificationKind.KARMA:
            return f"Вам подарили карму: +{number}"
        case NotificationKind.INVITED:
            return f"Вас зовут в комнату {room}" if room else "Вас звали в комнату, которой больше нет"
        case NotificationKind.ROOM_ADMIN:
            return f"Вы администратор комнаты {room}"
        case NotificationKind.PICTURE_DELETED:
            return "Ваш аватар удалён администратором"


def encode_record(notification: Notification, site: LinkBase) -> dict[str, object]:
    """An entry of the journal: the members that either of its two forms has, without `answer`, as nothing is asked."""
    actor = escape(notification.actor.nick) if notification.actor else ""
    about_room = notification.room_id is not None and notification.room_name
    link = site.link("/chat/room/", Rid=notification.room_id) if about_room else site.link("/journal/")
    return {
        "id": notification.id,
        "event_id": str(notification.id),
        "header": HEADERS[notification.kind],
        "text": sentence(notification),
        "message": "",
        "color_type": NEW_COLOR if notification.read_at is None else SEEN_COLOR,
        "comments_cnt": "0",
        "comment_user_name": actor,
        "link": link,
        "date": seconds(notification.at),
        "cool_date": human(notification.at),
    }


def encode_owner(account: Account, online: bool | None, site: LinkBase) -> dict[str, object]:
    """Whose page it is; whether he is there is told to members, None tells nothing."""
    picture = {"previewURL": site.picture(account), "downloadLinkSSL": site.picture(account)}
    encoded: dict[str, object] = {"id": str(account.id), "name": escape(account.nick), "photo_widget": picture}
    return encoded if online is None else encoded | {"online_status": online_status(account, online)}


def encode_line(line: Line, site: LinkBase) -> dict[str, object]:
    """A text of a room; its `id` is the same in every protocol."""
    author, target = line.actor, line.target
    encoded: dict[str, object] = {
        "id": line.seq,
        "room_id": line.room_id,
        "date": seconds(line.at),
        "human_date": human(line.at),
        "text": html(line.text),
    }
    if author is not None:
        encoded |= {"user_id": author.id, "user": escape(author.nick), "avatar": {"previewURL": site.picture(author)}}
    if line.kind is Kind.WHISPER and target is not None:
        encoded |= {"private": 1, "to_user_id": target.id, "to": escape(target.nick)}
    if line.hidden is Hidden.DELETED:
        encoded["deleted"] = 1
    return encoded


def encode_room(room: RoomView, site: LinkBase) -> dict[str, object]:
    """A room as its page shows it."""
    return {
        "id": room.id,
        "name": escape(room.name),
        "description": html(room.description),
        "users_cnt": room.user_count,
        "link": site.link("/chat/room/", Rid=room.id),
    }
