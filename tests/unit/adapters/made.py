"""Pictures that are good, damaged or bombs, put together from bytes."""

import io
import struct
import zlib
from typing import Any

from PIL import Image

SECRET = b"tajne-souradnice"
Segments = list[tuple[int, bytes]]


def save(picture: Image.Image, form: str, **options: Any) -> bytes:
    content = io.BytesIO()
    picture.save(content, form, **options)
    return content.getvalue()


def segments(jpeg: bytes) -> Segments:
    """The marker and the bytes of each segment, pixels with their scan's."""
    found, at = [], 2
    while jpeg[at + 1] != 0xD9:
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        while jpeg[at + 1] == 0xDA and not (jpeg[end] == 0xFF and jpeg[end + 1] not in (0, *range(0xD0, 0xD8))):
            end += 1
        found.append((jpeg[at + 1], jpeg[at:end]))
        at = end
    return found


def segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content


def jpeg_of_scans(count: int, side_px: int = 64) -> bytes:
    """A good one in which the same scan comes again and again."""
    parts = segments(save(Image.new("L", (side_px, side_px), 100), "JPEG", progressive=True))
    second = [number for number, (marker, _) in enumerate(parts) if marker == 0xDA][1]
    head = b"".join(content for _, content in parts[: second + 1])
    return b"\xff\xd8" + head + parts[second][1] * (count - 2) + b"\xff\xd9"


def behind_start(jpeg: bytes, *more: bytes) -> bytes:
    return jpeg[:2] + b"".join(more) + jpeg[2:]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    *more: bytes, side_px: int = 8, depth: int = 8, colour: int = 2, pixel: bytes = b"\1\2\3", split: int = 0
) -> bytes:
    """Of one colour; `more` stands before the pixels, which come in chunks of `split` bytes."""
    data = zlib.compress((b"\0" + pixel * side_px) * side_px)
    pieces = [data[at : at + split] for at in range(0, len(data), split)] if split else [data]
    head = struct.pack(">IIBBBBB", side_px, side_px, depth, colour, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", head),
            *more,
            *(chunk(b"IDAT", piece) for piece in pieces),
            chunk(b"IEND", b""),
        )
    )


def gif(*more: bytes) -> bytes:
    """`more` stands before the picture."""
    whole = save(Image.new("P", (8, 8)), "GIF")
    at = 13 + (3 * 2 ** (whole[10] % 8 + 1) if whole[10] & 0x80 else 0)
    return whole[:at] + b"".join(more) + whole[at:]


def webp(*more: bytes) -> bytes:
    """`more` are chunks behind the picture."""
    whole = save(Image.new("RGB", (8, 8)), "WEBP", exif=b"Exif\0\0" + Image.Exif().tobytes())
    return b"RIFF" + struct.pack("<I", len(whole) - 8 + len(b"".join(more))) + whole[8:] + b"".join(more)
