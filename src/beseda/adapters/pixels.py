"""The process in which pictures are decoded and drawn, as `python -m beseda.adapters.pixels`.

It answers requests one after another: each is a length of four bytes, a letter that says what is wanted, and content;
each answer a length, then 1 and the result, or 0; an empty answer says that it is ready. It has no secrets, little
memory, writes no file, and imports nothing of the server: who brings a decoder down, or takes it over, has gained
nothing. `adapters/processes.py` talks to it.
"""

import contextlib
import gc
import io
import os
import resource
import signal
import sys
import warnings
from collections.abc import Callable
from typing import BinaryIO

from PIL import Image, ImageCms

from beseda.adapters.picture_parts import SIDE_MAX_PX, SOURCE_MAX_PX, check_parts

MEMORY_MAX_BYTES = 448 * 1024 * 1024
"""Address space, the libraries included; a WebP of 4096 x 4096 pixels, the worst that is good, needs 300 MiB."""
WORK_MAX_S = 30
"""Who started this process ends it long before; this is for when he is gone."""
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
PAPER = (255, 255, 255)
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How the camera was held (Exif 2.3, 4.6.4.A), to what makes it upright."""
CAPTCHA_PX = (160, 60)

Image.MAX_IMAGE_PIXELS = SOURCE_MAX_PX // 2  # Pillow warns of more, and refuses more than twice as much


def make_small(content: bytes) -> bytes:
    """The middle as a JPEG of at most 200 x 200 pixels, upright, in sRGB, on white, and nothing but pixels.

    Raises whatever a damaged picture sets off in a decoder.
    """
    check_parts(content)
    with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(content), formats=FORMATS) as source:
        pixels: Image.Image = source
        if source.mode in ("1", "P"):
            pixels = source.convert("RGBA" if source.has_transparency_data else "RGB")
        elif source.mode.startswith("I"):  # 16 bits of grey
            source.info.pop("transparency", None)
            pixels = source.convert("I").point(lambda value: value * (1 / 256)).convert("L")
        pixels = _upright(_middle(pixels), source)
        mask = pixels.convert("RGBA").getchannel("A") if pixels.has_transparency_data else None
        pixels = _in_srgb(pixels, source.info.get("icc_profile"))
    # A new picture has no comments, texts or profiles to write.
    clean = Image.new("RGB", pixels.size, PAPER)
    clean.paste(pixels, mask=mask)
    small = io.BytesIO()
    clean.save(small, "JPEG", quality=85)
    return small.getvalue()


def _middle(pixels: Image.Image) -> Image.Image:
    """The largest square, made small; whoever wants another sends one."""
    width, height = pixels.size
    pixels.thumbnail((width, SIDE_MAX_PX) if width > height else (SIDE_MAX_PX, height))
    (width, height), side = pixels.size, min(pixels.size)
    left, top = (width - side) // 2, (height - side) // 2
    return pixels.crop((left, top, left + side, top + side))


def _upright(pixels: Image.Image, source: Image.Image) -> Image.Image:
    turn = None
    with contextlib.suppress(Exception):  # nobody's picture is refused for what stands beside the pixels
        turn = TURNS.get(source.getexif().get(ORIENTATION, 1))
    return pixels if turn is None else pixels.transpose(turn)


def _in_srgb(pixels: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        bare = pixels if pixels.mode in ("L", "CMYK") else pixels.convert("RGB")
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            given, wanted = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
            if converted := ImageCms.profileToProfile(bare, given, wanted, outputMode="RGB"):
                return converted
    return pixels.convert("RGB")


def draw_text(text: bytes) -> bytes:
    """A PNG of digits that people read and programs do not."""
    from captcha.image import ImageCaptcha  # not needed by those who decode

    return ImageCaptcha(*CAPTCHA_PX).generate(text.decode("ascii")).getvalue()


WORK: dict[bytes, Callable[[bytes], bytes]] = {b"s": make_small, b"t": draw_text}


def _answer(request: bytes) -> bytes:
    try:
        return b"\1" + WORK[request[:1]](request[1:])
    except Exception:  # a damaged picture sets off errors of many kinds, and memory runs out in a large one
        return b"\0"


def _confine() -> None:
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_MAX_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # there is a lower limit, or the system knows none
            resource.setrlimit(kind, (most, most))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # they are for the server, which then ends this process
    with contextlib.suppress(OSError):  # a filter of system calls may not let it
        os.nice(5)


def _write(answers: BinaryIO, answer: bytes) -> None:
    answers.write(len(answer).to_bytes(4, "big") + answer)
    answers.flush()


def main() -> None:
    """Answer until nobody asks any more."""
    _confine()
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library prints is no answer
    Image.preinit()
    gc.freeze()
    _write(answers, b"")
    while len(head := asked.read(4)) == 4:
        signal.alarm(WORK_MAX_S)
        answer = _answer(asked.read(int.from_bytes(head, "big")))
        signal.alarm(0)
        _write(answers, answer)
        del answer
        gc.collect()  # an error, its frames and a picture of 64 MiB can hold each other


if __name__ == "__main__":
    main()
