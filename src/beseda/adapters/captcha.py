"""Pictures of digits, drawn by the captcha library in a process of its own, which no upload holds up."""

from beseda.adapters.processes import Processes, ProcessLost, python_module
from beseda.domain.errors import Overloaded

DEADLINE_S = 5.0
QUEUE_MAX = 32


class CaptchaPictures(Processes):
    def __init__(self) -> None:
        command = python_module("beseda.adapters.pixels")
        super().__init__(command, at_once=1, queue_max=QUEUE_MAX, deadline_s=DEADLINE_S)

    async def paint(self, text: str) -> bytes:
        """A PNG. Raises Overloaded."""
        try:
            answer = await self.ask(b"t" + text.encode("ascii"))
        except ProcessLost:
            raise Overloaded from None
        if answer[:1] != b"\1":
            raise Overloaded
        return answer[1:]
