"""You may not, as things are."""

from beseda.domain.errors.base import BesedaError


class Refused(BesedaError):
    pass


class RegisteredOnly(Refused):
    """Anonymous visitors cannot do this."""

    code = "registered_only"


class NotRoomAdmin(Refused):
    code = "not_room_admin"


class RoomLocked(Refused):
    """`password_opens` says whether there is a password that would let the visitor in."""

    code = "room_locked"
    lock: str
    password_opens: bool


class RoomPasswordWrong(Refused):
    code = "room_password_wrong"


class RoomNameInvalid(Refused):
    code = "room_name_invalid"
    reason: str


class RoomNameTaken(Refused):
    code = "room_name_taken"


class RoomDescriptionTooLong(Refused):
    code = "room_description_too_long"
    max_chars: int


class KarmaTooLow(Refused):
    code = "karma_too_low"


class KickedOut(Refused):
    """The visitor was kicked and may not enter for a while yet."""

    code = "kicked_out"
    reason: str
    retry_after_s: float


class Silenced(Refused):
    """An admin deleted all that the member wrote here; for a minute he cannot write."""

    code = "silenced"
    retry_after_s: float


class LinksRefused(Refused):
    """The room lets this author send no links."""

    code = "links_refused"


class MessageEmpty(Refused):
    code = "message_empty"


class MessageTooLong(Refused):
    code = "message_too_long"
    max_chars: int


class LetterToOneself(Refused):
    code = "letter_to_oneself"


class LetterRepeated(Refused):
    """The same letter was sent a moment ago."""

    code = "letter_repeated"


class NotLetterSender(Refused):
    """Only who wrote a letter may change it, or erase it for both."""

    code = "not_letter_sender"


class LetterTooOld(Refused):
    """The letter can no longer be changed."""

    code = "letter_too_old"


class ReceiverIgnored(Refused):
    """The caller ignores whom he writes to."""

    code = "receiver_ignored"


class IgnoredByReceiver(Refused):
    """The receiver ignores the caller."""

    code = "ignored_by_receiver"


class CommandUnknown(Refused):
    code = "command_unknown"


class CommandIncomplete(Refused):
    """The command lacks a nick, a text or a reason."""

    code = "command_incomplete"


class NickNotHere(Refused):
    """Nobody of that nick is here."""

    code = "nick_not_here"


class RankTooLow(Refused):
    """The other is an admin of the same rank or a higher one, or it is oneself."""

    code = "rank_too_low"


class RoomReserved(Refused):
    """Only the admins of this reserved room may open it."""

    code = "room_reserved"


class ReservationRefused(Refused):
    """The room cannot be reserved by this member, or not yet; `reason` says why."""

    code = "reservation_refused"
    reason: str


class PictureInvalid(Refused):
    """No picture that can be read, or too large a one."""

    code = "picture_invalid"


class DomainNameInvalid(Refused):
    code = "domain_name_invalid"
    name: str


class DomainTaken(Refused):
    """The domain is on another account; `name` as it was asked for."""

    code = "domain_taken"
    name: str


class DomainPresent(Refused):
    """The domain is on this very account already; `name` as it was asked for."""

    code = "domain_present"
    name: str


class DomainRepeated(Refused):
    """A list asks twice for a domain, and differently."""

    code = "domain_repeated"
    name: str


class DirectoryInvalid(Refused):
    """What is to be the folder of a domain's site is no path below the account's home."""

    code = "directory_invalid"


class SubdomainPresent(Refused):
    """The domain has such a host already, or as many as a domain may have."""

    code = "subdomain_present"
    name: str


class RedirectInvalid(Refused):
    """What a domain is to redirect to is no address of the web."""

    code = "redirect_invalid"


class ZoneNotServed(Refused):
    code = "zone_not_served"
    zone: str


class DomainListRefused(Refused):
    """Nothing of a list was done; `refusals` says why not, name by name."""

    code = "domain_list_refused"
    refusals: "tuple[tuple[str, BesedaError], ...]"


class BalanceTooLow(Refused):
    code = "balance_too_low"
    needed_minor: int
    available_minor: int


class AmountInvalid(Refused):
    code = "amount_invalid"


class AlreadyMoved(Refused):
    """Money was moved with this key before, but not the same."""

    code = "already_moved"
    entry: int
    moved_minor: int


class InviteUsesInvalid(Refused):
    code = "invite_uses_invalid"
    max_uses: int


class AppNameInvalid(Refused):
    code = "app_name_invalid"
    reason: str


class TokenInvalid(Refused):
    """`reason` says what of a personal token is not taken: its name, its days, a part of its scope, one too many."""

    code = "token_invalid"
    reason: str


class TokenTooNarrow(Refused):
    """The personal token that the caller shows, or signed in with, is not for this."""

    code = "token_too_narrow"
