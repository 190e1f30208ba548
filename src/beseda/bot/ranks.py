"""What somebody is in a room, for commands that not everybody may give."""

from enum import IntEnum


class Rank(IntEnum):
    """From nobody in particular to whom the bot belongs: they can be compared."""

    VISITOR = 0
    """Somebody without an account."""
    MEMBER = 1
    """Somebody with an account. Spaces does not tell more, so there nobody but an owner is more."""
    ADMIN = 2
    """The room's temporary admin."""
    PERMANENT_ADMIN = 3
    """One of the room's permanent admins."""
    OWNER = 4
    """One of those whom `Bot(owners=...)` names."""
