"""Form bodies as clients really send them: urlencoded or multipart, with or without what the standards ask for.

Text is in the character set that its part declares, or the field `_charset_`, or the body's Content-Type (RFC 7578,
4.6); UTF-8 where none does, or none that is known. Bytes that are none of its characters are replaced, never refused,
but not in secrets: those keep them as lone surrogates, which no secret has. What is no form is an empty form.
"""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from beseda.api.charsets import find_codec

MAX_PART_HEADERS = 8
TYPE_KEPT_BYTES = 50
"""Types of bodies that are no longer than this are read once: all clients send the same few. Boundaries are longer."""


class FormLimits(NamedTuple):
    """How much of a form is read."""

    fields: int
    value_bytes: int


SMALL = FormLimits(fields=32, value_bytes=8 * 1024)
LARGE = FormLimits(fields=256, value_bytes=64 * 1024)
"""Letters, and lists as repeated fields."""


class FormRefused(ValueError):
    """More fields, or a longer value, than are read."""


CHARSET_FIELD = b"_charset_"
"""Where browsers write which character set they used (HTML Standard, 4.10.22.5)."""
_UNDECODED = re.compile("[\udc80-\udcff]")


_Sent = tuple[bytes, bytes, str | None]
"""A field as it came: name, value, and the character set that its own part declares."""


class Form:
    """Fields in the order sent; names are case-sensitive and may stand several times.

    In values that are given to it, bytes that could not be decoded stand as lone surrogates (PEP 383).
    """

    __slots__ = ("_fields",)

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        self._fields = fields

    def get(self, *names: str) -> str | None:
        """The first value of the first of these names that was sent."""
        for wanted in names:
            for name, value in self._fields:
                if name == wanted:
                    return value if value.isascii() else _shown(value)
        return None

    def get_secret(self, *names: str) -> str | None:
        """The same for what must be exactly what was sent: no two different values are read as one."""
        for wanted in names:
            for name, value in self._fields:
                if name == wanted:
                    return value
        return None

    def get_all(self, *names: str) -> list[str]:
        """Every value of any of these names."""
        return [_shown(value) for name, value in self._fields if name in names]

    def __contains__(self, name: str) -> bool:
        return any(name == field for field, _ in self._fields)


def _shown(value: str) -> str:
    return value if value.isascii() else _UNDECODED.sub("\ufffd", value)


def read_form(content_type: bytes | None, body: bytes, limits: FormLimits = SMALL) -> Form:
    """The fields of a body. Raises FormRefused."""
    kind, charset, boundary = _read_type(content_type or b"")
    if kind == "multipart/form-data" or (not kind and body.startswith(b"--")):
        return _decode(_multipart(boundary, body, limits), charset)
    return _read_plain(body, limits) or _decode(_urlencoded(body, limits), charset)


def _read_type(content_type: bytes) -> tuple[str, str | None, bytes]:
    """The kind of a body in small letters, the character set and the boundary that its type names."""
    return _read_short_type(content_type) if len(content_type) <= TYPE_KEPT_BYTES else _parse_type(content_type)


def _parse_type(content_type: bytes) -> tuple[str, str | None, bytes]:
    if b";" not in content_type:
        return content_type.decode("latin-1").strip().lower(), None, b""
    import multipart

    kind, options = multipart.parse_options_header(content_type.decode("latin-1"))
    boundary = options.get("boundary", "").encode("latin-1", "replace")
    return kind.strip().lower(), options.get("charset"), boundary


_read_short_type = lru_cache(maxsize=256)(_parse_type)


def read_query(query: bytes, limits: FormLimits = SMALL) -> Form:
    """The fields of a query string; bytes may stand in it unescaped. Raises FormRefused."""
    return _read_plain(query, limits) or _decode(_urlencoded(query, limits), None)


def _decode(sent: list[_Sent], declared: str | None) -> Form:
    named = next((value.decode("latin-1") for name, value, _ in sent if name == CHARSET_FIELD), None)
    codec = find_codec(named) or find_codec(declared) or "utf-8"
    return Form(
        [
            (name.decode(codec, "replace"), value.decode(find_codec(charset) or codec, "surrogateescape"))
            for name, value, charset in sent
        ]
    )


def _read_plain(text: bytes, limits: FormLimits) -> Form | None:
    """A form in which at most spaces are escaped, and which is short: the same in every charset. None for others."""
    if len(text) > limits.value_bytes or not text.isascii() or b"%" in text:
        return None
    pairs = text.decode("ascii").replace("+", " ").split("&")
    if len(pairs) > limits.fields:
        return None
    return Form([(name, value) for name, _, value in [pair.partition("=") for pair in pairs if pair]])


def _urlencoded(query: bytes, limits: FormLimits) -> list[_Sent]:
    if query.count(b"&") >= limits.fields:
        raise FormRefused("too many fields")
    fields: list[_Sent] = []
    for pair in filter(None, query.split(b"&")):
        name, _, value = pair.partition(b"=")
        if len(value) > 3 * limits.value_bytes or len(unescaped := _unescape(value)) > limits.value_bytes:
            raise FormRefused("a value is too long")
        fields.append((_unescape(name), unescaped, None))
    return fields


def _unescape(text: bytes) -> bytes:
    return unquote_to_bytes(text.replace(b"+", b" ")) if b"%" in text or b"+" in text else text


def _multipart(boundary: bytes, body: bytes, limits: FormLimits) -> list[_Sent]:
    """The fields without a file name. A missing boundary is read off the first line: some clients send none."""
    if not boundary:
        first = body.lstrip(b"\r\n").split(b"\r\n", 1)[0]
        boundary = first.removeprefix(b"--") if first.startswith(b"--") else b""
    if not boundary:
        return []
    import multipart

    fields: list[_Sent] = []
    part, value = None, bytearray()
    try:
        parser = multipart.PushMultipartParser(
            boundary,
            max_header_count=MAX_PART_HEADERS,
            max_segment_count=limits.fields,
            max_segment_size=limits.value_bytes,
            header_charset="latin-1",
        )
        for event in parser.parse(body):
            if isinstance(event, multipart.MultipartSegment):
                part, value = event, bytearray()
            elif event:
                value += event
            elif part is not None and part.filename is None:
                fields.append(((part.name or "").encode("latin-1"), bytes(value), part.charset))
    except multipart.ParserLimitReached as error:
        raise FormRefused("too many fields, or a value is too long") from error
    except multipart.MultipartError:
        return fields
    return fields


def read_file(content_type: bytes | None, body: bytes, wanted: str, *, max_bytes: int) -> bytes:
    """The content of the file of that name in a multipart body; b"" when there is none. Raises FormRefused."""
    _, _, boundary = _read_type(content_type or b"")
    if not boundary:
        return b""
    import multipart

    content, inside = bytearray(), False
    try:
        parser = multipart.PushMultipartParser(
            boundary,
            max_header_count=MAX_PART_HEADERS,
            max_segment_count=SMALL.fields,
            max_segment_size=max_bytes,
            header_charset="latin-1",
        )
        for event in parser.parse(body):
            if isinstance(event, multipart.MultipartSegment):
                inside = event.name == wanted and event.filename is not None
            elif event and inside:
                content += event
    except multipart.MultipartError as error:
        raise FormRefused("no file that can be read") from error
    return bytes(content)
