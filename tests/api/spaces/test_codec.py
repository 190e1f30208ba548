"""The codec with anything at all in it, without a server."""

import contextlib
import dataclasses
import json
import re
from datetime import UTC, datetime
from html import unescape
from urllib.parse import urlencode, urljoin

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace
from multipart import content_disposition_quote

from beseda.adapters.secrets import SystemEntropy
from beseda.api.forms import SMALL, Form, FormRefused, read_form, read_query
from beseda.api.spaces import codec, codec_channel, codec_people
from beseda.api.spaces.codec import CHANGES, READS, Answer, LinkBase, MemberSession
from beseda.api.spaces.codec_mail import PREVIEW_CHARS, preview
from beseda.api.spaces.errors import ERRORS, SpacesCallRefused, UnknownMethod, WrongVerb
from beseda.domain.accounts import Account, KarmaLevel, Standing
from beseda.domain.errors import BesedaError, OutcomeUnknown, SecondFactorNeeded, leaves
from beseda.domain.ids import MAX_ID, AccountId, NotificationId, RoomId, SessionId
from beseda.domain.messages import Kind, Line
from beseda.domain.notifications import Notification, NotificationKind
from beseda.domain.sessions import Handle, Session
from beseda.wire.spaces.codes import CODES

URLENCODED = b"application/x-www-form-urlencoded"
BOUNDARY = b"----4f9b0c1d"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
UNICODE = st.text(st.characters(exclude_categories=["Cs"]), max_size=100)
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="%\\"), max_size=20)
CONTENT_TYPES = st.sampled_from(
    [None, b"", URLENCODED, b"multipart/form-data", b'multipart/form-data; boundary="x"', b"multipart/form-data; ="]
)
SESSION = Session(SessionId(1), AccountId(7), Handle.SID, "nonce", NOON, NOON)
SIDS = st.text("0123456789", min_size=16, max_size=16)


def agrees(form: Form, fields: list[tuple[str, str]]) -> bool:
    return all(form.get_all(name) == [value for key, value in fields if key == name] for name, _ in fields)


def as_multipart(fields: list[tuple[str, str]]) -> bytes:
    parts = b"".join(
        b"--%b\r\nContent-Disposition: form-data; name=%b\r\n\r\n%b\r\n"
        % (BOUNDARY, content_disposition_quote(name).encode(), value.encode())
        for name, value in fields
    )
    return parts + b"--" + BOUNDARY + b"--\r\n"


def account(nick: str = "Alena", number: int = 7) -> Account:
    return Account(
        id=AccountId(number),
        registered=True,
        nick=nick,
        sex=None,
        standing=Standing.ACTIVE,
        birth_date=None,
        age_public=False,
        picture_url="",
        karma_given=0,
        karma_level=KarmaLevel.NONE,
        profile_views=0,
        created_at=NOON,
        accessed_at=NOON,
    )


class TestForms:
    @given(CONTENT_TYPES | st.binary(max_size=100), st.binary(max_size=2000))
    @example(b"multipart/form-data; boundary=\xff", b"--\xff\r\n\r\n")
    @example(None, b"--x\r\nContent-Disposition: form-data\r\n\r\n\r\n--x--")
    @example(b"multipart/form-data", b"--x\r\nContent-Disposition: form-data; name=%\r\n : \r\n\r\n--x")
    def test_any_bytes_are_a_form_or_refused(self, content_type: bytes | None, body: bytes) -> None:
        with contextlib.suppress(FormRefused):
            read_form(content_type, body)

    @given(st.lists(st.tuples(UNICODE, UNICODE), max_size=SMALL.fields))
    def test_urlencoded_fields_come_back(self, fields: list[tuple[str, str]]) -> None:
        assert agrees(read_form(URLENCODED, urlencode(fields).encode()), fields)

    @given(st.lists(st.tuples(NAMES, UNICODE), max_size=SMALL.fields))
    def test_multipart_fields_come_back(self, fields: list[tuple[str, str]]) -> None:
        assert agrees(read_form(b"multipart/form-data; boundary=" + BOUNDARY, as_multipart(fields)), fields)

    @given(st.lists(st.tuples(NAMES, UNICODE), min_size=1, max_size=SMALL.fields))
    def test_the_boundary_is_read_off_the_body(self, fields: list[tuple[str, str]]) -> None:
        assert agrees(read_form(b"multipart/form-data", as_multipart(fields)), fields)

    @pytest.mark.parametrize("content_type", [URLENCODED, b"multipart/form-data; boundary=" + BOUNDARY])
    def test_more_fields_than_are_read_are_refused(self, content_type: bytes) -> None:
        fields = [("a", "b")] * (SMALL.fields + 1)
        body = urlencode(fields).encode() if content_type == URLENCODED else as_multipart(fields)
        with pytest.raises(FormRefused):
            read_form(content_type, body)


