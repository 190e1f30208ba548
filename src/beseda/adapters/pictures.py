"""Pictures that members upload, made small and harmless by Pillow in processes of their own."""

from beseda.adapters.processes import Processes, ProcessLost, python_module
from beseda.domain.errors import PictureInvalid

DEADLINE_S = 5.0
"""For one picture. The largest that is good takes one second of a core."""
AT_ONCE = 2
"""A bad picture takes one, the next upload the other."""
QUEUE_MAX = 8


class PillowPictures(Processes):
    """A member's picture is invalid as well when the process is lost over it, or does not end in time."""

    def __init__(self) -> None:
        command = python_module("beseda.adapters.pixels")
        super().__init__(command, at_once=AT_ONCE, queue_max=QUEUE_MAX, deadline_s=DEADLINE_S)

    async def make_small(self, content: bytes) -> bytes:
        """A square JPEG of at most 200 x 200 pixels, nothing but the picture. Raises PictureInvalid, Overloaded."""
        try:
            answer = await self.ask(b"s" + content)
        except ProcessLost:
            raise PictureInvalid from None
        if answer[:1] != b"\1":
            raise PictureInvalid
        return answer[1:]
