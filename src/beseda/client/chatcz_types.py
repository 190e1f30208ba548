"""What Chat.cz tells of rooms, people and stored messages. Names differ from the wire's where the docstring says so."""

from beseda.wire.chatcz.rest import Admin, Lock, Occupant, Profile, Room, User
from beseda.wire.chatcz.talk import Correspondent, Letter, Waiting

__all__ = ["Admin", "Correspondent", "Letter", "Lock", "Occupant", "Profile", "Room", "User", "Waiting"]
