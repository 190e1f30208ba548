"""Not written yet."""

from beseda.api.base import Outcome, Receive, Scope, Send, WebOptions, send_body
from beseda.core.core import Core
from beseda.core.ports import Clock


class ChatczFace:
    name = "chatcz"

    def __init__(self, core: Core, clock: Clock, options: WebOptions) -> None:
        self._core = core

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Outcome:
        await send_body(send, b"text/plain", b"", status=501)
        return Outcome("unknown", "501")

    async def answer_crash(self, scope: Scope, send: Send) -> None:
        await send_body(send, b"text/plain", b"", status=500)
