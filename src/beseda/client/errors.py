"""What goes wrong when a service is asked (the tree is drawn in `beseda.client`)."""

from collections.abc import Mapping

EXCERPT_BYTES = 200


class BesedaError(Exception):
    """Anything that this library raises about a service."""


class NotAsked(BesedaError):
    """Nothing reached the service: nothing can have happened."""


class ConnectFailed(NotAsked):
    """There is nobody at this address, or no way to it."""


class ConnectTimedOut(NotAsked):
    """Nobody at this address answered in time."""


class NotUnderstood(BesedaError):
    """The answer is not what the protocol says. Of a call that changes something, it may have been done.

    `expected` says what should be there, `where` in what it should (a call, a member), `excerpt` is how the answer
    begins (200 bytes; empty where it could hold a secret), `status` the HTTP status, 0 without HTTP.
    """

    def __init__(self, expected: str, *, where: str = "", excerpt: bytes = b"", status: int = 0) -> None:
        self.expected = expected
        self.where = where
        self.excerpt = excerpt[:EXCERPT_BYTES]
        self.status = status
        at = f" in the answer to {where}" if where else ""
        http = f", HTTP {status}" if status else ""
        shown = f": {self.excerpt!r}" if self.excerpt else ""
        super().__init__(f"{expected}{at}{http}{shown}")


class Unknown(BesedaError):
    """It may or may not have happened: the connection broke, or nothing came, after the call was sent. Look first."""


class Refused(BesedaError):
    """The service said no, and changed nothing.

    `code` is the service's own (a status of Chat.cz, five digits of Spaces, a number of SpaceWeb, a word of Beseda's
    live protocol) and `message` its text for people, "" when it gave none. After `retry_after_s` seconds the same call
    may pass; None when the service did not say, or will refuse it again. `facts` are further members of the refusal.
    """

    def __init__(
        self,
        code: str | int,
        message: str = "",
        *,
        retry_after_s: float | None = None,
        facts: Mapping[str, object] | None = None,
    ) -> None:
        self.code = code
        self.message = message
        self.retry_after_s = retry_after_s
        self.facts = dict(facts or {})
        wait = "" if retry_after_s is None else f" (again in {retry_after_s:g} s)"
        super().__init__(f"{code}: {message}{wait}" if message else f"{code}{wait}")


class SignInRefused(Refused):
    """The name, the password or the token is not good. It is not tried again by itself."""


class CaptchaNeeded(Refused):
    """The service wants to know what a picture says; sign in again with `code`, or with a `captcha` that reads it.

    `picture_url` is where the picture is, to be fetched without a session.
    """

    def __init__(self, code: str | int, message: str = "", *, picture_url: str) -> None:
        self.picture_url = picture_url
        super().__init__(code, message)


class SessionEnded(Refused):
    """Nobody is signed in, or no longer: sign in (again)."""


class TooOften(Refused):
    """Too many calls of this kind; wait for `retry_after_s` when it is known."""


class Busy(Refused):
    """The service cannot do it just now, whatever was asked; later it may."""


class NotFound(Refused):
    """What was named is not there."""


class NotAllowed(Refused):
    """The member may not do this."""


class ResultRefused(Refused):
    """SpaceWeb's extendedResult with the code 0: not a fault but a result that says no. `facts["data"]` says more."""


class Invalid(Refused):
    """What was asked is wrong in itself; `field` names the parameter, "" when the service does not say which."""

    def __init__(
        self,
        code: str | int,
        message: str = "",
        *,
        field: str = "",
        facts: Mapping[str, object] | None = None,
    ) -> None:
        self.field = field
        super().__init__(code, f"{field}: {message}" if field else message, facts=facts)
