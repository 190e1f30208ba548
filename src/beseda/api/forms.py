"""Form bodies as clients really send them: urlencoded or multipart, with or without what the standards ask for.

Bytes that are not UTF-8 are replaced, never refused; what is no form is an empty form.
"""

from typing import NamedTuple
from urllib.parse import unquote_to_bytes

import multipart

MAX_PART_HEADERS = 8


class FormLimits(NamedTuple):
    """How much of a form is read."""

    fields: int
    value_bytes: int


SMALL = FormLimits(fields=32, value_bytes=8 * 1024)
LARGE = FormLimits(fields=256, value_bytes=64 * 1024)
"""Letters, and lists as repeated fields."""


class FormRefused(ValueError):
    """More fields, or a longer value, than are read."""


class Form:
    """Fields in the order sent; names are case-sensitive and may stand several times."""

    __slots__ = ("_fields",)

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        self._fields = fields

    def get(self, *names: str) -> str | None:
        """The first value of the first of these names that was sent."""
        for wanted in names:
            for name, value in self._fields:
                if name == wanted:
                    return value
        return None

    def get_all(self, *names: str) -> list[str]:
        """Every value of any of these names."""
        return [value for name, value in self._fields if name in names]

    def __contains__(self, name: str) -> bool:
        return any(name == field for field, _ in self._fields)


def read_form(content_type: bytes | None, body: bytes, limits: FormLimits = SMALL) -> Form:
    """The fields of a body. Raises FormRefused."""
    kind, options = multipart.parse_options_header((content_type or b"").decode("latin-1"))
    if kind.strip().lower() == "multipart/form-data" or (not kind and body.startswith(b"--")):
        return Form(_multipart(options.get("boundary", "").encode("latin-1", "replace"), body, limits))
    return read_query(body, limits)


def read_query(query: bytes, limits: FormLimits = SMALL) -> Form:
    """The fields of a query string or an urlencoded body; bytes may stand in it unescaped."""
    if query.count(b"&") >= limits.fields:
        raise FormRefused("too many fields")
    fields: list[tuple[str, str]] = []
    for pair in filter(None, query.split(b"&")):
        name, _, value = pair.partition(b"=")
        if len(value) > 3 * limits.value_bytes or len(decoded := _unescape(value)) > limits.value_bytes:
            raise FormRefused("a value is too long")
        fields.append((_unescape(name), decoded))
    return Form(fields)


def _unescape(text: bytes) -> str:
    if b"%" in text or b"+" in text:
        text = unquote_to_bytes(text.replace(b"+", b" "))
    return text.decode("utf-8", "replace")


def _multipart(boundary: bytes, body: bytes, limits: FormLimits) -> list[tuple[str, str]]:
    """The fields without a file name. A missing boundary is read off the first line: some clients send none."""
    if not boundary:
        first = body.lstrip(b"\r\n").split(b"\r\n", 1)[0]
        boundary = first.removeprefix(b"--") if first.startswith(b"--") else b""
    if not boundary:
        return []
    fields: list[tuple[str, str]] = []
    name, value, is_file = "", bytearray(), False
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
                name, value = event.name.encode("latin-1").decode("utf-8", "replace"), bytearray()
                is_file = event.filename is not None
            elif event:
                value += event
            elif not is_file:
                fields.append((name, value.decode("utf-8", "replace")))
    except multipart.ParserLimitReached as error:
        raise FormRefused("too many fields, or a value is too long") from error
    except multipart.MultipartError:
        return fields
    return fields


def read_file(content_type: bytes | None, body: bytes, wanted: str, *, max_bytes: int) -> bytes:
    """The content of the file of that name in a multipart body; b"" when there is none. Raises FormRefused."""
    _, options = multipart.parse_options_header((content_type or b"").decode("latin-1"))
    boundary = options.get("boundary", "").encode("latin-1", "replace")
    if not boundary:
        return b""
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
