"""The client's encoder meets the server's decoder, and the server's encoder the client's decoder: for every message."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args, get_origin

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.api.chatcz import codec as chatcz
from beseda.api.chatcz import codec_people, codec_talk
from beseda.api.forms import read_form
from beseda.api.live import codec as live_codec
from beseda.api.shown import person
from beseda.api.spaces import codec as spaces
from beseda.api.spaces import codec_channel, codec_mail
from beseda.api.spaceweb import codec as spaceweb
from beseda.client._chatcz_lines import typed as typed_message
from beseda.client._envelope import make_id
from beseda.client._live_lines import typed as typed_line
from beseda.client._spaces_typed import typed as typed_event
from beseda.client.lines import Other, Person
from beseda.client.spaces_events import OtherEvent
from beseda.domain.ids import AccountId, ContactId, LetterId, RoomId, SessionId, UpdateId
from beseda.domain.mail import Letter
from beseda.domain.messages import Kind, Line
from beseda.domain.rooms import Lock, RoomView
from beseda.domain.sessions import Handle, Session
from beseda.domain.updates import Update, UpdateKind
from beseda.wire import live
from beseda.wire.chatcz import rest, talk
from beseda.wire.spaces import calls, channel, mail
from beseda.wire.spaceweb import description, dns, envelope
from unit.domain.made import account

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ALENA, BOHUS = account(1), account(2)
SESSION = Session(SessionId(1), AccountId(1), Handle.SID, "nonce", NOW, NOW)
PEOPLE: dict[int, Person] = {each.id: Person(each.id, each.nick) for each in (ALENA, BOHUS)}
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=40)
plain = texts.filter(lambda text: text == text.strip() and "\n" not in text)
ids = st.integers(1, 2**63 - 1)


def of_type(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a member of a call."""
    if kind in (int, str):
        return ids if kind is int else texts
    if get_origin(kind) is tuple:
        return st.lists(of_type(get_args(kind)[0]), max_size=3).map(tuple)
    kinds = [each for each in get_args(kind) if each is not msgspec.UnsetType]
    return st.one_of(list(map(of_type, kinds))) if kinds else st.from_type(kind)


def calls_of(call: type[live.AnyCall]) -> st.SearchStrategy[live.AnyCall]:
    fields = {each.name: each for each in msgspec.structs.fields(call) if each.name != "id"}
    needed = {name: of_type(each.type) for name, each in fields.items() if each.required}
    given_too = {name: of_type(each.type) for name, each in fields.items() if not each.required}
    return st.fixed_dictionaries({**needed, "id": ids}, optional=given_too).map(lambda members: call(**members))


live_calls = st.sampled_from(live.CALLS).flatmap(calls_of)


@given(live_calls)
def test_calls_of_the_live_protocol(call: live.AnyCall) -> None:
    text = live.encode(call).decode()
    read = live_codec.read_call(text)
    assert (read.op, read.id) == (call.op, call.id)
    told = {
        name: list(value) if type(value) is tuple else value
        for name, value in msgspec.to_builtins(call).items()
        if name not in ("op", "id")
    }
    assert {name: read.members[name] for name in told} == told
    assert told.keys() <= live_codec.MEMBERS
    assert live.read_call(text) == call


lines = st.builds(
    Line,
    room_id=ids.map(RoomId),
    seq=ids,
    at=st.integers(1, 10**6).map(lambda seconds: NOW + timedelta(seconds=seconds)),
    kind=st.sampled_from(Kind),
    actor=st.just(ALENA),
    target=st.just(BOHUS),
    text=texts,
    number=st.integers(0, 10**6),
)


@given(lines)
def test_lines_of_the_live_protocol(line: Line) -> None:
    told = live.read_message(live_codec.encode_line(line).decode())
    assert isinstance(told, live.LineTold)
    found = typed_line(told.line, ALENA.id)
    assert (found.room_id, found.seq, found.at) == (line.room_id, line.seq, line.at)
    assert isinstance(found, Other) == (line.kind is Kind.FAVOURITE)


@given(ids, texts, st.integers(0, 9))
def test_answers_of_the_live_protocol(number: int, code: str, cursor: int) -> None:
    call = live_codec.LiveCall("follow", number, {})
    done = live.read_message(live_codec.encode_answer(call, room=7, cursor=cursor))
    assert isinstance(done, live.Answered)
    assert live.read_answer(live.Follow(room=7), done) == live.Followed(number, True, 7, cursor)
    with pytest.raises(msgspec.ValidationError, match="line"):
        live.read_answer(live.Post(room=7, text=""), done)
    error = live_codec.LiveCallRefused(code, reason="why")
    refused = live.read_message(live_codec.encode_error(number, error, "0a0b0c0d-00000001"))
    assert refused == live.Refused(number, False, live.Refusal(code, reason="why", request_id="0a0b0c0d-00000001"))
    hello = live.read_message(live_codec.encode_hello(ALENA, timedelta(hours=1), bot=True))
    account = person(ALENA)
    assert hello == live.Hello(live.Greeting(1, account, idle_timeout_s=3600, bot=True))
    assert live.read_message(live_codec.encode_unfollowed(number)) == live.Unfollowed(live.RoomLeft(number))


