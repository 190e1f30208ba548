"""The live channel: what its messages are about, and cursors.

The messages have the members that nginx's push stream module gives them, for which clients were written. A cursor says
what a client has seen of each stream: its own updates, and every room that it is in. It travels as `eventid`, which
clients only echo; `tag` is the part for the updates, and `time` says as much in seconds.
"""

import re
from collections.abc import Iterable
from enum import IntEnum
from typing import Any

import msgspec

MAX_ID = 2**63 - 1
ROOMS_MAX = 400
"""Rooms that a cursor may name: with long numbers they just fit into the head of a request."""
HOLD_S = 30.0
"""How long a poll waits for something to tell."""
CALLBACK = re.compile(r"[A-Za-z_$][A-Za-z0-9_$.]{0,63}")
_EVENT_ID = re.compile(r"u([0-9]{1,19})((?:\.[0-9]{1,19}-[0-9]{1,19})*)")


class Act(IntEnum):
    """What a message is about."""

    MAIL_MESSAGE_RECEIVE = 1
    MAIL_CONTACT_READ = 2
    MAIL_CONTACT_SWAP = 4
    MAIL_CONTACT_ERASE = 5
    MAIL_CONTACT_ARCHIVE = 6
    MAIL_CONTACT_SPAM = 7
    MAIL_CLEAR_GARBAGE = 8
    MAIL_MESSAGE_FAV = 9
    MAIL_MESSAGE_SWAP = 10
    MAIL_MESSAGE_ERASE = 11
    MAIL_MESSAGE_EDIT = 12
    MAIL_MESSAGE_SEND = 18
    NOTIFICATION_SEND = 20
    TOP_COUNTER_UPDATE = 21
    MAIL_TYPING = 24
    LOGOUT = 30
    CHAT_SEND_MESSAGE = 32
    CHAT_DELETE_MESSAGE = 33
    STATUS_CHANGE = 35


COUNTERS = {"journal": 1, "mail": 3}
"""The numbers of counters (`type`)."""


class Told(msgspec.Struct, frozen=True):
    """A message: `text` says what, the others where it stands in its stream."""

    text: dict[str, Any]
    id: int | str | None = None
    channel: str = ""
    tag: str | int = ""
    time: str = ""
    eventid: str | int = ""


_TOLD = msgspec.json.Decoder(Told)
_ALL_TOLD = msgspec.json.Decoder(list[Told])


def event_id(update: int, rooms: Iterable[tuple[int, int]]) -> str:
    """A cursor as it travels."""
    return f"u{update}" + "".join(f".{room}-{seq}" for room, seq in rooms)


def read_event_id(text: str) -> tuple[int, dict[int, int]] | None:
    """The update and the lines of rooms that have been seen; None for what is no such cursor."""
    match = _EVENT_ID.fullmatch(text)
    if match is None:
        return None
    rooms = (part.split("-") for part in match[2].split(".")[1 : ROOMS_MAX + 1])
    return min(int(match[1]), MAX_ID), {min(int(room), MAX_ID): min(int(seq), MAX_ID) for room, seq in rooms}


def read_frame(text: str | bytes) -> Told:
    """A message of a socket. Raises msgspec.DecodeError."""
    return _TOLD.decode(text)


def read_poll(body: bytes) -> list[Told]:
    """The messages in the answer to a poll, which calls a function of the page's. Raises msgspec.DecodeError."""
    text = body.strip()
    if text.endswith((b");", b")")):
        text = text[text.find(b"(") + 1 : text.rfind(b")")]
    return _ALL_TOLD.decode(text) if text.strip() else []