class TestCalls:
    @given(
        st.sampled_from(["GET", "POST", "HEAD", "PUT"]) | st.text(max_size=5),
        st.text(max_size=50)
        | st.lists(st.sampled_from(["", "ajax", "neoapi", "api", "session", "auth"])).map("/".join),
        st.binary(max_size=100),
        CONTENT_TYPES,
        st.binary(max_size=500),
        st.text(max_size=20),
    )
    def test_anything_is_a_call_or_refused(
        self, verb: str, path: str, query: bytes, content_type: bytes | None, body: bytes, cookie: str
    ) -> None:
        try:
            call = codec.read_call(verb, path, query, content_type, body, cookie)
        except (SpacesCallRefused, FormRefused):
            return
        assert call.method in READS | CHANGES
        assert re.fullmatch(r"[0-9]{16}|", call.sid, re.ASCII)

    @pytest.mark.parametrize("path", ["/neoapi/session", "/neoapi/session/", "/api/auth/", "/ajax/neoapi/session/"])
    @pytest.mark.parametrize("query", [b"", b"null", b"_=1", b"_1795168800", b"json=1"])
    def test_the_body_names_the_method(self, path: str, query: bytes) -> None:
        assert codec.read_call("POST", path, query, None, b"method=check", "").method == "session.check"

    @pytest.mark.parametrize("path", ["/api/session/check", "/api/session/check/", "/ajax/api/auth/check/"])
    def test_the_path_names_the_method(self, path: str) -> None:
        assert codec.read_call("POST", path, b"_=1", None, b"method=logout", "").method == "session.check"

    @pytest.mark.parametrize(
        "path", ["", "/", "/ajax/", "/neoapi", "/api/session/", "/mails/", "/api/page/mail", "/x/session/check"]
    )
    def test_other_addresses_name_none(self, path: str) -> None:
        with pytest.raises(UnknownMethod):
            codec.read_call("POST", path, b"", None, b"", "")

    @pytest.mark.parametrize("method", sorted(CHANGES))
    def test_changes_are_posted(self, method: str) -> None:
        with pytest.raises(WrongVerb):
            codec.read_call("GET", "/api/" + method.replace(".", "/"), b"", None, b"", "")

    @pytest.mark.parametrize(
        "query",
        [b"a=1&amp;P=2", b"amp;P=2", b"amp%3bP=2", b"a=1&AMP;P=2", b"&amp;amp;P=2&b", b"P=2&amp;P=3", b"&amp;&P=2"],
    )
    def test_a_name_may_have_an_escaped_ampersand_in_front(self, query: bytes) -> None:
        assert codec.read_call("GET", "/mail/", query, None, b"", "").number("P") == 2

    def test_a_value_keeps_its_own(self) -> None:
        call = codec.read_call("GET", "/mail/", b"q=a%26amp;b&amp=7&lamp;P=3", None, b"", "")
        assert (call.text("q"), call.text("amp"), call.number("P")) == ("a&amp;b", "7", 0)

    @given(st.lists(st.sampled_from(["1" * 16, "2" * 16, "", "null", "undefined", "１" * 16]), min_size=3, max_size=3))
    def test_the_sid_is_the_first_that_can_be_one(self, candidates: list[str]) -> None:
        body, query, cookie = candidates
        sent = urlencode({"sid": body}).encode()
        asked = urlencode({"sid": query}).encode()
        call = codec.read_call("POST", "/api/session/check/", asked, None, sent, cookie)
        usable = [each for each in candidates if each.isascii() and each.isdigit()]
        assert call.sid == (usable[0] if usable else "")
        assert call.rides == (not usable or usable[0] == cookie)


