"""Who is calling."""

from dataclasses import dataclass, field

from beseda.domain.accounts import Account
from beseda.domain.errors import AlreadySignedIn, NotSignedIn
from beseda.domain.sessions import Session


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody at an address; `account` and `session` are None when not signed in."""

    address: str
    account: Account | None = None
    session: Session | None = field(default=None)

    def signed_in(self) -> tuple[Account, Session]:
        """The account and the session, or NotSignedIn."""
        if self.account is None or self.session is None:
            raise NotSignedIn
        return self.account, self.session

    def check_signed_out(self) -> None:
        """AlreadySignedIn when there is a session."""
        if self.session is not None:
            raise AlreadySignedIn
