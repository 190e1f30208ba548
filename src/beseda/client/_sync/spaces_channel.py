# Written by tools/twins.py from src/beseda/client/_async/spaces_channel.py: change that, then `make twins`.
"""Spaces' live channel: a socket, a poll in its place where there is none, and one to catch up with after a break."""

import contextlib
import time
from collections.abc import Iterator
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from beseda.client._answers import UNREADABLE
from beseda.client._platform import HandshakeRefused, Socket, SocketClosed, sleep
from beseda.client._spaces_typed import Position, typed
from beseda.client.errors import Busy, NotAsked, NotUnderstood, Refused, TooOften, Unknown
from beseda.client.spaces_events import Event, Missed
from beseda.wire.spaces.channel import HOLD_S, Told, read_frame, read_poll
from beseda.wire.spaces.mail import moment

if TYPE_CHECKING:
    from beseda.client._sync.spaces import Spaces

CALLBACK = "__spcslp1"
"""What the service's own page calls the function that a poll is to call."""
SOCKETS_TRIED = 2
"""So many failures in a row to open a socket, and the channel is polled."""
POLLS_BEFORE_SOCKET = 10
"""After so many polls a socket is tried again."""
KEPT_S = 30.0
"""After a longer break the original service has forgotten what was missed, as its own page assumes."""


class _NoSocket(Exception):
    """None can be opened."""


class Channel:
    """One reading of the channel."""

    def __init__(self, spaces: "Spaces") -> None:
        self._spaces = spaces
        self._position = Position()
        self._socket: Socket | None = None
        self._no_sockets = 0
        self._polls = 0

    def close(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            with contextlib.suppress(OSError, SocketClosed):
                socket.close()

    def events(self) -> Iterator[Event]:
        """See `Spaces.channel`."""
        self._begin()
        failures, lost_s = 0, 0.0
        while True:
            try:
                opens = self._socket is None and self._wants_socket()
                if opens:
                    self._open()
                # After a break: what came meanwhile. Whatever comes now ends the poll, too.
                found = self._poll() if opens and failures else self._read()
            except _NoSocket:
                self._no_sockets += 1
                continue
            except (SocketClosed, NotAsked, Unknown, Busy, TooOften, NotUnderstood) as error:
                self.close()
                lost_s = lost_s if failures else time.monotonic()
                failures += 1
                if isinstance(error, NotAsked):  # that is not about sockets
                    self._no_sockets = 0
                self._give_up(error, failures, time.monotonic() - lost_s)
                sleep(self._spaces.manners.pause_s(failures - 1))
                continue
            except Refused:
                self.close()
                self._begin()  # raises SessionEnded if that is why
                yield Missed(reason="the channel was another one")
                continue
            if failures and not self._position.keeps and time.monotonic() - lost_s > KEPT_S:
                yield Missed(reason="the break was longer than the service keeps events for")
            failures = 0
            for told in found:
                yield typed(told.text)

    def _begin(self) -> None:
        """From now on."""
        self._spaces.check()
        self._position.begin(format_datetime(moment(self._spaces.time_s), usegmt=True))

    def _wants_socket(self) -> bool:
        if self._no_sockets < SOCKETS_TRIED:
            return True
        self._polls += 1
        return self._polls % POLLS_BEFORE_SOCKET == 0

    def _open(self) -> None:
        """Raises _NoSocket where there is none, and what `_refused` does."""
        manners = self._spaces.manners
        headers = {"User-Agent": manners.user_agent}
        try:
            address = self._spaces.socket_address()
            self._socket = self._spaces.connector(address, headers, manners.timeout_s)
        except HandshakeRefused as error:
            raise _refusal(error.status) from None
        except (OSError, TimeoutError, SocketClosed):
            raise _NoSocket from None
        self._no_sockets = 0

    def _read(self) -> list[Told]:
        """What is new: the next message of the socket, or all of a poll."""
        if self._socket is None:
            return self._poll()
        text = self._socket.receive(None)
        try:
            return self._new([read_frame(text)])
        except UNREADABLE as error:
            raise NotUnderstood(str(error), where="channel", excerpt=text.encode()) from error

    def _poll(self) -> list[Told]:
        query = urlencode({"callback": CALLBACK, **self._position.query()})
        answer = self._spaces.http.ask(
            "GET", f"{self._spaces.poll_address()}?{query}", safe=True, where="channel", hold_s=HOLD_S, masked=True
        )
        if answer.status == 304:
            return []
        if answer.status in (401, 403, 404):
            raise _refusal(answer.status)
        answer.expect(200)
        try:
            return self._new(read_poll(answer.body))
        except UNREADABLE as error:
            raise answer.not_understood(str(error)) from error

    def _new(self, told: list[Told]) -> list[Told]:
        return [each for each in told if self._position.take(each)]

    def _give_up(self, error: Exception, failures: int, seconds: float) -> None:
        manners = self._spaces.manners
        if isinstance(error, NotUnderstood) and failures > manners.retries:
            raise error
        if manners.patience_s is not None and seconds > manners.patience_s:
            raise Unknown(str(error)) if isinstance(error, SocketClosed) else error


def _refusal(status: int) -> Exception:
    """Of a channel that is not there, perhaps any more; everything else is no socket."""
    return Refused(status, "no such channel") if status in (401, 403, 404) else _NoSocket()
