# Written by tools/twins.py from src/beseda/client/_async/live_mail.py: change that, then `make twins`.
"""Letters over the live protocol."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

from beseda.client._live_lines import Who, number_of
from beseda.wire import live as wire
from beseda.wire.live.own import MailList

if TYPE_CHECKING:
    from beseda.client._sync.live import Live

PAGE = 100


class LiveMail:
    """A thread is given by its number, `contact`; a letter by its own, `id`. What comes in is told by `updates`."""

    def __init__(self, live: "Live") -> None:
        self._live = live

    def threads(self, shown: MailList = MailList.INBOX, *, nick: str = "") -> Iterator[wire.Thread]:
        """A list of the mailbox, the latest first, page by page; `nick` is how nicks begin."""
        offset = 0
        while True:
            page = self._live.ask(wire.ListThreads(list=shown, nick=nick, offset=offset, limit=PAGE))
            for thread in page.threads:
                yield thread
            offset += len(page.threads)
            if not page.threads or offset >= page.total:
                return

    def thread(self, who: Who) -> wire.Thread | None:
        """The letters with somebody; None when there are none yet."""
        return (self._live.ask(wire.ListLetters(account=number_of(who), limit=1))).contact

    def letters(
        self, contact: wire.Thread | int, *, shown: MailList = MailList.INBOX, before: int | None = None
    ) -> Iterator[wire.Letter]:
        """The letters of a thread, newest first, page by page; older than the letter `before`. Raises NotFound."""
        number = contact if isinstance(contact, int) else contact.contact
        while True:
            page = self._live.ask(wire.ListLetters(contact=number, list=shown, before=before, limit=PAGE))
            for letter in page.letters:
                yield letter
            if not page.more:
                return
            before = page.before

    def search(self, text: str) -> Iterator[wire.Letter]:
        """Letters with all these words, newest first."""
        before = None
        while True:
            page = self._live.ask(wire.SearchLetters(text=text, before=before, limit=PAGE))
            for letter in page.letters:
                yield letter
            if not page.more:
                return
            before = page.before

    def send(self, to: Who, text: str, *, answers: int | None = None, key: str | None = None) -> wire.Letter:
        """Write somebody a letter, which may answer one of his.

        It is sent once, however often it has to be tried: every letter has a `key` of its own, unless one is given (up
        to 64 characters), which is good for one letter for ever. Raises Refused, Unknown.
        """
        call = wire.SendLetter(account=number_of(to), text=text, key=key or uuid4().hex, answers=answers)
        return (self._live.ask(call)).letter

    def edit(self, letter: wire.Letter, text: str) -> wire.Letter:
        """Change a letter that the member sent in the last 24 hours. Raises Refused, Unknown."""
        return (self._live.ask(wire.EditLetter(contact=letter.contact, letter=letter.id, text=text))).letter

    def mark_read(self, *contacts: int) -> None:
        """All that came from these contacts has been read."""
        self._live.ask(wire.ReadLetters(contacts=contacts))

    def type(self, contact: int, draft: str = "") -> None:
        """The member is writing to a contact; the draft is kept."""
        self._live.ask(wire.Typing(contact=contact, draft=draft))

    def archive(self, *contacts: int, archived: bool = True) -> None:
        """Put threads away, or take them back."""
        self._live.ask(wire.Archive(contacts=contacts, archived=archived))

    def mark_spam(self, *contacts: int, spam: bool = True) -> None:
        """Call contacts spam, or no longer."""
        self._live.ask(wire.Spam(contacts=contacts, spam=spam))

    def keep(self, letter: wire.Letter, *, favourite: bool = True) -> None:
        """Make a letter a favourite, or no longer."""
        self._live.ask(wire.Keep(contact=letter.contact, letters=(letter.id,), favourite=favourite))

    def throw(self, *contacts: int, thrown: bool = True) -> None:
        """Throw all letters of threads away, or take them back."""
        self._live.ask(wire.Throw(thrown=thrown, contacts=contacts))

    def throw_letters(self, contact: int, letters: Iterable[int], *, thrown: bool = True) -> None:
        """Throw letters of one thread away, or take them back."""
        self._live.ask(wire.Throw(thrown=thrown, contact=contact, letters=tuple(letters)))

    def erase(self, *contacts: int) -> None:
        """Erase threads for good, for the member alone. Raises Refused, Unknown."""
        self._live.ask(wire.EraseLetters(contacts=contacts))

    def erase_letters(self, contact: int, letters: Iterable[int], *, for_all: bool = False) -> None:
        """Erase letters of one thread for good, `for_all` from the other's mailbox too. Raises Refused, Unknown."""
        self._live.ask(wire.EraseLetters(contact=contact, letters=tuple(letters), for_all=for_all))
