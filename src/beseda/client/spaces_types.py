"""What Spaces tells of letters, people and rooms. Names differ from the wire's where the docstring says so."""

from beseda.wire.spaces.calls import Attributes, OnlineStatus
from beseda.wire.spaces.mail import Contact, ContactOfLetter, Letter, MailList
from beseda.wire.spaces.people import Counters, FoundUser, Presence, Record, RoomPage, RoomText

__all__ = [
    "Attributes",
    "Contact",
    "ContactOfLetter",
    "Counters",
    "FoundUser",
    "Letter",
    "MailList",
    "OnlineStatus",
    "Presence",
    "Record",
    "RoomPage",
    "RoomText",
]
