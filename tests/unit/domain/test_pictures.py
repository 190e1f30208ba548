"""Nothing is told beside the pixels of a picture that was kept before that was a rule."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from beseda.domain.pictures import only_pixels
from unit.adapters.made import SECRET, behind_start, save, segment, segments

PICTURE = save(Image.radial_gradient("L").convert("RGB"), "JPEG")


def pixels(jpeg: bytes) -> bytes:
    return Image.open(io.BytesIO(jpeg)).tobytes()


def test_a_bare_picture_stays_as_it_is() -> None:
    assert only_pixels(PICTURE) == PICTURE


def test_comments_and_places_go() -> None:
    beside = [segment(marker, SECRET) for marker in (0xFE, 0xE1, 0xE2, 0xED, 0xEF, 0xFE)]
    told = behind_start(save(Image.open(io.BytesIO(PICTURE)), "JPEG", comment=SECRET), *beside)
    bare = only_pixels(told)
    assert SECRET in told
    assert SECRET not in bare
    assert pixels(bare) == pixels(told)
    assert {marker for marker, _ in segments(bare)} == {marker for marker, _ in segments(PICTURE)}


@given(st.binary(max_size=60))
def test_what_is_no_picture_is_no_trouble(content: bytes) -> None:
    assert len(only_pixels(content)) <= len(content)
    assert len(only_pixels(b"\xff\xd8" + content)) <= len(content) + 2


def test_what_ends_with_a_comment_ends_before_it() -> None:
    assert only_pixels(b"\xff\xd8\xff\xfe\x00\x02") == b"\xff\xd8"
    assert only_pixels(b"\xff\xd8\xff\xfe\x00\x00\xff\xd9") == b"\xff\xd8\xff\xd9"
    assert only_pixels(b"\xff\xd8\xff\xfe\x00") == b"\xff\xd8\xff\xfe\x00"


def test_what_stands_behind_a_segment_is_one_until_the_pixels_begin() -> None:
    kept, pixels = b"\xff\xd8\xff\xe0\x00\x03\xda", b"\xff\xda\x00\x02\xff\xfe\x00\x02"
    assert only_pixels(kept + b"\xff\xfe\x00\x02") == kept
    assert only_pixels(kept + pixels) == kept + pixels


def test_a_segment_is_as_long_as_it_says() -> None:
    assert only_pixels(b"\xff\xd8" + segment(0xFE, bytes(300)) + b"\xff\xd9") == b"\xff\xd8\xff\xd9"


@pytest.mark.parametrize("marker", [0xE0, 0xEE, 0xF0])
def test_what_pixels_need_or_nobody_knows_stays(marker: int) -> None:
    picture = b"\xff\xd8" + segment(marker, b"x") + b"\xff\xd9"
    assert only_pixels(picture) == picture
