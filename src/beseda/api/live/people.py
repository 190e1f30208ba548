"""Cards of members, and what one does to others: as a member, and as the admin of a room."""

from collections.abc import Awaitable, Callable

from beseda.api.live.calls import Client, Op, account_of, room_of
from beseda.api.live.codec import LiveCall, encode_answer
from beseda.api.live.codec_rooms import show_card, show_kick, show_report
from beseda.api.shown import person, show_line
from beseda.core.caller import Caller
from beseda.core.moderation import Moderation
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.messages import Line

Against = Callable[[Moderation, Caller, RoomId, AccountId], Awaitable[Line]]


async def _card(client: Client, call: LiveCall) -> bytes:
    room = None if call.optional_number("room") is None else room_of(call)
    card = await client.core.cards.show(client.caller, account_of(call), room, visit=call.flag("visit", False))
    return encode_answer(call, card=show_card(card))


async def _find(client: Client, call: LiveCall) -> bytes:
    found = await client.core.accounts.search(client.caller, call.text("nick"))
    return encode_answer(call, people=[person(account) for account in found])


async def _ignore(client: Client, call: LiveCall) -> bytes:
    await client.core.ignoring.set_ignored(client.caller, account_of(call), call.flag("ignored"))
    return encode_answer(call)


async def _ignored(client: Client, call: LiveCall) -> bytes:
    return encode_answer(call, people=[person(each) for each in await client.core.ignoring.list_ignored(client.caller)])


async def _note(client: Client, call: LiveCall) -> bytes:
    await client.core.notes.write(client.caller, account_of(call), call.text("text"))
    return encode_answer(call)


async def _give_karma(client: Client, call: LiveCall) -> bytes:
    receiver, amount, reason = account_of(call), call.number("amount"), call.text("reason", "")
    if reason:
        await client.core.karma.give_negative(client.caller, receiver, amount, reason)
    else:
        await client.core.karma.give(client.caller, receiver, amount)
    return encode_answer(call)


async def _kick(client: Client, call: LiveCall) -> bytes:
    line = await client.core.moderation.kick(
        client.caller, room_of(call), account_of(call), call.text("reason"), call.optional_number("minutes")
    )
    return encode_answer(call, line=show_line(line))


def _against(deed: Against) -> Op:
    async def do(client: Client, call: LiveCall) -> bytes:
        line = await deed(client.core.moderation, client.caller, room_of(call), account_of(call))
        return encode_answer(call, line=show_line(line))

    return do


async def _kicks(client: Client, call: LiveCall) -> bytes:
    kicks = await client.core.moderation.list_kicks(client.caller, room_of(call))
    return encode_answer(call, kicks=[show_kick(kick) for kick in kicks])


async def _report(client: Client, call: LiveCall) -> bytes:
    await client.core.moderation.report(client.caller, room_of(call), call.number("seq"), call.text("reason"))
    return encode_answer(call)


async def _reports(client: Client, call: LiveCall) -> bytes:
    reports = await client.core.moderation.list_reports(client.caller, room_of(call))
    return encode_answer(call, reports=[show_report(report) for report in reports])


async def _settle(client: Client, call: LiveCall) -> bytes:
    await client.core.moderation.settle_report(client.caller, room_of(call), call.number("seq"))
    return encode_answer(call)


OPS: dict[str, Op] = {
    "card": _card,
    "find": _find,
    "ignore": _ignore,
    "ignored": _ignored,
    "note": _note,
    "give_karma": _give_karma,
    "kick": _kick,
    "unkick": _against(Moderation.unkick),
    "mute": _against(Moderation.mute),
    "unmute": _against(Moderation.lift_mute),
    "delete_all": _against(Moderation.delete_all_by),
    "allow_links": _against(Moderation.allow_links),
    "kicks": _kicks,
    "report": _report,
    "reports": _reports,
    "settle": _settle,
}
