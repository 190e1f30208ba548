"""Pictures of digits, drawn by the captcha library in a bounded pool of threads."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from captcha.image import ImageCaptcha

from beseda.domain.errors import Overloaded

WIDTH_PX, HEIGHT_PX = 160, 60


class CaptchaPictures:
    """`queue_max` callers may wait, more are told Overloaded."""

    def __init__(self, *, queue_max: int = 32) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="captcha")
        self._queue_max = queue_max
        self._waiting = 0
        self._drawer = ImageCaptcha(WIDTH_PX, HEIGHT_PX)

    async def paint(self, text: str) -> bytes:
        """A PNG. Raises Overloaded."""
        if self._waiting >= self._queue_max:
            raise Overloaded
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._draw, text)
        finally:
            self._waiting -= 1

    def _draw(self, text: str) -> bytes:
        return self._drawer.generate(text).getvalue()

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
