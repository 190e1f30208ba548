"""What is done with letters and contacts that are there: the other half of the section `mail`."""

from collections.abc import Awaitable, Callable

from beseda.api.spaces.asked import Asked, Handler
from beseda.api.spaces.codec import Answer
from beseda.api.spaces.codec_mail import html
from beseda.api.spaces.mail import MailMethods
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.domain.ids import ContactId, LetterId

ContactsDeed = Callable[[Caller, list[ContactId]], Awaitable[list[ContactId]]]


class MailboxMethods:
    """Answers to deeds over several hold what the page looks like afterwards, which the site's pages draw anew."""

    def __init__(self, core: Core, mail: MailMethods) -> None:
        self._core = core
        self._mail = mail
        self.handlers: dict[str, Handler] = {
            "mail.swapContacts": self._throw_contacts,
            "mail.archiveContacts": self._archive_contacts,
            "mail.spamContacts": self._spam_contacts,
            "mail.eraseContacts": self._erase_contacts,
            "mail.swapMessages": self._throw_letters,
            "mail.favMessages": self._keep_letters,
            "mail.eraseMessages": self._erase_letters,
            "mail.editMessage": self._edit,
            "mail.getEditMessage": self._editable,
            "mail.getReplyMessage": self._answerable,
            "mail.clearGarbage": self._clear_garbage,
        }

    async def _throw_contacts(self, asked: Asked) -> Answer:
        thrown = asked.call.flag("Garbage", default=True)
        box = self._core.mailbox
        return await self._with_contacts(asked, lambda who, ids: box.set_contacts_thrown(who, ids, thrown))

    async def _archive_contacts(self, asked: Asked) -> Answer:
        archived = asked.call.flag("Archive", default=True)
        return await self._with_contacts(asked, lambda who, ids: self._core.mailbox.set_archived(who, ids, archived))

    async def _spam_contacts(self, asked: Asked) -> Answer:
        spam = asked.call.flag("Spam", default=True)
        return await self._with_contacts(asked, lambda who, ids: self._core.mailbox.set_spam(who, ids, spam))

    async def _erase_contacts(self, asked: Asked) -> Answer:
        return await self._with_contacts(asked, self._core.mailbox.erase_contacts)

    async def _with_contacts(self, asked: Asked, deed: ContactsDeed) -> Answer:
        ids = [ContactId(number) for number in asked.call.numbers("CoNtacts")]
        done = await deed(asked.caller, ids)
        page = await self._mail.page_of_contacts(asked)
        more = {"operated_ids": [str(each) for each in done], "counters": await self._counters(asked), **page}
        return Answer(more=more)

    async def _counters(self, asked: Asked) -> dict[str, object]:
        return {"new": str(await self._core.mail.count_unread(asked.caller))}

    async def _throw_letters(self, asked: Asked) -> Answer:
        thrown = asked.call.flag("Garbage", default=True)
        contact_id, ids, mark = _letters(asked)
        done = await self._core.mailbox.set_thrown(asked.caller, contact_id, ids, thrown, mark)
        return await self._letters_done(asked, contact_id, done)

    async def _keep_letters(self, asked: Asked) -> Answer:
        favourite = asked.call.flag("Fav", default=True)
        contact_id, ids, mark = _letters(asked)
        done = await self._core.mailbox.set_favourite(asked.caller, contact_id, ids, favourite, mark)
        return await self._letters_done(asked, contact_id, done)

    async def _erase_letters(self, asked: Asked) -> Answer:
        for_all = asked.call.flag("For_all")
        contact_id, ids, mark = _letters(asked)
        done = await self._core.mailbox.erase(asked.caller, contact_id, ids, for_all=for_all, mark=mark)
        return await self._letters_done(asked, contact_id, done)

    async def _letters_done(self, asked: Asked, contact_id: ContactId, done: list[LetterId]) -> Answer:
        page = await self._mail.page_of_letters(asked, contact_id)
        return Answer(more={"operated_ids": [str(each) for each in done], **page})

    async def _edit(self, asked: Asked) -> Answer:
        call, contact_id = asked.call, ContactId(asked.call.number("Contact"))
        letter_id, text = LetterId(call.number("Message")), call.text("texttT")
        letter = await self._core.mailbox.edit(asked.caller, contact_id, letter_id, text, call.text("hash"))
        contact, _ = await self._core.mailbox.get_letter(asked.caller, contact_id, letter.id)
        (encoded,) = await self._mail.encode_letters(asked, contact.other, [letter])
        return Answer(more={"message": encoded})

    async def _editable(self, asked: Asked) -> Answer:
        """The text as it was written, to be changed; letters have no attachments here."""
        contact, letter = await self._core.mailbox.get_editable(asked.caller, *_letter(asked))
        (encoded,) = await self._mail.encode_letters(asked, contact.other, [letter])
        attachments: dict[str, object] = {"list": [], "tile": []}
        return Answer(more={"text": letter.text, "message": encoded, "attaches": attachments})

    async def _answerable(self, asked: Asked) -> Answer:
        contact, letter = await self._core.mailbox.get_letter(asked.caller, *_letter(asked))
        (encoded,) = await self._mail.encode_letters(asked, contact.other, [letter])
        return Answer(more={"text": html(letter.text), "message": encoded})

    async def _clear_garbage(self, asked: Asked) -> Answer:
        await self._core.mailbox.clear_garbage(asked.caller)
        return Answer(more={"counters": await self._counters(asked), "postponed": 0})


def _letter(asked: Asked) -> tuple[ContactId, LetterId]:
    return ContactId(asked.call.number("Contact")), LetterId(asked.call.number("Message"))


def _letters(asked: Asked) -> tuple[ContactId, list[LetterId], str]:
    """Whose letters, which, and the mark of the client that asks."""
    ids = [LetterId(number) for number in asked.call.numbers("MeSsages")]
    return ContactId(asked.call.number("Contact")), ids, asked.call.text("hash")
