"""Who is calling."""

from dataclasses import dataclass, field

from beseda.domain.accounts import Account
from beseda.domain.errors import AlreadySignedIn, NotSignedIn, TokenTooNarrow
from beseda.domain.ids import RoomId
from beseda.domain.sessions import Session
from beseda.domain.tokens import ANYTHING, Scope


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody at an address; `account` and `session` are None when not signed in."""

    address: str
    account: Account | None = None
    session: Session | None = field(default=None)
    scope: Scope = ANYTHING
    """What the personal token reaches that made the session."""

    def signed_in(self) -> tuple[Account, Session]:
        """The account and the session, or NotSignedIn."""
        if self.account is None or self.session is None:
            raise NotSignedIn
        return self.account, self.session

    def check_room(self, room_id: RoomId) -> None:
        """TokenTooNarrow when the caller's token does not reach a room."""
        if not self.scope.reaches_room(room_id):
            raise TokenTooNarrow

    def check_zone(self, zone: str, name: str = "", kind: str = "") -> None:
        """TokenTooNarrow when the caller's token does not reach a zone, or a record in it."""
        if not self.scope.reaches_zone(zone, name, kind):
            raise TokenTooNarrow

    def check_whole(self) -> None:
        """TokenTooNarrow when the caller's token is for some rooms or zones alone."""
        if self.scope.is_narrow:
            raise TokenTooNarrow

    def check_signed_out(self) -> None:
        """AlreadySignedIn when there is a session."""
        if self.session is not None:
            raise AlreadySignedIn
