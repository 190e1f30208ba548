"""Form bodies as clients really send them."""

from urllib.parse import quote, quote_from_bytes, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.api.forms import MAX_PART_HEADERS, SMALL, FormRefused, read_form, read_query
from beseda.domain.secrets import is_readable

URLENCODED = b"application/x-www-form-urlencoded"
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def multipart(*parts: bytes, boundary: bytes = b"xYz", end: bytes = b"--") -> bytes:
    return b"".join(b"--%b\r\n%b\r\n" % (boundary, part) for part in parts) + b"--%b%b\r\n" % (boundary, end)


def field(name: bytes, value: bytes, *lines: bytes) -> bytes:
    more = b"".join(line + b"\r\n" for line in lines)
    return b'Content-Disposition: form-data; name="%b"\r\n%b\r\n%b' % (name, more, value)


class TestUrlencoded:
    @pytest.mark.parametrize(
        ("body", "login"),
        [
            (b"login=Alena", "Alena"),
            (b"login=Alena+Nova&x=1", "Alena Nova"),
            (b"x=1&login=%C5%BD%21", "Ž!"),
            ("login=Žaneta".encode(), "Žaneta"),
            (b"login=%ff%fe", "\ufffd\ufffd"),
            (b"login=\xff", "\ufffd"),
            (b"login=%zz%4", "%zz%4"),
            (b"login=a=b", "a=b"),
            (b"login=", ""),
            (b"login", ""),
            (b"login=first&login=second", "first"),
            (b"&&login=a&&", "a"),
            (b"Login=a", None),
            (b"null", None),
            (b"_=1763", None),
            (b"", None),
            (b"\x00\xff\r\n", None),
        ],
    )
    def test_is_read(self, body: bytes, login: str | None) -> None:
        for content_type in (URLENCODED, URLENCODED + b"; charset=UTF-8", None, b"", b"text/plain", b"\xff;;=\xff"):
            assert read_form(content_type, body).get("login") == login
        assert read_query(body).get("login") == login

    @given(st.lists(st.tuples(texts, texts), max_size=SMALL.fields))
    def test_is_what_was_written(self, fields: list[tuple[str, str]]) -> None:
        form = read_form(URLENCODED, urlencode(fields).encode())
        for name in {name for name, _ in fields}:
            assert form.get_all(name) == [value for other, value in fields if other == name]

    def test_has_limits(self) -> None:
        longest = b"a=" + b"a" * SMALL.value_bytes
        assert len(read_query(longest).get("a") or "") == SMALL.value_bytes
        assert len(read_query(b"a=" + b"%61" * SMALL.value_bytes).get("a") or "") == SMALL.value_bytes
        for body in (
            longest + b"a",
            b"a=" + b"%61" * (SMALL.value_bytes + 1),
            b"&".join([b"a=1"] * (SMALL.fields + 1)),
        ):
            with pytest.raises(FormRefused):
                read_query(body)
        assert len(read_query(b"&".join([b"a=1"] * SMALL.fields)).get_all("a")) == SMALL.fields


LABELS = [
    ("windows-1251", "cp1251", "привет"),
    ("Windows-1250", "cp1250", "žluťoučký"),
    ("ISO-8859-2", "iso8859-2", "žluťoučký"),
    ("koi8-r", "koi8-r", "привет"),
    ("KOI8-U", "koi8-u", "Їжак"),
    ("cp866", "cp866", "привет"),
    ("latin1", "cp1252", "déjà “vu”"),
    ("iso-8859-5", "iso8859-5", "привет"),
    ("utf-8", "utf-8", "žluťoučký"),
]


