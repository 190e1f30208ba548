"""Every refusal that Beseda knows, as facts.

BesedaError
├── AuthError          who are you?
│   ├── NotSignedIn, WrongCredentials, EmptyCredentials, NoSuchLogin, AlreadySignedIn
│   ├── AccountBlocked, AccountFrozen
│   ├── WrongProof, CrossSite
│   └── AppTokenNotFound, AppTokenExpired
├── RegistrationError  may you become a member?
│   ├── RegistrationClosed, InviteInvalid
│   ├── NickInvalid, NickTaken, EmailInvalid, EmailTaken, PhoneInvalid, PhoneTaken
│   └── PasswordTooShort, PasswordTooLong, PasswordTooCommon
├── NotFound           AccountNotFound, RoomNotFound, DomainNotFound, AppNotFound, NotInRoom, LineNotFound, KickNotFound
├── Refused            you may not, as things are
│   ├── RegisteredOnly, NotRoomAdmin
│   ├── RoomLocked, RoomPasswordWrong, RoomNameInvalid, RoomNameTaken, RoomDescriptionTooLong, KarmaTooLow
│   ├── KickedOut, Silenced, LinksRefused, MessageEmpty, MessageTooLong, CommandUnknown, CommandIncomplete, NickNotHere
│   ├── RankTooLow, RoomReserved, ReservationRefused, PictureInvalid
│   ├── DomainNameInvalid, DomainTaken, ZoneNotServed, DomainListRefused
│   └── BalanceTooLow, AmountInvalid
└── Busy               try again later: TooOften, Overloaded, StoreUnavailable

Leaves state the fact, carry its data and keep their `code` for ever. A protocol maps each leaf to its own form; a test
fails for a leaf that a protocol forgot.
"""

from typing import ClassVar


class BesedaError(Exception):
    """Something was refused. Only leaves are raised."""

    code: ClassVar[str]

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code, facts)
        for name, value in facts.items():
            setattr(self, name, value)

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{self.code}({facts})" if facts else self.code


class AuthError(BesedaError):
    pass


class NotSignedIn(AuthError):
    """There is no session, or it has ended."""

    code = "not_signed_in"


class WrongCredentials(AuthError):
    """No such member, or another password; which of the two is never said."""

    code = "wrong_credentials"


class EmptyCredentials(AuthError):
    code = "empty_credentials"


class NoSuchLogin(AuthError):
    """What was given can be no nick, e-mail or phone number at all."""

    code = "no_such_login"


class AlreadySignedIn(AuthError):
    code = "already_signed_in"


class AccountBlocked(AuthError):
    """An operator blocked the account."""

    code = "account_blocked"


class AccountFrozen(AuthError):
    """The account sleeps until it is woken."""

    code = "account_frozen"


class WrongProof(AuthError):
    """The anti-forgery value is not that of the session."""

    code = "wrong_proof"


class CrossSite(AuthError):
    """A page of another site tried to use the visitor's session."""

    code = "cross_site"


class AppTokenNotFound(AuthError):
    """No token of that value for that application."""

    code = "app_token_not_found"


class AppTokenExpired(AuthError):
    """The new token was not confirmed in time."""

    code = "app_token_expired"


class RegistrationError(BesedaError):
    pass


class RegistrationClosed(RegistrationError):
    code = "registration_closed"


class InviteInvalid(RegistrationError):
    code = "invite_invalid"


class NickInvalid(RegistrationError):
    code = "nick_invalid"
    reason: str


class NickTaken(RegistrationError):
    code = "nick_taken"


class EmailInvalid(RegistrationError):
    code = "email_invalid"


class EmailTaken(RegistrationError):
    code = "email_taken"


class PhoneInvalid(RegistrationError):
    code = "phone_invalid"


class PhoneTaken(RegistrationError):
    code = "phone_taken"


class PasswordTooShort(RegistrationError):
    code = "password_too_short"
    min_chars: int


class PasswordTooLong(RegistrationError):
    code = "password_too_long"
    max_chars: int


class PasswordTooCommon(RegistrationError):
    code = "password_too_common"


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
    """The domain is on an account already."""

    code = "domain_taken"
    name: str


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


class Busy(BesedaError):
    pass


class TooOften(Busy):
    """A limit was reached; `retry_after_s` seconds from now one more call passes."""

    code = "too_often"
    retry_after_s: float


class Overloaded(Busy):
    """A bounded queue is full."""

    code = "overloaded"


class StoreUnavailable(Busy):
    """The change could not be made durable (disk full, database away); nothing of it was kept."""

    code = "store_unavailable"


def leaves(error: type[BesedaError] = BesedaError) -> list[type[BesedaError]]:
    """All errors that can be raised, in the order of this file."""
    below = error.__subclasses__()
    return [leaf for sub in below for leaf in leaves(sub)] if below else [error]
