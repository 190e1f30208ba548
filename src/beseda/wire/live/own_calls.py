"""What clients ask about what is their member's own: letters, and personal tokens."""

from typing import ClassVar

from beseda.wire.live import answers
from beseda.wire.live.answers import Done
from beseda.wire.live.calls import Call


class AskOwn(Call[answers.Own], frozen=True, tag="own"):
    """What waits for the member; with `watch`, he is told of what happens from then on."""

    watch: bool = False


class ListThreads(Call[answers.Threads], frozen=True, tag="threads"):
    """A list of the mailbox, the latest first; `nick` is how nicks begin."""

    list: str = "inbox"
    nick: str = ""
    offset: int = 0
    limit: int = 50


class ListLetters(Call[answers.Letters], frozen=True, tag="letters"):
    """Letters exchanged with somebody, by the thread or the account, newest first."""

    contact: int | None = None
    account: int | None = None
    list: str = "inbox"
    before: int | None = None
    limit: int = 50


class SendLetter(Call[answers.LetterDone], frozen=True, tag="send"):
    """Write a letter. One `key` sends once, for ever."""

    account: int
    text: str
    key: str | None = None
    answers: int | None = None


class ReadLetters(Call[Done], frozen=True, tag="read_letters"):
    """All that came from these contacts has been read."""

    contacts: tuple[int, ...]


class Typing(Call[Done], frozen=True, tag="typing"):
    """The member is writing to a contact; `draft` is kept."""

    contact: int
    draft: str = ""


class Archive(Call[Done], frozen=True, tag="archive"):
    """Put contacts away, or take them back."""

    contacts: tuple[int, ...]
    archived: bool


class Spam(Call[Done], frozen=True, tag="spam"):
    """Call contacts spam, or no longer."""

    contacts: tuple[int, ...]
    spam: bool


class Throw(Call[Done], frozen=True, tag="throw"):
    """Throw away letters of a contact, or all of several contacts; or take them back."""

    thrown: bool
    contacts: tuple[int, ...] = ()
    contact: int | None = None
    letters: tuple[int, ...] = ()


class Keep(Call[Done], frozen=True, tag="keep"):
    """Make letters favourites, or no longer."""

    contact: int
    letters: tuple[int, ...]
    favourite: bool


class EditLetter(Call[answers.LetterDone], frozen=True, tag="edit"):
    """Change a letter that the member sent in the last 24 hours."""

    contact: int
    letter: int
    text: str


class EraseLetters(Call[Done], frozen=True, tag="erase"):
    """Erase letters of a contact, `for_all` from the other's mailbox too; or all of several contacts."""

    REPEATABLE: ClassVar[bool] = False

    contacts: tuple[int, ...] = ()
    contact: int | None = None
    letters: tuple[int, ...] = ()
    for_all: bool = False


class SearchLetters(Call[answers.Letters], frozen=True, tag="search_letters"):
    """Letters with all these words, newest first."""

    text: str
    before: int | None = None
    limit: int = 50


class ListTokens(Call[answers.TokensTold], frozen=True, tag="tokens"):
    """The member's personal tokens."""


class AddToken(Call[answers.TokenMade], frozen=True, tag="add_token"):
    """Make a personal token, good for `days`, or for ever."""

    REPEATABLE: ClassVar[bool] = False

    password: str
    name: str
    days: int | None = None
    bot: bool = False
    read_only: bool = False
    protocols: tuple[str, ...] = ()
    rooms: tuple[int, ...] = ()
    zones: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"AddToken(password=..., name={self.name!r})"


class RevokeToken(Call[Done], frozen=True, tag="revoke_token"):
    """End a token, and all that was signed in with it."""

    REPEATABLE: ClassVar[bool] = False

    password: str
    token: int

    def __repr__(self) -> str:
        return f"RevokeToken(password=..., token={self.token})"
