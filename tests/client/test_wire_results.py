"""What Chat.cz, Spaces and SpaceWeb tell of rooms, people, letters, domains and money: there and back."""

import inspect
import re
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from beseda.api.chatcz import codec as chatcz
from beseda.api.chatcz import codec_people as chatcz_people
from beseda.api.spaces import codec_mail, codec_people
from beseda.api.spaces.codec import LinkBase
from beseda.api.spaceweb import codec as spaceweb
from beseda.api.spaceweb.dns_rows import dns_rows
from beseda.api.spaceweb.methods import OBJECTS
from beseda.api.spaceweb.openrpc import describe
from beseda.client import chatcz_types, spaces_types, spaceweb_types
from beseda.core.mail import Thread
from beseda.core.presence import Presence
from beseda.domain.errors import IgnoredByReceiver
from beseda.domain.ids import ContactId, LetterId, RecordId, RoomId
from beseda.domain.mail import Contact, Letter, MailList
from beseda.domain.messages import Hidden, Kind, Line
from beseda.domain.notifications import Notification, NotificationKind
from beseda.domain.records import Data, Row
from beseda.domain.rooms import Lock, Occupant, RoomView
from beseda.wire.chatcz import rest, talk
from beseda.wire.spaces import mail, people
from beseda.wire.spaces.calls import without_nulls
from beseda.wire.spaceweb import domains, envelope, zone
from beseda.wire.spaceweb.description import Description, check
from beseda.wire.spaceweb.dns import read_rows, record_of
from beseda.wire.spaceweb.pay import Account, Balance, BalanceView, Billing, BlockInfo, Deferment
from client import test_wire
from unit.domain.made import NOON, account, room

few = settings(max_examples=30)
SITE = LinkBase("http://example.org")
ALENA = account(1)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=20)
nicks = texts.filter(lambda text: "\n" not in text)
counts = st.integers(0, 10**6)
moments = st.integers(0, 10**8).map(lambda seconds: NOON + timedelta(seconds=seconds))
members = st.builds(lambda number, nick: replace(account(number), nick=nick), st.integers(2, 10**9), nicks)


def of_json(shown: Any, kind: Any) -> Any:
    """What a client reads of JSON that the server writes."""
    return msgspec.json.decode(msgspec.json.encode(shown), type=kind)


def of_spaces(shown: Any, kind: Any) -> Any:
    """The same as Spaces has it: numbers may be strings, what is not there null."""
    return msgspec.convert(without_nulls(of_json(shown, Any)), kind, strict=False, str_keys=True)


def of_spaceweb(result: Any, kind: Any) -> Any:
    """The same, in an envelope."""
    _, told = envelope.read_response(spaceweb.encode_answer("1", result))
    return msgspec.convert(told, kind, strict=False)


@few
@given(texts, st.sampled_from(Lock), counts, st.none() | counts, st.booleans())
def test_rooms_of_chatcz(text: str, lock: Lock, count: int, admin: int | None, flag: bool) -> None:
    view = RoomView(RoomId(7), text, text, text, flag, lock, admin, count, reserved=not flag)  # type: ignore[arg-type]
    found = msgspec.json.decode(chatcz.encode_room_answer(chatcz.encode_room(view)), type=rest.RoomAnswer).room
    assert (found.name, found.description, found.web, found.user_count) == (text, text, text, count)
    assert (found.permanent, found.reserved, found.admin_user_id) == (flag, not flag, admin or 0)
    assert isinstance(found, chatcz_types.Room)
    assert chatcz_types.Lock(found.lock).value == lock.value


@few
@given(members, moments, st.none() | moments, st.booleans())
def test_people_of_chatcz(who: Any, at: datetime, wrote: datetime | None, flag: bool) -> None:
    assert of_json(chatcz.encode_admin(who), chatcz_types.Admin) == chatcz_types.Admin(who.id, who.nick)
    sees = at if flag else None
    occupant: chatcz_types.Occupant = of_json(
        chatcz.encode_occupant(Occupant(who, at, at, wrote, room_admin=False), sees), chatcz_types.Occupant
    )
    assert (occupant.id, occupant.nick, occupant.anonymous, occupant.sex) == (who.id, who.nick, False, "f")
    assert (occupant.accessed_at, occupant.online_since) == (at, sees)
    assert occupant.written_at == (wrote if flag else None)
    told = chatcz.encode_presence(Presence(who, flag, at, [room()]))
    answer = of_json({"status": 200, **told}, rest.UserAnswer)
    user: chatcz_types.User = answer.user
    assert (user.id, user.nick, user.online, user.accessed_at) == (who.id, who.nick, flag, at)
    assert user.rooms == (["Praha"] if flag else UNSET)
    assert answer.rooms == ([rest.RoomName(1, "Praha")] if flag else [])


