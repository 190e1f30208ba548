"""What a file asks of a decoder is counted without one, whatever stands in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from beseda.adapters.picture_parts import PARTS_MAX, SCANS_MAX, TooMuch, check_parts
from unit.adapters.made import SECRET, behind_start, chunk, gif, jpeg_of_scans, png, save, segment, segments, webp

JPEG = save(Image.new("RGB", (64, 64)), "JPEG", progressive=True)
SOS = b"\xff\xda"
HIDDEN = SOS * (SCANS_MAX + 1)
LAST = [content for marker, content in segments(jpeg_of_scans(3)) if marker == 0xDA][-1]
"""A whole scan, of which a file may have up to a hundred."""
EMPTY_TEXT = chunk(b"tEXt", b"k\0")
EMPTY_COMMENT = b"\x21\xfe\x01a\x00"
GOOD = {
    "as programs write it": JPEG,
    "with as many scans as may be": jpeg_of_scans(SCANS_MAX),
    "a comment full of scans": behind_start(JPEG, segment(0xFE, HIDDEN)),
    "a preview": behind_start(JPEG, segment(0xE1, b"Exif\0\0" + jpeg_of_scans(SCANS_MAX)), segment(0xE2, JPEG)),
    "several pictures in one file": JPEG + jpeg_of_scans(SCANS_MAX) * 3,
    "bytes behind the end": JPEG + HIDDEN,
    "escaped in the pixels": jpeg_of_scans(SCANS_MAX)[:-2] + b"\xff\x00\xda" * 200 + b"\xff\xd9",
    "escaped behind fill bytes": jpeg_of_scans(SCANS_MAX)[:-2] + b"\xff\xff\xff\x00\xda" * 200 + b"\xff\xd9",
    "thousands of restarts": jpeg_of_scans(SCANS_MAX)[:-2] + b"\xff\xd0\x00" * 5000 + b"\xff\xd9",
    "cut off": JPEG[:-40],
    "cut off inside a length": JPEG[:5],
    "PNG": png(EMPTY_TEXT * 100),
    "PNG in many pieces": png(side_px=64, split=1),
    "PNG with a length out of the world": png() + b"\xff" * 8,
    "GIF": gif(EMPTY_COMMENT * 100),
    "GIF with a long comment": gif(b"\x21\xfe" + b"\x01," * PARTS_MAX * 2 + b"\x00"),
    "GIF of many frames": save(
        Image.new("P", (8, 8)), "GIF", save_all=True, append_images=[Image.new("P", (8, 8), n) for n in range(200)]
    ),
    "GIF without an end": gif()[:-1],
    "GIF head alone": b"GIF89a",
    "WebP": webp(),
    "WebP of many frames": save(
        Image.new("RGB", (8, 8)),
        "WEBP",
        save_all=True,
        append_images=[Image.new("RGB", (8, 8), (n, 0, 0)) for n in range(200)],
    ),
}
BAD = {
    "one scan too many": jpeg_of_scans(SCANS_MAX + 1),
    "the file that took 103 s": jpeg_of_scans(13_687),
    "fill bytes before each": jpeg_of_scans(3)[:-2] + (b"\xff\xff\xff" + LAST) * SCANS_MAX + b"\xff\xd9",
    "bytes of nothing before each": jpeg_of_scans(3)[:-2] + (b"\x00\x01" + LAST) * SCANS_MAX + b"\xff\xd9",
    "restarts before each": jpeg_of_scans(3)[:-2] + (b"\xff\xd3" + LAST) * SCANS_MAX + b"\xff\xd9",
    "comments before each": jpeg_of_scans(3)[:-2] + (segment(0xFE, SECRET) + LAST) * SCANS_MAX + b"\xff\xd9",
    "without an end": jpeg_of_scans(SCANS_MAX + 1)[:-2],
    "lengths that are none": b"\xff\xd8" + b"\xff\xda\x00\x00" * (SCANS_MAX + 1),
    "tables": behind_start(JPEG, segment(0xFE, b"") * (PARTS_MAX + 1)),
    "Exif in pieces": behind_start(JPEG, segment(0xE1, b"Exif\0\0aaaa") * (PARTS_MAX + 1)),
    "PNG texts": png(EMPTY_TEXT * (PARTS_MAX + 1)),
    "PNG compressed texts": png(chunk(b"zTXt", b"k\0\0x") * (PARTS_MAX + 1)),
    "PNG pixels in empty pieces": png(chunk(b"IDAT", b"") * (PARTS_MAX + 1)),
    "PNG frames": png(chunk(b"fcTL", b"\0" * 26) * (PARTS_MAX + 1)),
    "GIF comments": gif(EMPTY_COMMENT * (PARTS_MAX + 1)),
    "GIF frames": gif((b"," + b"\0" * 9 + b"\2\0") * (PARTS_MAX + 1)),
    "WebP chunks": webp(b"XXXX\0\0\0\0" * (PARTS_MAX + 1)),
    "nothing": b"",
    "another format": save(Image.new("RGB", (8, 8)), "BMP"),
    "a sound": b"RIFF\0\0\0\0WAVEfmt ",
}


@pytest.mark.parametrize("name", GOOD)
def test_may_be_decoded(name: str) -> None:
    check_parts(GOOD[name])


@pytest.mark.parametrize("name", BAD)
def test_is_too_much(name: str) -> None:
    with pytest.raises(TooMuch):
        check_parts(BAD[name])


@pytest.mark.parametrize(
    "unit", [b"\xff", b"\xff\x00", b"\xff\xd0", b"\xff\x01", b"\0", b"!\xfe\0", b";", b"\xff\xff\0"]
)
@pytest.mark.parametrize("head", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a" + b"\0" * 7, b"RIFF\0\0\0\0WEBP"])
@pytest.mark.timeout(10)
def test_takes_no_longer_than_reading_the_file(head: bytes, unit: bytes) -> None:
    """A search that looked back from every byte would take minutes."""
    try:
        check_parts(head + unit * (512 * 1024 // len(unit)))
    except TooMuch:
        return


@given(st.sampled_from([*GOOD.values(), *(content[:3000] for content in BAD.values())]), st.data())
def test_a_damaged_file_is_decided_too(content: bytes, data: st.DataObject) -> None:
    damaged = bytearray(content[:5000])
    for _ in range(data.draw(st.integers(0, 8))):
        if damaged:
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        check_parts(bytes(damaged))
    except TooMuch:
        return
