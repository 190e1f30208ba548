"""Letters and contacts: sending, reading, drafts (sections `mail` and `page`)."""

from collections.abc import Iterable, Sequence

from beseda.api.spaces.asked import Asked, Handler
from beseda.api.spaces.codec import Answer
from beseda.api.spaces.codec_mail import Online, PageOf, WhyNot, encode_contact, encode_letter, html, read_list
from beseda.core.core import Core
from beseda.core.mail import Letters, Thread
from beseda.domain.accounts import Account
from beseda.domain.errors import BesedaError, ContactNotFound, IgnoredByReceiver, ReceiverIgnored
from beseda.domain.ids import AccountId, ContactId, LetterId
from beseda.domain.mail import Letter


class MailMethods:
    def __init__(self, core: Core) -> None:
        self._core = core
        self.handlers: dict[str, Handler] = {
            "mail.sendMessage": self._send,
            "mail.getMessagesByIds": self._letters_by_ids,
            "mail.getMessages": self._letters,
            "mail.getContacts": self._contacts,
            "mail.getContactsByIds": self._contacts_by_ids,
            "mail.markContactsAsRead": self._mark_read,
            "mail.resetMailEventsCnt": self._reset_new,
            "mail.typing": self._type,
            "page.mail": self._mail_page,
            "page.message_list": self._message_page,
        }

    async def _send(self, asked: Asked) -> Answer:
        call = asked.call
        receiver, answers = await self._receiver(asked), call.number("Reply")
        letter, signs = await self._core.mail.send(
            asked.caller,
            receiver.id,
            call.text("texttT"),
            answers=LetterId(answers) if answers else None,
            mark=call.text("hash"),
            openly=True,
        )
        online = signs is not None and self._core.presence.is_online(receiver.id, signs)
        return Answer(more={"message": encode_letter(letter, receiver, {receiver.id: online}, asked.site)})

    async def _receiver(self, asked: Asked) -> Account:
        """`Contact` is the caller's number for a contact, `user` a nick."""
        if contact_id := asked.call.number("Contact"):
            return await self._core.mail.receiver(asked.caller, ContactId(contact_id))
        if nick := asked.call.text("user", "User"):
            return await self._core.mail.find_receiver(nick)
        raise ContactNotFound

    async def _letters_by_ids(self, asked: Asked) -> Answer:
        """Those that are there, by id."""
        contact_id = ContactId(asked.call.number("Contact"))
        ids = [LetterId(number) for number in asked.call.numbers("MeSsages")]
        contact, letters = await self._core.mail.get_letters(asked.caller, contact_id, ids)
        encoded = await self.encode_letters(asked, contact.other, letters)
        more: dict[str, object] = {"messages": {letter["nid"]: letter for letter in encoded}}
        if asked.call.flag("Pag"):
            shown = read_list(asked.call)
            query = {"Contact": contact.id, "List": int(shown)}
            page = PageOf(asked.call).pagination(contact.count(shown), asked.site, "/mail/message_list/", **query)
            more["pagination"] = page
        return Answer(more=more)

    async def _letters(self, asked: Asked) -> Answer:
        """A page of a contact's letters, newest first; `q` searches in them. Who is no contact yet has none."""
        call = asked.call
        contact_id = call.number("Contact")
        if not contact_id:
            contact = await self._core.mail.find_contact(asked.caller, (await self._receiver(asked)).id)
            if contact is None:
                return Answer(more={"messages": [], "pagination": None})
            contact_id = contact.id
        return Answer(more=await self.page_of_letters(asked, ContactId(contact_id)))

    async def page_of_letters(self, asked: Asked, contact_id: ContactId) -> dict[str, object]:
        """`messages` and `pagination`."""
        found = await self._read(asked, contact_id)
        encoded = await self.encode_letters(asked, found.contact.other, found.letters)
        return {"messages": encoded, "pagination": self._pagination(asked, found)}

    async def _read(self, asked: Asked, contact_id: ContactId) -> Letters:
        page, shown = PageOf(asked.call), read_list(asked.call)
        search = asked.call.text("q", "Search")
        return await self._core.mail.read_thread(
            asked.caller, contact_id, shown, search=search, offset=page.offset, limit=page.limit
        )

    def _pagination(self, asked: Asked, found: Letters) -> object:
        query: dict[str, object] = {"Contact": found.contact.id, "List": int(read_list(asked.call))}
        if search := asked.call.text("q", "Search"):
            query["q"] = search
        return PageOf(asked.call).pagination(found.total, asked.site, "/mail/message_list/", **query)

    async def encode_letters(self, asked: Asked, other: Account, letters: Iterable[Letter]) -> list[dict[str, object]]:
        """As messages from and to another."""
        online = await self._online([other])
        return [encode_letter(letter, other, online, asked.site) for letter in letters]

    async def _contacts(self, asked: Asked) -> Answer:
        return Answer(more=await self.page_of_contacts(asked))

    async def page_of_contacts(self, asked: Asked) -> dict[str, object]:
        """`contacts` and `pagination`, and what was searched for."""
        page, shown, search = PageOf(asked.call), read_list(asked.call), asked.call.text("q")
        found = await self._core.mail.list_threads(
            asked.caller, shown, nick=search, offset=page.offset, limit=page.limit
        )
        query: dict[str, object] = {"List": int(shown)} | ({"q": search} if search else {})
        more: dict[str, object] = {
            "contacts": await self._encode_threads(asked, found.threads),
            "pagination": page.pagination(found.total, asked.site, "/mail/", **query),
        }
        if search:
            more |= {"q": html(search), "search_messages_link": asked.site.link("/mail/", q=search, Search=1)}
        return more

    async def _contacts_by_ids(self, asked: Asked) -> Answer:
        ids = [ContactId(number) for number in asked.call.numbers("CoNtacts")]
        threads = await self._core.mail.get_threads(asked.caller, ids)
        if not threads:
            raise ContactNotFound
        encoded = await self._encode_threads(asked, threads)
        return Answer(more={"contacts": {contact["nid"]: contact for contact in encoded}, "pagination": None})

    async def _encode_threads(self, asked: Asked, threads: Sequence[Thread]) -> list[dict[str, object]]:
        others = [thread.contact.other for thread in threads]
        online, why = await self._online(others), await self._why_not(asked, others)
        return [encode_contact(thread, online, why, asked.site) for thread in threads]

    async def _mark_read(self, asked: Asked) -> Answer:
        ids = [ContactId(number) for number in asked.call.numbers("CoNtacts")]
        if not await self._core.mail.mark_read(asked.caller, ids):
            raise ContactNotFound
        return Answer()

    async def _reset_new(self, asked: Asked) -> Answer:
        await self._core.mail.reset_new(asked.caller)
        return Answer()

    async def _type(self, asked: Asked) -> Answer:
        """The draft is kept; the other is told unless `No_notify`."""
        call = asked.call
        await self._core.mailbox.write(
            asked.caller,
            ContactId(call.number("Contact")),
            call.text("message"),
            # COMPAT(spaces): an Android client sends no_notify with all its drafts; only the page's word is meant.
            quietly=call.flag("No_notify"),
            by_voice=call.flag("Voice"),
        )
        return Answer()

    async def _mail_page(self, asked: Asked) -> Answer:
        page = await self.page_of_contacts(asked)
        return Answer(more={"form": {"contacts": page["contacts"]}, "pagination": page["pagination"]})

    async def _message_page(self, asked: Asked) -> Answer:
        """COMPAT(spaces): clients want `contact_info` and `new_msg_form` whole, or show nothing.

        Where one may not write the form has no `action`.
        """
        found = await self._read(asked, ContactId(asked.call.number("Contact")))
        contact = found.contact
        online, why = await self._online([contact.other]), await self._why_not(asked, [contact.other])
        form = {"text": html(contact.draft)}
        if not why:
            form["action"] = asked.site.link("/api/mail/sendMessage/", Contact=contact.id)
        return Answer(
            more={
                "contact_info": encode_contact(Thread(contact, None), online, why, asked.site),
                "msg_list": [encode_letter(letter, contact.other, online, asked.site) for letter in found.letters],
                "new_msg_form": form,
                "pagination": self._pagination(asked, found),
            }
        )

    async def _why_not(self, asked: Asked, others: list[Account]) -> WhyNot:
        """To whom of others the caller may not write: whom he ignores, and who ignores him."""
        account, _ = asked.caller.signed_in()
        mine = await self._core.ignoring.ignored_by(account.id)
        why: dict[AccountId, type[BesedaError]] = {}
        for other in others:
            if other.id in mine:
                why[other.id] = ReceiverIgnored
            elif account.id in await self._core.ignoring.ignored_by(other.id):
                why[other.id] = IgnoredByReceiver
        return why

    async def _online(self, accounts: list[Account]) -> Online:
        return await self._core.presence.look_at_all(accounts)
