"""Form bodies as clients really send them."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.api.forms import MAX_PART_HEADERS, SMALL, FormRefused, read_form, read_query

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
