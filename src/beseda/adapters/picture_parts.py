"""What a picture's file asks of a decoder, counted before any decoder sees it.

A file of a few hundred kilobytes can ask for hours of work: a JPEG may go over all its pixels again for each scan of 33
bytes, and what stands beside the pixels can come in hundreds of thousands of pieces. Nobody's picture is like that.
"""

import re
from collections.abc import Iterator
from typing import Literal

SIDE_MAX_PX = 200
SOURCE_MAX_PX = 4096 * 4096
"""What would be unpacked from more is a bomb, whatever the file's size."""
SCANS_MAX = 100
"""Of a JPEG; those that programs write have at most a dozen."""
PARTS_MAX = 4096
"""Segments, chunks or blocks of a file: with frames, texts and profiles, real ones have some hundreds."""

_SEGMENT = re.compile(rb"\xff[\xc0-\xcf\xd9-\xfe]")
"""A JPEG's markers that something follows, and the end; those without a length are passed over with the pixels."""
_SCAN, _END = 0xDA, 0xD9


class TooMuch(ValueError):
    """More parts or scans than anybody's picture has, or none of the four formats."""


def check_parts(content: bytes) -> None:
    """Whether the file may be given to a decoder, which decides all else. Raises TooMuch."""
    scans = 0
    for number, part in enumerate(_parts(content), 1):
        scans += part == _SCAN
        if number > PARTS_MAX or scans > SCANS_MAX:
            raise TooMuch


def _parts(content: bytes) -> Iterator[int]:
    if content.startswith(b"\xff\xd8\xff"):
        return _segments(content)
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return _chunks(content, 8, "big", 4)
    if content.startswith((b"GIF87a", b"GIF89a")):
        return _blocks(content)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return _chunks(content, 12, "little", 0)
    raise TooMuch


def _segments(content: bytes) -> Iterator[int]:
    """The markers up to the end of the first image (ITU T.81, B.1), found as decoders find them: whatever stands
    before a marker is passed over, and what a segment holds (a preview, say) is none of the picture."""
    at = 2
    while found := _SEGMENT.search(content, at):
        at, marker = found.end(), found[0][1]
        if marker == _END:
            return
        yield marker
        at += max(2, int.from_bytes(content[at : at + 2], "big"))


def _chunks(content: bytes, at: int, order: Literal["big", "little"], check_bytes: int) -> Iterator[int]:
    """Those of PNG (a length, a kind, data, a checksum) and of RIFF (a kind, a length, data of even length)."""
    while at + 8 <= len(content):
        yield 0
        length = content[at : at + 4] if order == "big" else content[at + 4 : at + 8]
        size = int.from_bytes(length, order)
        at += 8 + size + (check_bytes or size % 2)


def _blocks(content: bytes) -> Iterator[int]:
    """Images and extensions (GIF89a, 20 to 26); between them decoders pass over what is neither."""
    at, end = 13 + _colours(content[10:11]), len(content)
    while at < end and content[at] != ord(";"):
        if content[at] == ord("!"):
            at += 2
        elif content[at] == ord(","):
            at += 11 + _colours(content[at + 9 : at + 10])
        else:
            at += 1
            continue
        yield 0
        while at < end and content[at]:
            at += 1 + content[at]
        at += 1


def _colours(flags: bytes) -> int:
    """Bytes of the table of colours that the flags announce."""
    return 3 * 2 ** (flags[0] % 8 + 1) if flags and flags[0] & 0x80 else 0
