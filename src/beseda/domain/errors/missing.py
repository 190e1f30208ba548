"""Is there such a thing, for you?"""

from beseda.domain.errors.base import BesedaError


class NotFound(BesedaError):
    pass


class AccountNotFound(NotFound):
    code = "account_not_found"


class RoomNotFound(NotFound):
    code = "room_not_found"


class DomainNotFound(NotFound):
    """No such domain on the caller's account; whether it is on another's is not said."""

    code = "domain_not_found"
    name: str


class SubdomainNotFound(NotFound):
    """The domain has no such host."""

    code = "subdomain_not_found"


class AppNotFound(NotFound):
    code = "app_not_found"


class NotInRoom(NotFound):
    code = "not_in_room"


class LineNotFound(NotFound):
    """No such line, or none that can be deleted or reported."""

    code = "line_not_found"


class KickNotFound(NotFound):
    """Nobody of that name is kept out of the room."""

    code = "kick_not_found"


class ContactNotFound(NotFound):
    """No such contact of the caller's."""

    code = "contact_not_found"


class LetterNotFound(NotFound):
    """No such letter in the caller's mailbox."""

    code = "letter_not_found"


class ChallengeNotFound(NotFound):
    """No such picture, or it is too old."""

    code = "challenge_not_found"


class TokenNotFound(NotFound):
    code = "token_not_found"


class RecordNotFound(NotFound):
    """The zone has no such record, or record set."""

    code = "record_not_found"


class ZoneStateNotFound(NotFound):
    """The history of the zone does not reach to that serial."""

    code = "zone_state_not_found"
    serial: int