class TestAnswers:
    @given(SIDS, st.integers(1, MAX_ID), UNICODE, st.booleans())
    def test_the_attributes_are_of_the_types_of_the_document(
        self, sid: str, number: int, nick: str, sid_in_links: bool
    ) -> None:
        site = LinkBase("https://spaces.example.org", sid_in_links)
        signed_in = Answer(member=MemberSession(account(nick, number), SESSION, sid, 0))
        encoder, anew = codec.Encoder(lambda session: "c" * 32), codec.Encoder(lambda session: "c" * 32)
        answer = json.loads(encoder.encode(signed_in, site, now_s=1795168800, took_s=0.0))
        assert list(answer) == ["css_files", "time", "config", "attributes", "t", "code"]
        assert type(answer["t"]) is float
        told = answer["attributes"]
        assert (told["nid"], told["name"], told["online_status"]["id"]) == (number, nick, str(number))
        assert told["CK"] == sid[12:16] == sid[-4:]
        assert (sid in told["mysite_link"]) == (sid_in_links or sid in nick)
        assert not re.search(r'&(?!amp;)|[<>"\']', told["mysite_link"])
        later = 1795168801
        for where in (site, replace(site, origin="https://other.example.org")):
            for mail in (0, 3):
                asked = Answer(member=replace(signed_in.member, mail=mail)) if signed_in.member else signed_in
                written, again, other = (
                    each.encode(asked, where, now_s=later, took_s=1e-05) for each in (encoder, encoder, anew)
                )
                assert written == again == other
                assert json.loads(written)["attributes"]["mailTbNm"] == mail
                assert json.loads(written)["time"] == later

    def test_issued_sids_have_16_digits(self) -> None:
        entropy = SystemEntropy()
        issued = {entropy.digits(16) for _ in range(10_000)}
        assert len(issued) == 10_000
        assert all(re.fullmatch(r"[0-9]{16}", sid, re.ASCII) for sid in issued)

    def test_every_refusal_has_a_code_of_the_table(self) -> None:
        assert set(ERRORS) == set(leaves())
        assert set(ERRORS.values()) <= set(CODES)

    def test_the_table_is_whole(self) -> None:
        assert len(CODES) == 171
        assert all(re.fullmatch(r"(ERR_)?[A-Z_]+", name) or code == "00000" for code, name in CODES.items())
        assert all(re.fullmatch(r"[0-9]{5}", code) for code in CODES)

    @pytest.mark.parametrize("error", [OutcomeUnknown(), SecondFactorNeeded(ticket="a ticket")])
    def test_what_a_code_does_not_say_is_said_in_words(self, error: BesedaError) -> None:
        told = codec.refusal(error, LinkBase("https://spaces.example.org"), now_s=1795168800)
        assert isinstance(told.more["message"], str)

    def test_links_carry_the_sid_where_the_site_says_so(self) -> None:
        site = LinkBase("https://spaces.example.org", sid_in_links=True, sid="1234567890123456")
        assert site.link("/mail/", Contact=3) == "https://spaces.example.org/mail/?Contact=3&amp;sid=1234567890123456"
        assert replace(site, sid_in_links=False).link("/mail/") == "https://spaces.example.org/mail/"

    @pytest.mark.parametrize("given", ["/pictures/7.png", "https://img.example.org/7.png"])
    def test_a_picture_has_a_whole_address(self, given: str) -> None:
        shown = LinkBase("https://spaces.example.org").picture(dataclasses.replace(account(), picture_url=given))
        assert shown == urljoin("https://spaces.example.org", given)

    def test_a_line_may_be_nobodys_and_all_of_ones_lines_go_by_no_number(self) -> None:
        line = Line(RoomId(7), 9, NOON, Kind.TEXT, None, None, "ahoj", 0)
        assert not codec_people.encode_line(line, LinkBase("https://spaces.example.org")).keys() & {"user", "user_id"}
        told = codec_channel.line_text(line._replace(kind=Kind.LINES_DELETED, target=account()))
        assert told is not None
        assert told["id"] == 0

    @pytest.mark.parametrize(
        ("kind", "number", "text"),
        [
            (NotificationKind.KARMA, 3, "Вам подарили карму: +3"),
            (NotificationKind.KARMA, -1, "Вам дали отрицательную карму: -1. Причина: &lt;3"),
            (NotificationKind.PICTURE_DELETED, 0, "Ваш аватар удалён администратором"),
        ],
    )
    def test_the_journal_says_what_happened(self, kind: NotificationKind, number: int, text: str) -> None:
        happened = Notification(NotificationId(1), NOON, kind, account(), None, "", number, "<3", None)
        assert codec_people.sentence(happened) == text