def form_of(**content: Any) -> Any:
    """What the server reads of a request that httpx builds."""
    request = httpx.Request("POST", "http://example.org/", **content)
    return read_form(request.headers["content-type"].encode(), request.read())


@given(ids, st.integers(0, 10**18 - 1), texts.filter(bool))
def test_polls_of_chatcz(room_id: int, index: int, text: str) -> None:
    poll = codec_talk.read_poll(form_of(data=talk.poll_form(room_id, str(index), text)))
    assert (poll.room_id, poll.cursor, poll.to) == (room_id, index, 0)
    assert poll.text == text


@given(plain.filter(bool), plain.filter(bool))
def test_tokens_of_chatcz(token: str, key: str) -> None:
    renewal = chatcz.read_renewal(chatcz.read_fields(b"application/json", rest.encode(rest.Renewal(token, key))))
    assert (renewal.token, renewal.api_key) == (token, key)
    sent = rest.encode(rest.Confirmation(token, token, key))
    assert chatcz.read_confirmation(chatcz.read_fields(b"application/json", sent)) == renewal


@given(texts, st.sampled_from(Lock), st.integers(0, 10**6))
def test_rooms_of_chatcz(name: str, lock: Lock, count: int) -> None:
    view = RoomView(RoomId(7), name, name, "", True, lock, None, count, reserved=False)
    body = chatcz.encode_rooms_answer([chatcz.mark_favourite(chatcz.encode_room(view), True)])
    (room,) = msgspec.json.decode(body, type=rest.RoomsAnswer).rooms
    assert (room.name, room.description, room.user_count, room.favourite) == (name, name, count, True)
    assert room.lock.value == lock.value


@given(lines)
def test_messages_of_chatcz(line: Line) -> None:
    body = codec_talk.encode_lines("9", [codec_talk.encode_line(line, AccountId(9), frozenset())])
    polled = msgspec.json.decode(body, type=talk.Polled)
    assert isinstance(polled.data, talk.Lines)
    found = [typed_message(message, 7, dict(PEOPLE), 9) for message in polled.data.data]
    told = [each for each in found if each is not None]
    assert all(isinstance(each, Other) for each in told) == (line.kind in (Kind.PRESENCE, Kind.FAVOURITE))
    if line.kind in (Kind.TEXT, Kind.WHISPER):
        assert [getattr(each, "text", None) for each in told] == [line.text]


@given(texts, st.booleans())
def test_letters(text: str, received: bool) -> None:
    letter = Letter(LetterId(3), ContactId(4), BOHUS.id, received, text, NOW, None)
    stored = codec_people.encode_letter(letter)
    assert msgspec.json.decode(rest.encode(stored), type=talk.Letter) == stored
    assert stored.at == NOW
    site = spaces.LinkBase("http://example.org")
    told = msgspec.json.decode(msgspec.json.encode(codec_mail.encode_letter(letter, BOHUS, {}, site)))
    found = mail.read_letter(told)
    assert (found.text, found.received, found.unread, found.at) == (text, received, True, NOW)


fields = st.lists(st.tuples(st.sampled_from(["Contact", "texttT", "CoNtacts", "login", "q"]), texts), max_size=6)


@given(st.sampled_from(sorted(spaces.READS | spaces.CHANGES)), fields)
def test_calls_of_spaces(method: str, sent: list[tuple[str, str]]) -> None:
    section, _, name = method.partition(".")
    if section == "page":
        return
    parts = [(field, (None, value)) for field, value in calls.call_fields(name, sent, "1234", "rid")]
    request = httpx.Request("POST", "http://example.org/", files=parts)
    kind, body = request.headers["content-type"].encode(), request.read()
    call = spaces.read_call("POST", f"/neoapi/{section}", b"", kind, body, "1" * 16)
    assert (call.method, call.proof, call.sid) == (method, "1234", "1" * 16)
    for field, value in sent:
        assert value in call.body.get_all(field)


