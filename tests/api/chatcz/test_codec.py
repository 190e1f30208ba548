"""The codec with anything at all in it, without a server."""

import json
import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.api.chatcz import codec, codec_talk
from beseda.api.chatcz.call import split_path
from beseda.api.chatcz.codec import SignInForm, Visitor
from beseda.api.chatcz.errors import ERRORS, RequestRefused
from beseda.api.forms import Form
from beseda.domain.accounts import Account, KarmaLevel, Sex, Standing
from beseda.domain.errors import leaves
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.messages import Kind, Line
from beseda.domain.rooms import Lock, Occupant, RoomView
from beseda.wire.chatcz.rest import http_date

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
NASTY = TEXT | st.text("}{;:'\"\\</script>!-& a1\u2028\n", max_size=20)
ALENA = Account(
    id=AccountId(7),
    registered=True,
    nick="Alena",
    sex=Sex.FEMALE,
    standing=Standing.ACTIVE,
    birth_date=None,
    age_public=False,
    picture_url="",
    karma_given=0,
    karma_level=KarmaLevel.ORANGE,
    profile_views=3,
    created_at=NOON,
    accessed_at=NOON,
)
people = st.lists(st.tuples(st.integers(1, 2**63 - 1), NASTY, st.sampled_from(Sex) | st.none(), st.booleans()))


def occupants(who: list[tuple[int, str, Sex | None, bool]]) -> list[Occupant]:
    accounts = [replace(ALENA, id=AccountId(n), nick=nick, sex=sex, registered=reg) for n, nick, sex, reg in who]
    return [Occupant(account, NOON, NOON, None, room_admin=False) for account in accounts]


def read_as_old_gateway(script: str) -> Any:
    """What the oldest gateway does to an object in a page before it reads it as JSON."""
    script = re.sub(r"(\w+):", r'"\1":', script)
    script = re.sub(r"'(.*?)'", r'"\1"', script)
    script = re.sub(r'":(\w+)', r'":"\1"', script)
    return json.loads(script)


@given(people)
def test_the_old_gateway_finds_everybody_in_the_page(who: list[tuple[int, str, Sex | None, bool]]) -> None:
    page = f"<script>\nvar userList = {codec.page_user_list(occupants(who), NOON)};\nadminList: {{}}\n</script>"
    found = re.search(r"var userList\s*=\s*({[\s\S]+?});", page)
    assert found is not None
    data = read_as_old_gateway(found[1])["data"]
    assert {(int(n), each["nick"], each["sex"], each["anonymous"]) for n, each in data.items()} == {
        (n, nick, sex or "m", not registered) for n, nick, sex, registered in {one[0]: one for one in who}.values()
    }
    assert page.count("<") == 2


@given(st.dictionaries(st.integers(1, 2**63 - 1), NASTY))
def test_the_old_gateway_finds_all_admins_in_the_page(admins: dict[int, str]) -> None:
    accounts = [replace(ALENA, id=AccountId(n), nick=nick) for n, nick in admins.items()]
    page = f"adminList: {codec.page_admin_list(accounts)}\n"
    found = re.search(r"adminList:\s*(\{.*?\})", page)
    assert found is not None
    assert read_as_old_gateway(found[1]) == {str(n): nick for n, nick in admins.items()}


@given(TEXT, TEXT, st.sampled_from(Lock), st.booleans(), st.integers(0, 10**6), st.none() | st.integers(1, 2**63 - 1))
def test_a_room_is_what_was_encoded(
    name: str, description: str, lock: Lock, permanent: bool, user_count: int, admin: int | None
) -> None:
    admin_id = None if admin is None else AccountId(admin)
    view = RoomView(RoomId(5), name, description, "", permanent, lock, admin_id, user_count, False)
    room = codec.encode_room(view)
    expected = {
        "adminUserId": admin or 0,
        "description": description,
        "id": 5,
        "locked": lock.value,
        "name": name,
        "permanent": permanent,
        "reserved": False,
        "userCount": user_count,
        "web": "",
    }
    ok = {"status": 200, "statusMessage": "OK"}
    assert json.loads(codec.encode_room_answer(room)) == {**ok, "room": expected}
    marked = codec.encode_rooms_answer([codec.mark_favourite(room, True), codec.mark_favourite(room, False), room])
    assert json.loads(marked) == {
        **ok,
        "rooms": [{**expected, "favourite": True}, {**expected, "favourite": False}, expected],
    }


@given(
    st.sampled_from([None, b"application/json", b"application/x-www-form-urlencoded", b"multipart/form-data; b"]),
    st.binary(max_size=60) | st.text('{}[]":,0aA\\n=&%-', max_size=40).map(str.encode),
)
def test_a_body_is_fields_or_refused(content_type: bytes | None, body: bytes) -> None:
    with suppress(RequestRefused):
        assert isinstance(codec.read_fields(content_type, body), Form)


