"""Chat.cz on the wire: what requests say, and answers as bytes or as what becomes JSON. No I/O.

Clients stumble over null, so what is unknown is left out (gateways' readers of JSON).
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape

from msgspec import UNSET

from beseda.api.chatcz.errors import BAD_REQUEST, RequestRefused
from beseda.api.forms import Form, FormRefused, read_form
from beseda.api.jsontext import BOM, JsonRefused, read_json, write_json
from beseda.core.presence import Presence
from beseda.domain.accounts import Account, Sex, public_age, read_sex
from beseda.domain.ids import RoomId
from beseda.domain.rooms import Lock, Occupant, RoomView
from beseda.wire.chatcz import rest as wire
from beseda.wire.chatcz.rest import encode, http_date

JSON = b"application/json; charset=utf-8"


def read_fields(content_type: bytes | None, body: bytes) -> Form:
    """The members of a JSON hash, or the fields of a form. Raises RequestRefused.

    A body that begins with a brace is JSON whatever its type is said to be; an empty one has no fields.
    """
    body = body.removeprefix(BOM)
    is_json = body.lstrip().startswith(b"{") or b"json" in (content_type or b"").lower()
    try:
        if not is_json or not body.strip():
            return read_form(content_type, body)
        members = read_json(body)
    except (FormRefused, JsonRefused) as error:
        raise RequestRefused(*BAD_REQUEST) from error
    if type(members) is not dict:
        raise RequestRefused(*BAD_REQUEST)
    return Form([(name, str(value)) for name, value in members.items() if type(value) in (str, int)])


def _required(form: Form, *names: str) -> str:
    """The first of these fields that is filled in; the refusal names the first (chat.cz REST, errors of /token)."""
    for name in names:
        if value := form.get_secret(name):
            return value
    raise RequestRefused(400, f"{names[0]} data missing")


@dataclass(frozen=True, slots=True)
class TokenCall:
    """What /token and /login are sent."""

    token: str
    api_key: str


def read_renewal(form: Form) -> TokenCall:
    """chat.cz REST, /token."""
    return TokenCall(_required(form, "tokenOld"), _required(form, "apiKey"))


def read_confirmation(form: Form) -> TokenCall:
    """chat.cz REST, /login: its list of inputs says `tokenOld`, its errors say `token`; the latter wins."""
    return TokenCall(_required(form, "token", "tokenOld"), _required(form, "apiKey"))


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who signs in on the site without being registered."""

    nick: str
    sex: Sex


@dataclass(frozen=True, slots=True)
class SignInForm:
    """Who signs in on the site with a password; `login` is a nick, an e-mail or a phone number.

    `code` is what he read off a picture, "" when none was shown; None comes from forms that can show none.
    """

    login: str
    password: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class SecondStep:
    """The code of a second factor, after the password, for which the ticket stands."""

    ticket: str
    code: str


def read_sign_in(form: Form) -> SignInForm | SecondStep | Visitor:
    """The site's /login: `email` and `password`, or `nick` and `sex`; our own form's second step. Raises SexInvalid."""
    if "ticket" in form:
        return SecondStep(form.get("ticket") or "", form.get("second") or "")
    if "password" in form or "email" in form:
        return SignInForm(form.get("email", "nick") or "", form.get_secret("password") or "", form.get("code"))
    # COMPAT(gateways): one sends `nick`, the other `user`.
    return Visitor(form.get("nick", "user") or "", read_sex(form.get("sex") or "") or Sex.MALE)


@dataclass(frozen=True, slots=True)
class RoomSettings:
    """What /json/setRoomSetting is to change; None leaves as it is."""

    description: str | None
    lock: Lock | None
    password: str | None


def read_room_id(form: Form) -> RoomId:
    """`roomId`; what is no number names no room. Raises RequestRefused."""
    digits = _required(form, "roomId")
    return RoomId(int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 20 else 0)


def read_room_settings(form: Form) -> RoomSettings:
    """Raises RequestRefused."""
    locked = form.get("locked")
    if locked is not None and locked not in LOCKS:
        raise RequestRefused(400, "locked data invalid")
    return RoomSettings(form.get("description"), None if locked is None else LOCKS[locked], form.get_secret("password"))


LOCKS = {lock.value: lock for lock in Lock} | {"open": Lock.OPEN}
"""Both words for an unlocked room are read; the empty one is written."""


_REFERENCE = re.compile(r"&#?\w+;?")
_LOOK_ALIKES = str.maketrans({"<": "\u2039", ">": "\u203a", '"': "\u201d", "'": "\u2019"})


def unescaped(text: str) -> str:
    """Plain text for clients of which some show it as it is and some insert it as HTML: both read the same.

    COMPAT(gateways): what HTML would take for a sign of its own is written with one that looks alike.
    """
    return _REFERENCE.sub(_keep_reference, text).translate(_LOOK_ALIKES)


def _keep_reference(found: re.Match[str]) -> str:
    """An ampersand stays unless a browser would make another character of it (HTML Standard, 13.2.5.72)."""
    return found[0] if unescape(found[0]) == found[0] else f"\uff06{found[0][1:]}"


