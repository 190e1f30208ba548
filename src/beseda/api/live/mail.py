"""A member's letters: lists, threads, writing, putting away."""

from collections.abc import Awaitable, Callable, Sequence

from beseda.api.live.calls import Client, Op, account_of, page_of
from beseda.api.live.codec import LiveCall, LiveCallRefused, encode_answer
from beseda.api.live.codec_mail import LISTS, show_contact, show_letter, show_thread
from beseda.core.caller import Caller
from beseda.core.mailbox import Mailbox
from beseda.domain.ids import MAX_ID, ContactId, LetterId
from beseda.domain.mail import MailList

OfContacts = Callable[[Mailbox, Caller, Sequence[ContactId], bool], Awaitable[object]]


def _contact_of(call: LiveCall) -> ContactId:
    return ContactId(min(call.number("contact"), MAX_ID))


def _contacts_of(call: LiveCall) -> list[ContactId]:
    return [ContactId(each) for each in call.list("contacts", int)]


def _letters_of(call: LiveCall) -> list[LetterId]:
    return [LetterId(each) for each in call.list("letters", int)]


def _list_of(call: LiveCall) -> MailList:
    shown = call.text("list", "inbox")
    if shown not in LISTS:
        raise LiveCallRefused("bad_list", call.id)
    return LISTS[shown]


async def _threads(client: Client, call: LiveCall) -> bytes:
    shown = await client.core.mail.list_threads(
        client.caller, _list_of(call), nick=call.text("nick", ""), offset=call.number("offset", 0), limit=page_of(call)
    )
    return encode_answer(call, threads=[show_thread(thread) for thread in shown.threads], total=shown.total)


async def _letters(client: Client, call: LiveCall) -> bytes:
    """Of a contact, or of somebody who may be none yet: then there is no `contact` in the answer."""
    mail, limit, before = client.core.mail, page_of(call), call.optional_number("before")
    if call.optional_number("contact") is not None:
        contact_id = _contact_of(call)
    else:
        found = await mail.find_contact(client.caller, account_of(call))
        if found is None:
            return encode_answer(call, letters=[], before=0, more=False)
        contact_id = found.id
    page = await mail.page_of_thread(client.caller, contact_id, _list_of(call), before=before, limit=limit)
    letters = [show_letter(letter) for letter in page.letters]
    oldest = page.letters[-1].id if page.letters else 0
    more = len(letters) == limit
    return encode_answer(call, contact=show_contact(page.contact), letters=letters, before=oldest, more=more)


async def _send(client: Client, call: LiveCall) -> bytes:
    answers = call.optional_number("answers")
    letter, _ = await client.core.mail.send(
        client.caller,
        account_of(call),
        call.text("text"),
        key=call.optional_text("key"),
        answers=None if answers is None else LetterId(min(answers, MAX_ID)),
    )
    return encode_answer(call, letter=show_letter(letter))


async def _read_letters(client: Client, call: LiveCall) -> bytes:
    await client.core.mail.mark_read(client.caller, _contacts_of(call))
    return encode_answer(call)


async def _typing(client: Client, call: LiveCall) -> bytes:
    await client.core.mailbox.write(client.caller, _contact_of(call), call.text("draft", ""))
    return encode_answer(call)


def _of_contacts(deed: OfContacts, flag: str) -> Op:
    async def do(client: Client, call: LiveCall) -> bytes:
        await deed(client.core.mailbox, client.caller, _contacts_of(call), call.flag(flag))
        return encode_answer(call)

    return do


async def _throw(client: Client, call: LiveCall) -> bytes:
    """All letters of `contacts`, or some `letters` of a `contact`."""
    mailbox, thrown = client.core.mailbox, call.flag("thrown")
    if "contacts" in call.members:
        await mailbox.set_contacts_thrown(client.caller, _contacts_of(call), thrown)
    else:
        await mailbox.set_thrown(client.caller, _contact_of(call), _letters_of(call), thrown)
    return encode_answer(call)


async def _keep(client: Client, call: LiveCall) -> bytes:
    favourite = call.flag("favourite")
    await client.core.mailbox.set_favourite(client.caller, _contact_of(call), _letters_of(call), favourite)
    return encode_answer(call)


async def _edit(client: Client, call: LiveCall) -> bytes:
    letter_id = LetterId(min(call.number("letter"), MAX_ID))
    letter = await client.core.mailbox.edit(client.caller, _contact_of(call), letter_id, call.text("text"))
    return encode_answer(call, letter=show_letter(letter))


async def _erase(client: Client, call: LiveCall) -> bytes:
    """As `_throw`; letters `for_all`, or the member's copies alone."""
    mailbox = client.core.mailbox
    if "contacts" in call.members:
        await mailbox.erase_contacts(client.caller, _contacts_of(call))
    else:
        for_all = call.flag("for_all", False)
        await mailbox.erase(client.caller, _contact_of(call), _letters_of(call), for_all=for_all)
    return encode_answer(call)


OPS: dict[str, Op] = {
    "threads": _threads,
    "letters": _letters,
    "send": _send,
    "read_letters": _read_letters,
    "typing": _typing,
    "archive": _of_contacts(Mailbox.set_archived, "archived"),
    "spam": _of_contacts(Mailbox.set_spam, "spam"),
    "throw": _throw,
    "keep": _keep,
    "edit": _edit,
    "erase": _erase,
}