class TestCharset:
    """Where a form may say it: the body's type, the field for it, the part's type. The nearest wins."""

    @pytest.mark.parametrize(("label", "codec", "text"), LABELS)
    def test_is_that_of_the_type(self, label: str, codec: str, text: str) -> None:
        declared = f"; charset={label}".encode()
        for body in (b"a=" + text.encode(codec), b"a=" + quote(text, encoding=codec).encode()):
            assert read_form(URLENCODED + declared, body).get("a") == text
        named = urlencode({text: "1"}, encoding=codec).encode()
        assert read_form(URLENCODED + declared, named).get(text) == "1"
        for quoted in (declared, f'; charset="{label}"'.encode(), f";CHARSET={label.upper()}".encode()):
            kind = b"multipart/form-data; boundary=xYz" + quoted
            assert read_form(kind, multipart(field(b"a", text.encode(codec)))).get("a") == text

    @pytest.mark.parametrize(("label", "codec", "text"), LABELS)
    def test_is_that_of_the_field(self, label: str, codec: str, text: str) -> None:
        for order in (f"_charset_={label}&a=", "a="):
            body = order.encode() + text.encode(codec) + f"&_charset_={label}".encode()
            for content_type in (URLENCODED, URLENCODED + b"; charset=iso-8859-7", None):
                assert read_form(content_type, body).get("a") == text
            assert read_query(body).get("a") == text
        parts = multipart(field(b"a", text.encode(codec)), field(b"_charset_", label.encode()))
        assert read_form(b"multipart/form-data; boundary=xYz", parts).get("a") == text

    def test_of_a_part_is_its_own(self) -> None:
        def part(name: bytes, text: str, label: str) -> bytes:
            return field(name, text.encode(label), f"Content-Type: text/plain; charset={label}".encode())

        body = multipart(
            part(b"a", "привет", "koi8-r"), part(b"b", "žluť", "utf-8"), field(b"c", "žluť".encode("cp1250"))
        )
        form = read_form(b"multipart/form-data; boundary=xYz; charset=windows-1250", body)
        assert [form.get(name) for name in "abc"] == ["привет", "žluť", "žluť"]
        assert [form.get_secret(name) for name in "abc"] == ["привет", "žluť", "žluť"]

    @pytest.mark.parametrize(
        "label",
        [
            *[
                "utf-7",
                "utf-16",
                "utf-32",
                "idna",
                "punycode",
                "rot13",
                "unicode_escape",
                "raw_unicode_escape",
                "undefined",
                "base64",
                "hex",
            ],
            *["zlib", "mbcs", "cp037", "cp500", "iso-2022-jp", "hz", "utf_8_sig", "palmos", "x", "ÿ"],
            "",
        ],
    )
    def test_that_nobody_knows_is_none(self, label: str) -> None:
        body = b"a=+AGE-%C5%BE\\u0041"
        for content_type in (f"{URLENCODED.decode()}; charset={label}", URLENCODED.decode()):
            for more in (b"", f"&_charset_={label}".encode()):
                assert read_form(content_type.encode("latin-1"), body + more).get("a") == " AGE-ž\\u0041"

    @given(st.binary(max_size=20), st.sampled_from([label for label, _, _ in LABELS]))
    def test_any_bytes_are_text(self, value: bytes, label: str) -> None:
        form = read_form(URLENCODED + f"; charset={label}".encode(), b"a=" + quote_from_bytes(value).encode())
        (form.get("a") or "").encode()


class TestSecret:
    """Two that differ in a byte are never read as one."""

    @given(st.binary(max_size=12), st.binary(max_size=12), st.sampled_from([label for label, _, _ in LABELS]))
    def test_is_what_was_sent(self, one: bytes, other: bytes, label: str) -> None:
        kind = URLENCODED + f"; charset={label}".encode()
        read = [read_form(kind, b"a=" + quote_from_bytes(value).encode()).get_secret("a") for value in (one, other)]
        assert (read[0] == read[1]) == (one == other)

    @pytest.mark.parametrize(
        "value", [b"\xef\xf0\xe8\xe2\xe5\xf2", b"heslo\xff", b"\xed\xa0\x80", b"\xc5", b"\xc0\x80"]
    )
    def test_that_cannot_be_read_is_seen_to_be_none(self, value: bytes) -> None:
        for form in (
            read_form(URLENCODED, b"a=" + value),
            read_form(URLENCODED, b"a=" + quote_from_bytes(value).encode()),
            read_form(b"multipart/form-data", multipart(field(b"a", value))),
            read_query(b"a=" + value),
        ):
            secret = form.get_secret("a")
            assert secret is not None
            assert not is_readable(secret)
            assert "\ufffd" in (form.get("a") or "")
            assert form.get_all("a") == [form.get("a")]

    def test_of_a_byte_that_the_set_has_not(self) -> None:
        form = read_form(URLENCODED + b"; charset=windows-1251", b"a=heslo%98")
        assert not is_readable(form.get_secret("a") or "")
        assert form.get("a") == "heslo\ufffd"
        assert form.get_secret("b") is None