class TestPreviews:
    @given(UNICODE | st.text(st.sampled_from("ab &<\u0301\u200d👨\n"), max_size=400))
    def test_hold_all_that_is_shown_and_tear_nothing(self, text: str) -> None:
        shown = preview(text)
        plain = [unescape(part).removesuffix("...") for part in shown.values()]
        words = " ".join(text.split())
        assert words.startswith(plain[0])
        assert len(plain[0]) <= PREVIEW_CHARS
        assert ("there_is_more" in shown) == (len(words) > PREVIEW_CHARS)
        if len(plain) == 2 and not text.endswith("..."):
            assert plain[1] in words
            assert plain[1]

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("", {"text": ""}),
            ("a\n b", {"text": "a b"}),
            ("x" * 100, {"text": "x" * 100}),
            ("x" * 101, {"text": "x" * 100 + "...", "there_is_more": "x"}),
            ("x" * 90 + " " + "y" * 20, {"text": "x" * 90 + "...", "there_is_more": "y" * 20}),
            ("<" * 150, {"text": "&lt;" * 100 + "...", "there_is_more": "&lt;" * 50}),
            ("x" * 99 + "e\u0301" + "y", {"text": "x" * 99 + "...", "there_is_more": "e\u0301y"}),
            ("x" * 98 + "👩\u200d👧", {"text": "x" * 98 + "...", "there_is_more": "👩\u200d👧"}),
            *(
                ("x" * (100 - seen) + picture, {"text": "x" * (100 - seen) + "...", "there_is_more": picture})
                for picture in ("🏴\U000e0067\U000e0062\U000e007f", "👍\U0001f3fd", "🇨🇿")
                for seen in range(1, len(picture))
            ),
            ("x" * 98 + "🇨🇿🇸🇰", {"text": "x" * 98 + "🇨🇿...", "there_is_more": "🇸🇰"}),
            ("\u202e" + "x" * 120 + "\u202c", {"text": "x" * 99 + "...", "there_is_more": "x" * 21}),
            (
                "\u2067" + "x" * 98 + "\u2069" + "\u202ey\u202c",
                {"text": "\u2067" + "x" * 98 + "\u2069...", "there_is_more": "\u202ey\u202c"},
            ),
            ("x" * 250, {"text": "x" * 100 + "...", "there_is_more": "x" * 100 + "..."}),
        ],
    )
    def test_are_short(self, text: str, shown: dict[str, str]) -> None:
        assert preview(text) == shown


def test_a_query_without_anything_is_an_empty_form() -> None:
    assert read_query(b"&&&").get("") is None