@given(TEXT.filter(bool), TEXT.filter(bool))
def test_the_token_calls_read_the_same_from_json_and_from_a_form(token: str, key: str) -> None:
    body = json.dumps({"tokenOld": token, "apiKey": key}).encode()
    if "\0" in token + key:
        with pytest.raises(RequestRefused, match="Bad request"):
            codec.read_fields(None, body)
        return
    read = codec.read_renewal(codec.read_fields(None, body))
    assert (read.token, read.api_key) == (token, key)
    assert codec.read_renewal(Form([("tokenOld", token), ("apiKey", key)])) == read
    assert codec.read_confirmation(Form([("apiKey", key), ("tokenOld", "old"), ("token", token)])) == read


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC)))
def test_times_are_those_of_http(at: datetime) -> None:
    text = http_date(at)
    assert text.endswith(" GMT")
    assert parsedate_to_datetime(text) == at.replace(microsecond=0)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"email": "Alena", "password": "tajne"}, SignInForm("Alena", "tajne")),
        ({"nick": "Alena", "password": "tajne"}, SignInForm("Alena", "tajne")),
        ({"email": "Alena"}, SignInForm("Alena", "")),
        ({"password": " mezery "}, SignInForm("", " mezery ")),
        ({"nick": "Host", "sex": "f"}, Visitor("Host", Sex.FEMALE)),
        ({"user": "Host", "sex": "m"}, Visitor("Host", Sex.MALE)),
        ({"user": "Host"}, Visitor("Host", Sex.MALE)),
        ({}, Visitor("", Sex.MALE)),
    ],
)
def test_who_signs_in(fields: dict[str, str], expected: SignInForm | Visitor) -> None:
    assert codec.read_sign_in(Form(list(fields.items()))) == expected


@pytest.mark.parametrize(
    ("path", "shape", "number"),
    [
        ("/api/room/7/users", "/api/room/#/users", 7),
        ("/api/user/0012", "/api/user/#", 12),
        ("/leaveRoom/7", "/leaveRoom/#", 7),
        ("/2026", "/2026", 0),
        ("/Pokoj 2026", "/Pokoj 2026", 0),
        ("/api/room/7x", "/api/room/7x", 0),
        ("/api/room/١", "/api/room/١", 0),
        ("/api/room/" + "9" * 5000, "/api/room/" + "9" * 5000, 0),
        ("", "", 0),
    ],
)
def test_the_number_in_a_path(path: str, shape: str, number: int) -> None:
    assert split_path(path) == (shape, number)


@pytest.mark.parametrize(("text", "room_id"), [("7", 7), ("x", 0), ("-1", 0), ("١", 0), ("9" * 20, 0)])
def test_what_is_no_number_names_no_room(text: str, room_id: int) -> None:
    assert codec.read_room_id(Form([("roomId", text)])) == room_id


@pytest.mark.parametrize(
    ("picture", "shown"),
    [
        ("", None),
        ("/avatar/7.png", "https://chat.example.org/avatar/7.png"),
        ("https://img.example.org/7.png", "https://img.example.org/7.png"),
    ],
)
def test_a_profile_has_a_picture_or_no_such_member(picture: str, shown: str | None) -> None:
    profile = codec.encode_profile(replace(ALENA, picture_url=picture), NOON, "https://chat.example.org")
    expected: dict[str, object] = {"age": 0, "karmaLevel": 2, "profileViewCount": 3}
    assert msgspec.to_builtins(profile) == (expected if shown is None else {**expected, "imageUrl": shown})


def test_only_one_inside_sees_when_somebody_wrote() -> None:
    wrote = Occupant(ALENA, NOON, NOON, NOON + timedelta(seconds=5), room_admin=False)
    outside = msgspec.to_builtins(codec.encode_occupant(wrote, None))
    assert outside.keys() == {"anonym", "id", "nick", "sex", "timeAccess"}
    inside = msgspec.to_builtins(codec.encode_occupant(wrote, NOON))
    assert inside["timeOnline"] == "Fri, 20 Nov 2026 12:00:00 GMT"
    assert inside["timeWrite"] == "Fri, 20 Nov 2026 12:00:05 GMT"


def test_every_refusal_has_a_status_and_one_line_of_text() -> None:
    assert set(ERRORS) == set(leaves())
    for status, text in ERRORS.values():
        assert status in {400, 403, 404, 409, 429, 503}
        assert text
        assert "\n" not in text


def test_what_is_kept_encoded_does_not_grow_for_ever() -> None:
    class Few(codec_talk.LineWriter):
        KEPT = 2

    writer, other = Few(), AccountId(8)
    lines = [Line(RoomId(1), seq, NOON, Kind.TEXT, ALENA, None, f"text {seq}", 0) for seq in range(1, 4)]
    told = [writer.write(line, other, set()) for line in lines]
    assert [b"text %d" % seq in text for seq, text in enumerate(told, 1)] == [True] * 3
    assert [writer.write(line, other, set()) for line in lines] == told
    assert len(writer._kept) <= Few.KEPT