class TestMultipart:
    BODY = multipart(field(b"login", "Žaneta".encode()), field(b"password", b" a\r\nb "))

    @pytest.mark.parametrize(
        "content_type",
        [
            b"multipart/form-data; boundary=xYz",
            b'multipart/form-data; boundary="xYz"',
            b"Multipart/Form-Data;boundary=xYz",
            b"multipart/form-data; charset=utf-8; boundary=xYz",
            b"multipart/form-data",
            b"multipart/form-data;",
            b"multipart/form-data; boundary=",
            b"",
            None,
        ],
    )
    def test_is_read_with_and_without_its_boundary(self, content_type: bytes | None) -> None:
        form = read_form(content_type, self.BODY)
        assert form.get("login") == "Žaneta"
        assert form.get("password") == " a\r\nb "

    @pytest.mark.parametrize(
        "part",
        [
            b"content-disposition: form-data; name=login\r\n\r\nAlena",
            b'CONTENT-DISPOSITION:form-data;name="login"\r\n\r\nAlena',
            field(b"login", b"Alena", b"Content-Type: text/plain; charset=utf-8", b"content-transfer-encoding: 8bit"),
            field(b"login", b"Alena", b"Content-Length: 5"),
        ],
    )
    def test_part_headers_are_free(self, part: bytes) -> None:
        assert read_form(b"multipart/form-data; boundary=xYz", multipart(part)).get("login") == "Alena"

    def test_names_and_values_of_other_encodings_are_replaced(self) -> None:
        form = read_form(b"multipart/form-data", multipart(field("jméno".encode(), b"\xff"), field(b"\xff", b"1")))
        assert form.get("jméno") == "\ufffd"
        assert form.get("\ufffd") == "1"

    def test_files_are_passed_over(self) -> None:
        file = b'Content-Disposition: form-data; name="login"; filename="a.txt"\r\n\r\nfile'
        form = read_form(b"multipart/form-data", multipart(file, field(b"login", b"Alena")))
        assert form.get_all("login") == ["Alena"]

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"--xYz",
            b"--xYz\r\n",
            b"--xYz--\r\n",
            b"--\r\n",
            b"----\r\n\r\n",
            b"nothing of the kind",
            b"\r\n\r\n",
            multipart(b"no head at all"),
            multipart(b"Content-Disposition: attachment\r\n\r\na"),
            b"--xYz\nContent-Disposition: form-data; name=login\n\nAlena\n--xYz--",
        ],
    )
    def test_that_is_none_is_an_empty_form(self, body: bytes) -> None:
        for content_type in (b"multipart/form-data; boundary=xYz", b"multipart/form-data"):
            assert read_form(content_type, body).get("login") is None

    def test_that_breaks_off_keeps_what_was_whole(self) -> None:
        for cut in range(len(self.BODY)):
            form = read_form(b"multipart/form-data; boundary=xYz", self.BODY[:cut])
            assert form.get("login") in (None, "Žaneta")
            assert form.get("password") in (None, " a\r\nb ")

    def test_has_limits(self) -> None:
        part = field(b"a", b"1")
        kind = b"multipart/form-data; boundary=xYz"
        assert len(read_form(kind, multipart(*[part] * SMALL.fields)).get_all("a")) == SMALL.fields
        for body in (
            multipart(*[part] * (SMALL.fields + 1)),
            multipart(*[part] * 20_000),
            multipart(field(b"a", b"1" * (SMALL.value_bytes + 1))),
            multipart(field(b"a", b"1", *[b"X-A: b"] * MAX_PART_HEADERS)),
            multipart(field(b"a", b"1", b"X-A: " + b"b" * 50_000)),
        ):
            with pytest.raises(FormRefused):
                read_form(kind, body)


types = (
    st.sampled_from([None, b"", URLENCODED, b"multipart/form-data", b"multipart/form-data; boundary=a"]) | st.binary()
)
pieces = st.sampled_from(
    [
        b"--a",
        b"--",
        b"\r\n",
        b"\n",
        b"Content-Disposition: form-data; name=x",
        b'; filename="',
        b":",
        b";",
        b"&",
        b"=",
        b"%",
    ]
)


@given(types, st.binary() | st.lists(pieces | st.binary(max_size=3), max_size=15).map(b"".join))
def test_anything_at_all_is_a_form_or_refused(content_type: bytes | None, body: bytes) -> None:
    try:
        form = read_form(content_type, body)
    except FormRefused:
        return
    for value in form.get_all("x", ""):
        value.encode("utf-8")


def test_names_may_have_several_spellings() -> None:
    form = read_query(b"Id=2&id=1&CoNtacts=3&CoNtacts=4")
    assert form.get("id", "Id") == "1"
    assert form.get("nothing", "Id") == "2"
    assert form.get_all("CoNtacts", "id") == ["1", "3", "4"]
    assert "Id" in form
    assert "ID" not in form
