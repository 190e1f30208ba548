"""Searching in rooms and in letters."""

from beseda.api.live.calls import Client, Op, page_of, room_of
from beseda.api.live.codec import LiveCall, encode_answer
from beseda.api.live.codec_mail import show_contact, show_letter
from beseda.api.shown import show_line


async def _search(client: Client, call: LiveCall) -> bytes:
    """In a `room`, where one may read on before a line; or in all rooms that the member is in."""
    text, limit, search = call.text("text"), page_of(call), client.core.search
    if call.optional_number("room") is None:
        found = await search.everywhere(client.caller, text, limit=limit)
    else:
        before = call.optional_number("before")
        found = await search.in_room(client.caller, room_of(call), text, before=before, limit=limit)
    lines = [show_line(line) for line in found.lines]
    return encode_answer(call, lines=lines, before=found.before, more=found.more)


async def _search_letters(client: Client, call: LiveCall) -> bytes:
    before = call.optional_number("before")
    found = await client.core.search.in_letters(client.caller, call.text("text"), before=before, limit=page_of(call))
    letters = [show_letter(letter) for letter in found.letters]
    of = await client.core.mail.get_threads(client.caller, [letter.contact_id for letter in found.letters])
    contacts = [show_contact(thread.contact) for thread in of]
    return encode_answer(call, letters=letters, contacts=contacts, before=found.before, more=found.more)


OPS: dict[str, Op] = {"search": _search, "search_letters": _search_letters}
