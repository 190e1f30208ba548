"""A member's picture becomes a small one of nothing but pixels, as the member sees it."""

import io
from collections.abc import Callable

import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from beseda.adapters.pixels import draw_text, make_small
from unit.adapters.made import SECRET, behind_start, chunk, gif, png, save, segment, segments

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
ORIENTATION, DESCRIPTION = 0x0112, 0x010E
CORNERS = {(0, 0): RED, (1, 0): GREEN, (0, 1): BLUE, (1, 1): WHITE}
TURNED = {
    1: (RED, GREEN, BLUE, WHITE),
    2: (GREEN, RED, WHITE, BLUE),
    3: (WHITE, BLUE, GREEN, RED),
    4: (BLUE, WHITE, RED, GREEN),
    5: (RED, BLUE, GREEN, WHITE),
    6: (BLUE, RED, WHITE, GREEN),
    7: (WHITE, GREEN, BLUE, RED),
    8: (GREEN, WHITE, RED, BLUE),
}
"""Left above, right above, left below, right below, by how the camera was held."""


def shown(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(make_small(content)))
    assert (picture.format, picture.mode) == ("JPEG", "RGB")
    return picture


def near(colour: object, wanted: tuple[int, int, int], most: int = 12) -> bool:
    assert isinstance(colour, tuple)
    return all(abs(one - other) <= most for one, other in zip(colour, wanted, strict=True))


