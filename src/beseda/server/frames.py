"""What clients send over a WebSocket, by the `websockets` library. Imported when the first of them sends anything."""

import logging

from websockets.frames import Frame, Opcode
from websockets.protocol import SERVER, Protocol, State

MASKED_HEAD_BYTES = 6
SHORT_MAX_BYTES = 125
LONG_BYTES = 2
"""More of the head, where a message is longer; how long they may be here needs no more."""
PONG_HEAD = b"\x8a"

_LOG = logging.getLogger("beseda.sockets")
_LOG.setLevel(logging.ERROR)  # what clients do wrong is no news


class Parser(Protocol):
    """The library's, but that a client may take its leave in the middle of a message of fragments (RFC 6455, 5.4)."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(SERVER, max_size=max_bytes, logger=_LOG)
        self._pending_bytes = 0
        """What came and is in no whole frame yet; a bit more where a client writes lengths longer than it need."""

    @property
    def is_open(self) -> bool:
        """Whether neither side has taken its leave."""
        return self.state is State.OPEN

    def receive_data(self, data: bytes | bytearray) -> None:
        self._pending_bytes += len(data)
        super().receive_data(data)

    def recv_frame(self, frame: Frame) -> None:
        size = len(frame.data)
        self._pending_bytes -= MASKED_HEAD_BYTES + size + (0 if size <= SHORT_MAX_BYTES else LONG_BYTES)
        if frame.opcode is Opcode.CLOSE:
            self.current_size = None
        super().recv_frame(frame)

    def frames_received(self) -> list[Frame]:
        """Those that are whole since the last time."""
        return [event for event in self.events_received() if isinstance(event, Frame)]

    def take_pongs(self) -> bytes:
        """What is to be sent before anything else is done."""
        pongs = [data for data in self.writes if data[:1] == PONG_HEAD]
        self.writes = [data for data in self.writes if data[:1] != PONG_HEAD]
        return b"".join(pongs)

    def knows_nothing(self) -> bool:
        """Whether it is between two messages, and as good for any other client."""
        return not self._pending_bytes and self.current_size is None and self.is_open and not self.writes
