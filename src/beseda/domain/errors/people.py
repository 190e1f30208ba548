"""Who are you, and may you become a member?"""

from beseda.domain.errors.base import BesedaError


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


class CaptchaNeeded(AuthError):
    """Who tries to sign in must first read a picture; `challenge` names a new one."""

    code = "captcha_needed"
    challenge: str


class CaptchaWrong(AuthError):
    """That is not what the picture says; `challenge` names another."""

    code = "captcha_wrong"
    challenge: str


class SecondFactorNeeded(AuthError):
    """The password was right, and the member's second factor is wanted too; `ticket` is to come back with its code.

    Where no code can be told, a personal token of his does instead of the password.
    """

    code = "second_factor_needed"
    ticket: str


class SecondFactorWrong(AuthError):
    """That is no code of now, it was used before, or no recovery code that is left; `ticket` as above, or ""."""

    code = "second_factor_wrong"
    ticket: str


class SecondFactorExpired(AuthError):
    """The code came too long after the password."""

    code = "second_factor_expired"


class SecondFactorPresent(AuthError):
    """The member has a second factor already."""

    code = "second_factor_present"


class SecondFactorMissing(AuthError):
    """The member has no second factor."""

    code = "second_factor_missing"


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


class SexInvalid(RegistrationError):
    """Neither m nor f, nor left out."""

    code = "sex_invalid"


class BirthDateInvalid(RegistrationError):
    code = "birth_date_invalid"
    reason: str


class PasswordUnreadable(RegistrationError):
    """What was sent is not in the character set that it should be in: nobody knows what was typed."""

    code = "password_unreadable"


class PasswordTooShort(RegistrationError):
    code = "password_too_short"
    min_chars: int


class PasswordTooLong(RegistrationError):
    code = "password_too_long"
    max_chars: int


class PasswordTooCommon(RegistrationError):
    code = "password_too_common"


class PasswordLinkInvalid(AuthError):
    """The link was used, is older than an hour, or was never made."""

    code = "password_link_invalid"