@few
@given(members, st.sampled_from(["", "/avatar/1.png"]), counts)
def test_profiles_and_counters_of_chatcz(who: Any, picture: str, views: int) -> None:
    shown = chatcz.encode_profile(replace(who, picture_url=picture, profile_views=views), NOON, "http://example.org")
    profile: chatcz_types.Profile = of_json(shown, chatcz_types.Profile)
    assert (profile.age, profile.view_count) == (0, views)
    assert profile.image_url == (
        "http://example.org/" + picture.rpartition("org/")[2].lstrip("/") if picture else UNSET
    )
    contact = Contact(ContactId(4), who, views, LetterId(3), MailList.INBOX)
    other: chatcz_types.Correspondent = of_json(chatcz_people.encode_correspondent(contact), chatcz_types.Correspondent)
    assert (other.id, other.nick, other.anonymous, other.unread) == (who.id, who.nick, False, views)
    assert of_json(talk.Waiting(views, 1), chatcz_types.Waiting) == chatcz_types.Waiting(views, 1)
    assert of_json(rest.TokenAnswer(status=200, token="t"), rest.TokenAnswer).token == "t"


@few
@given(members, counts, st.booleans(), texts, moments)
def test_contacts_of_spaces(who: Any, count: int, flag: bool, text: str, at: datetime) -> None:
    contact = Contact(ContactId(4), who, count, LetterId(3), MailList.ARCHIVE, received=count)
    letter = Letter(LetterId(3), contact.id, who.id, flag, text, at, at if flag else None, favourite=flag)
    why = {} if flag else {who.id: IgnoredByReceiver}
    shown = codec_mail.encode_contact(Thread(contact, letter), {who.id: flag}, why, SITE)
    found: spaces_types.Contact = mail.read_contact(of_json(shown, Any))
    assert (found.id, found.user_id, found.name, found.unread) == (4, who.id, who.nick, count)
    assert (found.received, found.list, found.last_letter_id) == (count, spaces_types.MailList.ARCHIVE, 3)
    assert found.writable == flag
    told: spaces_types.Letter = mail.read_letter(of_json(codec_mail.encode_letter(letter, who, {}, SITE), Any))
    assert told.contact == spaces_types.ContactOfLetter(4, found.name, who.id)
    assert (told.text, told.favourite, told.unread, told.at) == (text, flag, not flag, at)


@few
@given(members, st.booleans(), counts)
def test_people_of_spaces(who: Any, flag: bool, count: int) -> None:
    found: spaces_types.FoundUser = of_spaces(codec_people.encode_user(who, flag, SITE), spaces_types.FoundUser)
    assert (found.id, found.name, found.is_online) == (who.id, who.nick, flag)
    shown = {"1": count, "2": None, "3": str(count), "color": "", "t": 0.1}
    assert of_spaces(shown, spaces_types.Counters) == spaces_types.Counters(count, 0, count)
    status: spaces_types.OnlineStatus = of_spaces(codec_mail.online_status(who, flag), spaces_types.OnlineStatus)
    assert (status.is_online, status.id) == (flag, str(who.id))
    online = {str(who.id): {"is_online": int(flag), "human_last_time": "12:00"}}
    assert of_spaces(online, dict[int, spaces_types.Presence]) == {who.id: spaces_types.Presence(flag, "12:00")}


@few
@given(st.sampled_from(NotificationKind), st.none() | members, nicks, counts, st.booleans())
def test_the_journal_of_spaces(kind: NotificationKind, who: Any, name: str, number: int, flag: bool) -> None:
    at = None if flag else NOON
    shown = codec_people.encode_record(Notification(5, NOON, kind, who, RoomId(7), name, number, name, at), SITE)  # type: ignore[arg-type]
    found: spaces_types.Record = of_spaces(shown, people.Record)
    assert (found.id, found.date, found.is_new) == (5, NOON.timestamp(), flag)
    assert found.link == (f"{SITE.origin}/chat/room/?Rid=7" if name else f"{SITE.origin}/journal/")
    if kind is NotificationKind.INVITED:
        assert found.text.endswith(name or "больше нет")


@few
@given(members, members, st.sampled_from([Kind.TEXT, Kind.WHISPER]), texts, st.sampled_from(Hidden))
def test_rooms_of_spaces(who: Any, other: Any, kind: Kind, text: str, hidden: Hidden) -> None:
    shown = codec_people.encode_line(Line(RoomId(7), 9, NOON, kind, who, other, text, 0, hidden), SITE)
    found: spaces_types.RoomText = of_spaces(shown, spaces_types.RoomText)
    assert (found.id, found.room_id, found.at, found.text) == (9, 7, NOON, text)
    assert (found.user_id, found.user, found.deleted) == (who.id, who.nick, hidden is Hidden.DELETED)
    assert (found.private, found.to) == ((True, other.nick) if kind is Kind.WHISPER else (False, ""))
    view = RoomView(RoomId(7), who.nick, text, "", True, Lock.OPEN, None, 3, reserved=False)
    page: spaces_types.RoomPage = of_spaces(codec_people.encode_room(view, SITE), spaces_types.RoomPage)
    assert (page.id, page.name, page.description, page.users_cnt) == (7, who.nick, text, 3)