@given(plain, ids)
def test_who_is_signed_in_at_spaces(nick: str, number: int) -> None:
    member = spaces.MemberSession(replace(ALENA, nick=nick), SESSION, "1234567890123456", 3)
    answer, site = spaces.Answer(member=member), spaces.LinkBase("http://example.org")
    body = spaces.Encoder(lambda session: "c" * 32).encode(answer, site, now_s=number, took_s=0.1)
    code, members = calls.read_answer(body)
    me = calls.read_attributes(members)
    assert (code, me.name, me.user_id, me.proof, me.mail) == ("00000", nick, ALENA.id, "3456", 3)
    assert members["time"] == number


@given(st.sampled_from(UpdateKind), texts, ids)
def test_events_of_spaces(kind: UpdateKind, text: str, number: int) -> None:
    told = "mail" if kind is UpdateKind.COUNTER else text
    update = Update(UpdateId(number), ALENA.id, NOW, kind, ContactId(4), LetterId(3), BOHUS, 5, told)
    frame = channel.read_frame(codec_channel.encode_update(update))
    assert channel.read_event_id(str(frame.eventid)) == (number, {})
    assert not isinstance(typed_event(frame.text), OtherEvent)
    polled = channel.read_poll(codec_channel.encode_poll("cb", [codec_channel.encode_update(update)] * 2))
    assert polled == [frame, frame]
    assert channel.read_poll(codec_channel.encode_poll("", [codec_channel.encode_update(update)])) == [frame]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(texts, json_values, max_size=4), texts, texts)
def test_calls_of_spaceweb(params: dict[str, Any], method: str, user: str) -> None:
    call_id = make_id(1.0)
    sent = envelope.encode_request(envelope.Request(envelope.VERSION, method, params, call_id, user))
    request = spaceweb.decode_request(sent)
    assert (request.id, request.method, request.user) == (call_id, method or "index", user)
    assert spaceweb.named_params(request.params) == params


@given(json_values, texts)
def test_answers_of_spaceweb(result: Any, message: str) -> None:
    assert envelope.read_response(spaceweb.encode_answer("1", result)) == ("1", result)
    fault = envelope.Fault(envelope.Code.REFUSED, message)
    assert envelope.read_response(spaceweb.encode_answer(7, fault)) == (7, envelope.AnyFault(-32500, message, []))
    extended = envelope.Extended(envelope.ExtendedResult(0, message, [("a.ru", "ne")]))
    told = envelope.AnyExtended(0, message, [["a.ru", "ne"]])
    assert envelope.read_response(spaceweb.encode_answer("1", extended)) == ("1", told)


def test_words_that_both_sides_have_are_the_same() -> None:
    assert {lock.value for lock in rest.Lock} - {"?"} == {lock.value for lock in Lock}


@pytest.mark.parametrize("text", ["open", ""])
def test_both_words_for_an_unlocked_room(text: str) -> None:
    assert rest.Lock(text) is rest.Lock.OPEN


@pytest.mark.parametrize(
    "read",
    [
        lambda: calls.read_attributes({"attributes": None}),
        lambda: mail.read_contact({"nid": "4"}),
        lambda: mail.read_contact("4"),
        lambda: envelope.read_response(b'{"jsonrpc": "2.0", "id": "1"}'),
    ],
)
def test_what_lacks_what_is_needed_is_no_answer(read: Callable[[], object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        read()


@pytest.mark.parametrize(
    ("value", "schema", "fits"),
    [
        ("ahoj", {"type": "string", "maxLength": 4}, True),
        ("ahoj!", {"type": "string", "maxLength": 4}, False),
        ([1, 2], {"type": "array", "maxItems": 2, "items": {"type": "integer"}}, True),
        ([1, 2, 3], {"type": "array", "maxItems": 2}, False),
        ([1, "2"], {"type": "array", "items": {"type": "integer"}}, False),
        (None, {"anyOf": [{"type": "integer"}, {"type": "null"}]}, True),
    ],
)
def test_what_a_description_allows(value: object, schema: dict[str, Any], fits: bool) -> None:
    assert description.fits(value, schema) == fits


@pytest.mark.parametrize(
    ("word", "kind", "value"),
    [("7", "integer", 7), ("true", "integer", "true"), ("sedm", "integer", "sedm"), ("7", "string", "7")],
)
def test_a_word_is_a_number_where_one_is_wanted(word: str, kind: str, value: object) -> None:
    assert description.read_word(word, {"type": kind}) == value


@pytest.mark.parametrize(("host", "readable"), [("Xn--As-Dma.", "čas"), ("@", ""), ("xn--č", "xn--č")])
def test_hosts_are_compared_as_people_write_them(host: str, readable: str) -> None:
    assert dns.readable_host(host) == readable
