# Written by tools/twins.py from src/beseda/client/_async/spaces_mail.py: change that, then `make twins`.
"""Spaces' letters and contacts (sections `mail` and `page`)."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from beseda.client.errors import NotUnderstood
from beseda.wire.spaces.mail import Contact, Letter, MailList, has_next, read_contact, read_letter

if TYPE_CHECKING:
    from collections.abc import Callable

    from beseda.client._sync.spaces import Spaces

AnyContact = Contact | int
T = TypeVar("T")


class Mail:
    """The member's mail. A contact is given as such, or by its number, which is the owner's own and no account."""

    def __init__(self, spaces: "Spaces") -> None:
        self._spaces = spaces

    def contacts(self, shown: MailList = MailList.INBOX, *, search: str = "") -> Iterator[Contact]:
        """The contacts of a list, newest first, page by page (`/mail/`)."""
        page = 1
        while True:
            query = {"List": int(shown), "P": page} | ({"q": search} if search else {})
            members = self._spaces.page("/mail/", **query)
            form = members.get("form")
            found = form.get("contacts") if isinstance(form, dict) else None
            for contact in _all(read_contact, found, "/mail/"):
                yield contact
            if not has_next(members.get("pagination"), page):
                return
            page += 1

    def all_letters(self, contact: AnyContact, *, shown: MailList = MailList.INBOX) -> Iterator[Letter]:
        """The letters of a contact, newest first, page by page (`/mail/message_list/`). Raises NotFound."""
        page = 1
        while True:
            query = {"Contact": _id(contact), "List": int(shown), "P": page}
            members = self._spaces.page("/mail/message_list/", **query)
            for letter in _all(read_letter, members.get("msg_list"), "/mail/message_list/"):
                yield letter
            if not has_next(members.get("pagination"), page):
                return
            page += 1

    def letters(self, contact: AnyContact, *, unread: bool = False, limit: int = 20) -> list[Letter]:
        """The newest letters of a contact, newest first; with `unread` only those that came and were not read."""
        found: list[Letter] = []
        for letter in self.all_letters(contact):
            if len(found) == limit:
                break
            if not unread or (letter.received and letter.unread):
                found.append(letter)
        return found

    def letters_by_ids(self, contact: AnyContact, ids: Iterable[int]) -> dict[int, Letter]:
        """Those of these letters that are there, by number (mail.getMessagesByIds). Raises NotFound."""
        fields = [("Contact", _id(contact)), ("Pag", "0"), *(("MeSsages", str(each)) for each in ids)]
        members = self._spaces.get("mail", "getMessagesByIds", fields)
        told = members.get("messages")
        found = _all(read_letter, list(told.values()) if isinstance(told, dict) else told, "mail.getMessagesByIds")
        return {letter.id: letter for letter in found}

    def send(self, to: AnyContact | str, text: str, *, answers: Letter | int | None = None) -> Letter:
        """Send a letter to a contact, or to whoever has a nick (mail.sendMessage).

        It is not tried again when its answer is lost: after Unknown, look. (A Beseda refuses the same text to the same
        member at once, 02010.) Raises NotFound, NotAllowed, Invalid, TooOften.
        """
        fields = [("user", to) if isinstance(to, str) else ("Contact", _id(to)), ("texttT", text)]
        if answers is not None:
            fields.append(("Reply", str(answers if isinstance(answers, int) else answers.id)))
        members = self._spaces.change("mail", "sendMessage", fields)
        (letter,) = _all(read_letter, [members.get("message")], "mail.sendMessage")
        return letter

    def edit(self, contact: AnyContact, letter: Letter | int, text: str) -> None:
        """Change the text of a letter of one's own (mail.editMessage)."""
        fields = [("Contact", _id(contact)), ("Message", _letter(letter)), ("texttT", text)]
        self._spaces.change("mail", "editMessage", fields, safe=True)

    def mark_read(self, *contacts: AnyContact) -> None:
        """All letters of these count as read (mail.markContactsAsRead)."""
        self._spaces.change("mail", "markContactsAsRead", _contacts(contacts), safe=True)

    def type(self, contact: AnyContact, draft: str = "", *, quietly: bool = False) -> None:
        """Keep a draft, and let the other see that one is writing, unless `quietly` (mail.typing)."""
        fields = [("Contact", _id(contact)), ("message", draft), *([("No_notify", "1")] if quietly else [])]
        self._spaces.change("mail", "typing", fields, safe=True)

    def reset_counter(self) -> None:
        """The counter of new letters is 0 until more come (mail.resetMailEventsCnt)."""
        self._spaces.change("mail", "resetMailEventsCnt", safe=True)

    def throw_away(self, *contacts: AnyContact, back: bool = False) -> None:
        """Put contacts into the garbage, or take them back out (mail.swapContacts)."""
        self._set("swapContacts", contacts, "Garbage", not back)

    def archive(self, *contacts: AnyContact, back: bool = False) -> None:
        """Put contacts into the archive, or take them back out (mail.archiveContacts)."""
        self._set("archiveContacts", contacts, "Archive", not back)

    def mark_spam(self, *contacts: AnyContact, back: bool = False) -> None:
        """Say that contacts send spam, or that they do not (mail.spamContacts)."""
        self._set("spamContacts", contacts, "Spam", not back)

    def erase(self, *contacts: AnyContact) -> None:
        """Erase contacts with all their letters, for good (mail.eraseContacts)."""
        self._spaces.change("mail", "eraseContacts", _contacts(contacts), safe=True)

    def _set(self, name: str, contacts: tuple[AnyContact, ...], flag: str, value: bool) -> None:
        self._spaces.change("mail", name, [*_contacts(contacts), (flag, str(int(value)))], safe=True)

    def throw_letters(self, contact: AnyContact, *letters: Letter | int, back: bool = False) -> None:
        """Put letters into the garbage, or take them back out (mail.swapMessages)."""
        fields = [*_letters(contact, letters), ("Garbage", str(int(not back)))]
        self._spaces.change("mail", "swapMessages", fields, safe=True)

    def mark_favourite(self, contact: AnyContact, *letters: Letter | int, back: bool = False) -> None:
        """Mark letters, or take the marks away (mail.favMessages)."""
        fields = [*_letters(contact, letters), ("Fav", str(int(not back)))]
        self._spaces.change("mail", "favMessages", fields, safe=True)

    def erase_letters(self, contact: AnyContact, *letters: Letter | int, for_all: bool = False) -> None:
        """Erase letters for good, with `for_all` the other's copies of one's own too (mail.eraseMessages)."""
        fields = [*_letters(contact, letters), ("For_all", str(int(for_all)))]
        self._spaces.change("mail", "eraseMessages", fields, safe=True)

    def clear_garbage(self) -> None:
        """Erase what was thrown away (mail.clearGarbage)."""
        self._spaces.change("mail", "clearGarbage", safe=True)


def _id(contact: AnyContact) -> str:
    return str(contact if isinstance(contact, int) else contact.id)


def _letter(letter: Letter | int) -> str:
    return str(letter if isinstance(letter, int) else letter.id)


def _contacts(contacts: Iterable[AnyContact]) -> list[tuple[str, str]]:
    return [("CoNtacts", _id(each)) for each in contacts]


def _letters(contact: AnyContact, letters: Iterable[Letter | int]) -> list[tuple[str, str]]:
    return [("Contact", _id(contact)), *(("MeSsages", _letter(each)) for each in letters)]


def _all(read: "Callable[[Any], T]", told: Any, where: str) -> list[T]:
    """Raises NotUnderstood."""
    if not isinstance(told, list):
        raise NotUnderstood(f"expected a list, got {type(told).__name__}", where=where)
    try:
        return [read(each) for each in told]
    except msgspec.ValidationError as error:
        raise NotUnderstood(str(error), where=where, excerpt=msgspec.json.encode(told)) from error