def four_corners(width: int = 400, height: int = 320) -> Image.Image:
    picture = Image.new("RGB", (width, height))
    for (x, y), colour in CORNERS.items():
        picture.paste(colour, (x * width // 2, y * height // 2, (x + 1) * width // 2, (y + 1) * height // 2))
    return picture


def test_the_middle_is_shown() -> None:
    for turned in (False, True):
        wide = Image.new("RGB", (900, 300), RED)
        wide.paste(GREEN, (300, 0, 600, 300))
        small = shown(save(wide.transpose(Image.Transpose.ROTATE_90) if turned else wide, "PNG"))
        assert small.size == (200, 200)
        assert all(near(small.getpixel(place), GREEN) for place in ((4, 4), (195, 4), (4, 195), (195, 195)))


def exif(orientation: int = 1) -> Image.Exif:
    found = Image.Exif()
    found[ORIENTATION] = orientation
    found[DESCRIPTION] = SECRET.decode()
    return found


def swapped_profile() -> bytes:
    """An ICC profile in which what is called red is green, and the other way round."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


def texts() -> PngInfo:
    info = PngInfo()
    info.add_text("Comment", SECRET.decode())
    info.add_text("Author", SECRET.decode(), zip=True)
    info.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    return info


TELLING: dict[str, Callable[[Image.Image], bytes]] = {
    "JPEG comment": lambda picture: save(picture, "JPEG", comment=SECRET),
    "JPEG comment behind others": lambda picture: behind_start(
        save(picture, "JPEG"), *(segment(marker, SECRET) for marker in (*range(0xE0, 0xF0), 0xFE, 0xFE))
    ),
    "JPEG Exif": lambda picture: save(picture, "JPEG", exif=exif()),
    "JPEG XMP": lambda picture: save(picture, "JPEG", xmp=SECRET),
    "JPEG profile": lambda picture: save(picture, "JPEG", icc_profile=swapped_profile() + SECRET),
    "several JPEGs": lambda picture: save(picture, "MPO", save_all=True, append_images=[picture], comment=SECRET),
    "PNG texts": lambda picture: save(picture, "PNG", pnginfo=texts(), exif=exif(), icc_profile=swapped_profile()),
    "PNG of colours with texts": lambda picture: save(picture.convert("P"), "PNG", pnginfo=texts(), dpi=(77, 77)),
    "GIF comment": lambda picture: save(picture.convert("P"), "GIF", comment=SECRET),
    "GIF extension": lambda _: gif(b"\x21\xff\x0bXMP DataXMP" + bytes((len(SECRET),)) + SECRET + b"\0"),
    "WebP": lambda picture: save(picture, "WEBP", exif=exif(), xmp=SECRET, icc_profile=swapped_profile()),
}


@pytest.mark.parametrize("name", TELLING)
def test_nothing_but_pixels_is_kept(name: str) -> None:
    content = TELLING[name](four_corners())
    small = make_small(content)
    assert SECRET in content or "text" in name or "profile" in name
    assert SECRET not in small
    markers = [marker for marker, _ in segments(small)]
    # What JFIF itself writes, tables, the frame, the pixels.
    assert set(markers) <= {0xE0, 0xDB, 0xC0, 0xC4, 0xDA}
    assert [part for marker, part in segments(small) if marker == 0xE0] == [
        b"\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0",
    ]
    assert small.endswith(b"\xff\xd9")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", TURNED)
def test_it_stands_upright(form: str, orientation: int) -> None:
    picture = shown(save(four_corners(), form, exif=exif(orientation), quality=95))
    assert picture.size == (200, 200)
    width, height = picture.size
    places = [(width // 4, height // 4), (width * 3 // 4, height // 4)]
    places += [(x, height * 3 // 4) for x, _ in places]
    for place, wanted in zip(places, TURNED[orientation], strict=True):
        assert near(picture.getpixel(place), wanted)


@pytest.mark.parametrize("content", [b"Exif\0\0", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"Exif\0\0" + b"\xff" * 200])
def test_a_damaged_orientation_is_none(content: bytes) -> None:
    assert shown(behind_start(save(four_corners(), "JPEG"), segment(0xE1, content))).size == (200, 200)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_colours_are_those_of_its_profile(form: str) -> None:
    red = Image.new("RGB", (64, 64), RED)
    assert near(shown(save(red, form)).getpixel((9, 9)), RED)
    assert near(shown(save(red, form, icc_profile=swapped_profile())).getpixel((9, 9)), GREEN)
    assert near(shown(save(red, form, icc_profile=SECRET * 40)).getpixel((9, 9)), RED)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_every_kind_of_pixels(mode: str) -> None:
    """A white field on black stays that."""
    picture = Image.new("L", (300, 300))
    picture.paste(255, (150, 0, 300, 300))
    if mode == "I;16":
        deep = picture.convert("I").point(lambda value: value * 257)
        content = save(deep.convert("I;16"), "PNG")
    elif mode == "CMYK":
        content = save(picture.convert("RGB").convert("CMYK"), "JPEG")
    else:
        content = save(picture.convert("RGB").convert(mode), "PNG")
    small = shown(content)
    assert near(small.getpixel((40, 100)), (0, 0, 0))
    assert near(small.getpixel((160, 100)), WHITE)


def test_grey_of_16_bits() -> None:
    assert near(shown(png(colour=0, depth=16, pixel=b"\x80\0")).getpixel((4, 4)), (128, 128, 128))
    through = chunk(b"tRNS", b"\x80\0")
    assert near(shown(png(through, colour=0, depth=16, pixel=b"\x80\0")).getpixel((4, 4)), (128, 128, 128))


@pytest.mark.parametrize("form", ["PNG", "WEBP", "GIF"])
def test_what_nobody_sees_is_white(form: str) -> None:
    """Under a transparent field there may be anything: it is not shown."""
    picture = Image.new("RGBA", (64, 64), (200, 30, 30, 0))
    picture.paste((0, 0, 255, 255), (0, 0, 32, 64))
    small = shown(save(picture, form, lossless=True, exact=True) if form == "WEBP" else save(picture, form))
    assert near(small.getpixel((8, 32)), BLUE)
    assert near(small.getpixel((56, 32)), WHITE)


def test_the_first_frame_is_the_picture() -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in (RED, GREEN, BLUE)]
    for form in ("GIF", "WEBP", "PNG"):
        assert near(shown(save(frames[0], form, save_all=True, append_images=frames[1:])).getpixel((9, 9)), RED)


def test_digits_are_drawn() -> None:
    with Image.open(io.BytesIO(draw_text(b"0427"))) as picture:
        assert (picture.format, picture.size[1]) == ("PNG", 60)