def envelope(status: int = 200, message: str = "OK", /, **members: object) -> bytes:
    """Every answer below /api; the data is in a member of its own (chat.cz REST, structure of a request)."""
    return write_json({"status": status, "statusMessage": message, **members})


def site_envelope(status: int = 200, message: str = "OK", data: object = None) -> bytes:
    """Every answer below /json."""
    answer = {"success": status == 200, "status": status, "statusMessage": message}
    return write_json({**answer, "data": {} if data is None else data})


def encode_room(view: RoomView) -> bytes:
    """An item of /rooms."""
    return encode(
        wire.Room(
            admin_user_id=view.admin_id or 0,
            description=view.description,
            id=view.id,
            lock=wire.Lock(view.lock.value),
            name=view.name,
            permanent=view.permanent,
            reserved=view.reserved,
            user_count=view.user_count,
            web=view.web,
        )
    )


def mark_favourite(room: bytes, favourite: bool) -> bytes:
    """An encoded room as an authorised caller sees it."""
    return room[:-1] + (b',"favourite":true}' if favourite else b',"favourite":false}')


def encode_rooms_answer(rooms: Iterable[bytes]) -> bytes:
    return b'{"status":200,"statusMessage":"OK","rooms":[' + b",".join(rooms) + b"]}"


def encode_room_answer(room: bytes) -> bytes:
    return b'{"status":200,"statusMessage":"OK","room":' + room + b"}"


def sex_of(account: Account) -> Sex:
    """COMPAT(gateways): wherever a sex is sent it is m or f; who did not say is m, as they say of themselves."""
    return account.sex or Sex.MALE


def encode_admin(account: Account) -> wire.Admin:
    return wire.Admin(account.id, account.nick)


def encode_occupant(occupant: Occupant, online_since: datetime | None) -> wire.Occupant:
    """An item of /room/<id>/users; `online_since` is None for who may see neither that nor when somebody wrote."""
    account, written_at = occupant.account, occupant.written_at
    return wire.Occupant(
        anonymous=not account.registered,
        id=account.id,
        nick=account.nick,
        time_access=http_date(occupant.accessed_at),
        sex=sex_of(account),
        time_online=http_date(online_since) if online_since else UNSET,
        time_write=http_date(written_at) if online_since and written_at else UNSET,
    )


def encode_presence(found: Presence) -> dict[str, object]:
    """The members of /user/<id>; `rooms`, beside `user`, only of one who is online.

    COMPAT(gateways): one reads `rooms` there, the other inside `user`, and that as a list of names alone.
    """
    account = found.account
    user = wire.User(
        anonymous=not account.registered,
        id=account.id,
        nick=account.nick,
        time_access=http_date(found.accessed_at),
        sex=sex_of(account),
        online=found.online,
        rooms=[room.name for room in found.rooms] if found.online else UNSET,
    )
    rooms = [wire.RoomName(room.id, room.name) for room in found.rooms]
    return {"user": user, "rooms": rooms} if found.online else {"user": user}


def encode_profile(account: Account, now: datetime, origin: str) -> wire.Profile:
    """COMPAT(gateways): any further member loses the whole answer, so the picture is there only if there is one."""
    picture = account.picture_url
    return wire.Profile(
        public_age(account, now.date()),
        int(account.karma_level),
        account.profile_views,
        (origin + picture if picture.startswith("/") else picture) if picture else UNSET,
    )


def encode_user_times(occupants: Iterable[Occupant], now: datetime) -> dict[str, int]:
    """Whole seconds since the last activity of each, by id."""
    return {str(o.account.id): int((now - o.accessed_at).total_seconds()) for o in occupants}


def page_user_list(occupants: Sequence[Occupant], now: datetime) -> str:
    """The object after `var userList =` in a room's page, for a `<script>` element that nothing executes.

    COMPAT(old gateway): it takes everything up to the first `}` before a `;`, makes words before a colon and texts in
    apostrophes into strings, and needs `sex` of all.
    """
    idle = encode_user_times(occupants, now)
    users = {
        str(o.account.id): {
            "id": o.account.id,
            "nick": o.account.nick,
            "sex": sex_of(o.account),
            "anonymous": not o.account.registered,
            "interval_idle": idle[str(o.account.id)],
            "roomAdmin": int(o.room_admin),
            "karmaLevel": int(o.account.karma_level),
        }
        for o in occupants
    }
    return _script_json({"data": users})


def page_admin_list(admins: Iterable[Account]) -> str:
    """The object after `adminList:` in a room's page: nicks by id, on one line."""
    return _script_json({str(admin.id): admin.nick for admin in admins})


def _script_json(value: object) -> str:
    """JSON whose strings hold nothing that ends the element, the object or a string for a reader of patterns."""
    return _STRING.sub(lambda found: found[0].translate(SCRIPT_ESCAPES), json.dumps(value, ensure_ascii=False))


_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
SCRIPT_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&'{}:;\u2028\u2029"}
