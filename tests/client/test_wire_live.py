"""What the live protocol tells of rooms, people, letters and tokens: written by the server, read by the client."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.api.live import codec_mail, codec_rooms
from beseda.api.live.codec import LiveCallRefused, read_call
from beseda.api.live.ops import OPS
from beseda.api.live.tokens import show_token
from beseda.api.shown import person, show_occupant
from beseda.core.cards import Card
from beseda.core.mail import Thread
from beseda.core.presence import Presence
from beseda.core.reservations import RoomInfo
from beseda.domain.accounts import Account, KarmaLevel, Role, Sex
from beseda.domain.ids import ContactId, LetterId, RoomId, UpdateId
from beseda.domain.mail import Contact, Letter, MailList, Quote
from beseda.domain.moderation import Kick, Report
from beseda.domain.reads import ReadMark, mark_text
from beseda.domain.rooms import Links, Lock, Occupant, Rank, RoomView
from beseda.domain.tokens import Scope, Token
from beseda.domain.updates import Update, UpdateKind
from beseda.wire import live
from unit.domain.made import NOON, account, room

ids = st.integers(1, 2**63 - 1)
counts = st.integers(0, 10**6)
texts = st.text(st.characters(codec="utf-8"), max_size=40)
moments = st.integers(0, 10**11).map(lambda ms: NOON + timedelta(milliseconds=ms))
people = st.builds(
    lambda id_, nick, sex, karma, site: replace(
        account(id_, karma_level=karma), nick=nick, sex=sex, role=Role.ROOM_ADMIN if site else Role.MEMBER
    ),
    ids,
    texts,
    st.none() | st.sampled_from(Sex),
    st.sampled_from(KarmaLevel),
    st.booleans(),
)
lists = st.sampled_from([each for each in MailList if each is not MailList.EMAIL])
letters = st.builds(
    Letter,
    id=ids,
    contact_id=ids,
    text=texts,
    at=moments,
    read_at=st.none() | moments,
    edited_at=st.none() | moments,
    favourite=st.booleans(),
    thrown=st.booleans(),
    answers=st.none() | st.builds(Quote, ids, texts),
)


def there_and_back(shown: Any) -> Any:
    """What a client reads of what the server writes; nothing that is empty stands in between."""
    written = live.encode(shown)
    members = msgspec.json.decode(written)
    defaults = dict(zip(shown.__struct_encode_fields__, _defaults(type(shown)), strict=True))
    assert not [name for name, value in members.items() if type(value) is str and value == "" == defaults[name]]
    read = msgspec.json.decode(written, type=type(shown))
    assert read == shown
    return read


def _defaults(kind: type[msgspec.Struct]) -> list[object]:
    return [each.default for each in msgspec.structs.fields(kind)]


@given(people)
def test_people(who: Account) -> None:
    told = there_and_back(person(who))
    assert (told.id, told.nick, told.registered, told.site) == (who.id, who.nick, True, who.role is Role.ROOM_ADMIN)
    assert (told.sex, told.karma == "") == (who.sex or "", who.karma_level is KarmaLevel.NONE)


@given(st.sampled_from(Lock), st.sampled_from(Links), st.sampled_from(Rank), texts, counts, st.booleans(), people)
def test_rooms(lock: Lock, links: Links, rank: Rank, text: str, count: int, flag: bool, admin: Account) -> None:
    view = RoomView(RoomId(7), text, text, "", flag, lock, admin.id if flag else None, count, reserved=flag)
    shown = there_and_back(codec_rooms.show_room(view))
    assert (shown.name, shown.user_count, shown.lock.value) == (text, count, lock.value)
    assert shown.admin_id == (admin.id if flag else None)
    told = live.read_message(codec_rooms.encode_changes([view], {RoomId(9)}))
    assert told == live.ListChanged(live.Changes((shown,), (9,)))
    kept = replace(room(), links=links, keep_days=count or None, history_lines=count if flag else None)
    described = RoomInfo(kept, None if flag else admin, admin, [admin], rank, flag)
    info = there_and_back(
        codec_rooms.show_info(described, view, password=text, inside=flag, favourite=not flag, history_lines=50)
    )
    assert (info.in_force.value, info.links.value, info.keep_days) == (lock.value, links.value, count or None)
    assert (info.history_lines, info.history_lines_set) == (count if flag else 50, flag)
    assert (info.rank.value, info.created_at, info.password) == (rank.name.lower(), kept.created_at, text)
    assert info.admins == (info.main_admin,) == (person(admin),)


@given(people, people, texts, moments, moments)
def test_moderation(one: Account, other: Account, text: str, at: datetime, until: datetime) -> None:
    kick = there_and_back(codec_rooms.show_kick(Kick(*(1, 7, one, other, text, at, until, None))))  # type: ignore[arg-type]
    assert (kick.account, kick.admin, kick.at, kick.until) == (person(one), person(other), at, until)
    report = there_and_back(codec_rooms.show_report(Report(RoomId(7), 3, one, other, text, text, at)))
    assert (report.reporter, report.author, report.at, report.text) == (person(one), person(other), at, text)
    occupant = Occupant(one, at, at, until, room_admin=True)
    shown = there_and_back(show_occupant(occupant, room(), away=True))
    assert (shown.id, shown.nick, shown.entered_at, shown.written_at) == (one.id, one.nick, at, until)
    assert shown.away
    assert shown.star in ("permanent", "site")


@given(letters, people, lists, texts, counts)
def test_letters(letter: Letter, other: Account, shown: MailList, draft: str, count: int) -> None:
    read = there_and_back(codec_mail.show_letter(letter))
    assert (read.id, read.contact, read.text, read.received) == (
        letter.id,
        letter.contact_id,
        letter.text,
        read.received,
    )
    assert (read.at, read.read_at, read.edited_at) == (letter.at, letter.read_at, letter.edited_at)
    contact = Contact(letter.contact_id, other, count, letter.id, shown, received=count, draft=draft)
    thread = there_and_back(codec_mail.show_thread(Thread(contact, letter)))
    assert (thread.account, thread.unread, thread.letters, thread.draft) == (person(other), count, count, draft)
    assert (thread.list.value, thread.last) == (shown.name.lower(), read)


@given(st.sampled_from(UpdateKind), people, counts, st.booleans())
def test_updates(kind: UpdateKind, other: Account, number: int, mail: bool) -> None:
    mark = ReadMark(RoomId(number), 5, number, 0, more=mail)
    text = mark_text(mark) if kind is UpdateKind.ROOM_READ else "mail" if mail else "journal"
    update = Update(UpdateId(1), other.id, NOON, kind, ContactId(4), LetterId(3), other, number, text)
    written = codec_mail.encode_update(update)
    if written is None:
        return
    told = live.read_message(written)
    match told:
        case live.CountsChanged(counts=changed):
            assert (changed.letters, changed.notices) == ((number, None) if mail else (None, number))
        case live.MarkChanged(mark=read):
            assert (read.room, read.read, read.unread, read.more) == (number, 5, number, mail)
        case live.WritingTold(writing=writing):
            assert (writing.contact, writing.account) == (4, person(other))
        case live.LetterChanged(letter=change) | live.ThreadChanged(thread=change):
            assert (change.contact, change.letter, change.account) == (4, 3, person(other))
            assert change.is_set == (bool(number) if change.what in codec_mail.TAKEN_BACK else None)
        case _:
            raise AssertionError(told)


@given(texts, st.none() | moments, st.booleans(), st.frozensets(ids, max_size=3), st.frozensets(texts, max_size=3))
def test_tokens(name: str, at: datetime | None, flag: bool, rooms: frozenset[Any], words: frozenset[str]) -> None:
    scope = Scope(words, rooms, words, words, words, flag, not flag)
    token = Token(*(5, 1, name, scope, NOON, at, at))  # type: ignore[arg-type]
    shown = there_and_back(show_token(token))
    assert (shown.id, shown.name, shown.created_at, shown.expires_at, shown.used_at) == (5, name, NOON, at, at)
    assert (shown.bot, shown.read_only, shown.rooms) == (not flag, flag, tuple(sorted(rooms)))
    assert shown.protocols == shown.zones == shown.names == shown.types == tuple(sorted(words))


def test_words_that_both_sides_have_are_the_same() -> None:
    assert set(OPS) == live.OPS.keys()
    for ours, theirs in (
        (live.Lock, set(Lock)),
        (live.Links, set(Links)),
        (live.Star, {rank.name.lower() for rank in Rank}),
        (live.MailList, set(codec_mail.LISTS)),
    ):
        assert {each.value for each in ours} - {"?"} == theirs
        assert ours("what comes later").value == "?"


def test_what_is_added_later_is_passed_over() -> None:
    assert live.read_message('{"confetti": {"room": 1}}') is None
    assert live.read_message('{"counts": {"letters": 1, "parcels": 2}}') == live.CountsChanged(live.Counts(1))


def test_secrets_are_in_no_repr() -> None:
    token = live.Token(id=1, name="a", created_ms=0, bot=False, read_only=False)
    for secret in (live.TokenMade(1, True, token, "tajne"), live.AddToken(password="tajne", name="a")):
        assert "tajne" not in repr(secret)
    assert "tajne" not in repr(live.RevokeToken(password="tajne", token=1))
    assert "tajne" not in repr(live.Enter(name="Praha", password="tajne"))
    assert "tajne" not in repr(live.SetRoom(room=7, password="tajne"))


def test_of_a_visitor_less_is_told() -> None:
    visitor = Presence(account(5, registered=False), online=True, accessed_at=NOON, rooms=[])
    told = there_and_back(codec_rooms.show_card(Card(visitor, 0, False, False, "", ContactId(0), [])))
    assert (told.account.registered, told.seen_at, told.created_at, told.age) == (False, NOON, None, 0)


def test_what_is_no_call_is_refused_and_said_why() -> None:
    with pytest.raises(LiveCallRefused, match="bad_json") as refused:
        read_call('[{"op": "rooms", "op": "leave"}]')
    assert refused.value.reason
