"""Pictures that members upload, made small and harmless by Pillow in a bounded pool of threads."""

import asyncio
import io
import warnings
from concurrent.futures import ThreadPoolExecutor

from PIL import Image, ImageOps

from beseda.domain.errors import Overloaded, PictureInvalid

SIDE_MAX_PX = 200
SOURCE_MAX_PX = 4096 * 4096
"""What would be unpacked from more is a bomb, whatever the file's size."""
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")


class PillowPictures:
    """`queue_max` callers may wait, more are told Overloaded."""

    def __init__(self, *, queue_max: int = 8) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="picture")
        self._queue_max = queue_max
        self._waiting = 0

    async def make_small(self, content: bytes) -> bytes:
        """A JPEG of at most 200 x 200 pixels without anything but the picture. Raises PictureInvalid, Overloaded."""
        if self._waiting >= self._queue_max:
            raise Overloaded
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, _make_small, content)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


def _make_small(content: bytes) -> bytes:
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(content), formats=FORMATS) as source:
            warnings.simplefilter("ignore")
            if source.width * source.height > SOURCE_MAX_PX:
                raise PictureInvalid
            source.draft("RGB", (2 * SIDE_MAX_PX, 2 * SIDE_MAX_PX))
            upright = ImageOps.exif_transpose(source).convert("RGB")
            upright.thumbnail((SIDE_MAX_PX, SIDE_MAX_PX))
            small = io.BytesIO()
            upright.save(small, "JPEG", quality=85)
            return small.getvalue()
    except PictureInvalid:
        raise
    except Exception as error:  # what a damaged picture sets off in a decoder is of many kinds
        raise PictureInvalid from error