SHARED = [
    *(domains.DomainRow, domains.Subdomain, domains.DomainInfo, domains.RenewalOffer),
    *(zone.ZoneView, zone.SetView, zone.Change, zone.RecordView, zone.ZoneText, zone.StepView, zone.RemovedView),
]
"""What the server writes as the client reads it."""


@pytest.mark.parametrize("kind", SHARED)
def test_results_of_spaceweb(kind: Any) -> None:
    @few
    @given(st.from_type(kind))
    def there_and_back(value: Any) -> None:
        assert of_spaceweb(value, kind) == value

    there_and_back()


@few
@given(counts, counts, st.sampled_from(["active", "blocked"]))
def test_money(real: int, bonus: int, status: str) -> None:
    view = BalanceView(real / 100, bonus, {"2": "1.5000"}, 0, 1, False, 0, real, 0, real)
    balance = Balance(Decimal(real) / 100, Decimal(bonus), Decimal(0), {"2": Decimal("1.5")})
    assert of_spaceweb(view, spaceweb_types.Balance) == balance
    billing = Billing(view, 0, 0, 3, status, BlockInfo("", 0, ""), real, Deferment(False, 0), "")
    assert of_spaceweb(billing, spaceweb_types.Account) == Account(balance, status, 3, Decimal(real))


@few
@given(st.sampled_from(["@", "www", "čas.lab", "_sip._tcp.ústředna"]), st.integers(0, 65535), nicks)
def test_records(name: str, number: int, text: str) -> None:
    said = text.encode()
    given_rows = {
        "A": ("192.0.2.7", "192.0.2.7"),
        "AAAA": ("2001:db8::7", "2001:db8::7"),
        "CNAME": ("www.example.org.", "www.example.org"),
        "MX": (f"{number} mx.example.org.", "mx.example.org"),
        "NS": ("ns.example.org.", "ns.example.org"),
        "SRV": (f"{number} 2 5060 sip.example.org.", "sip.example.org"),
        "TXT": ("", text),
        "CAA": ('0 issue "ca.example.org"', '0 issue "ca.example.org"'),
    }
    rows = [
        Row(RecordId(1), name, kind, number, Data(bytes([len(said)]) + said, written))
        for kind, (written, _) in given_rows.items()
    ]
    _, told = envelope.read_response(spaceweb.encode_answer("1", dns_rows(rows)))
    found: list[spaceweb_types.Record] = [record_of(row) for row in read_rows(told)]
    assert {each.type: each.value for each in found} == {kind: value for kind, (_, value) in given_rows.items()}
    assert [each.index for each in found if each.type in ("A", "AAAA", "CNAME")] == [0, 1, 2]
    by_type = {each.type: each for each in found}
    service = name.startswith("_")
    assert {each.host for each in found if each.type != "SRV"} == {"" if name == "@" else name}
    assert (by_type["SRV"].service, by_type["SRV"].protocol) == (("sip", "tcp") if service else ("", ""))
    assert (by_type["SRV"].weight, by_type["SRV"].port, by_type["SRV"].ttl_s) == (2, 5060, number)
    assert by_type["MX"].priority == by_type["SRV"].priority == by_type["TXT"].ttl_s == number


@pytest.mark.parametrize("thing", OBJECTS, ids=lambda thing: str(thing.name))
def test_descriptions(thing: Any) -> None:
    found: Description = of_spaceweb(describe(thing), spaceweb_types.Description)
    assert [each.name for each in found.methods] == list(thing.methods)
    for method in found.methods:
        needed = {each.name for each in method.params if each.required}
        assert needed == {each.name for each in thing.methods[method.name].params if each.required}
        if not needed:
            check(found, method.name, {})


def test_no_type_is_left_out() -> None:
    """Each that a client returns is read in one of these tests, or inside another."""
    source = inspect.getsource(sys.modules[__name__]) + inspect.getsource(test_wire)
    inside = {"Attributes", "ExtendedResult", "MethodDescription", "Parameter"}  # envelopes, and parts of a description
    for module in (chatcz_types, spaces_types, spaceweb_types):
        missing = {name for name in set(module.__all__) - inside if not re.search(rf"\.{name}\b", source)}
        assert not missing, module
