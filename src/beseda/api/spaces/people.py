"""What waits for a member, who is there, his journal (sections `common`, `users`, `journal`)."""

from beseda.api.spaces.asked import Asked, Handler
from beseda.api.spaces.codec import Answer
from beseda.api.spaces.codec_mail import PageOf, human
from beseda.api.spaces.codec_people import encode_owner, encode_record, encode_user
from beseda.core.core import Core
from beseda.core.notifications import JournalPage
from beseda.domain.ids import AccountId

NEW_ONLY = 2
"""The filter `S` of the journal; any other number shows all."""
RECORDS = 30
ASKED_MAX = 100
LIT, UNLIT = "red", "gray"
"""COMPAT(spaces): what counters are drawn with."""


class PeopleMethods:
    def __init__(self, core: Core) -> None:
        self._core = core
        self.handlers: dict[str, Handler] = {
            "common.getTopCounts": self._counts,
            "common.beacon": self._beacon,
            "users.isOnline": self._online,
            "users.search": self._search,
            "journal.getRecords": self._records,
            "page.journal": self._journal_page,
            "page.events": self._events_page,
            "page.mysite": self._member_page,
        }

    async def _counts(self, asked: Asked) -> Answer:
        """1 is the journal, 2 the feed of friends (which there is none of), 3 the mail."""
        counts = await self._core.counters.count(asked.caller)
        color = LIT if counts.journal or counts.mail else UNLIT
        return Answer(more={"1": counts.journal, "2": 0, "3": counts.mail, "color": color})

    async def _beacon(self, asked: Asked) -> Answer:
        """To have called is enough to be there."""
        asked.caller.signed_in()
        return Answer()

    async def _online(self, asked: Asked) -> Answer:
        asked.caller.signed_in()
        ids = [AccountId(number) for number in asked.call.numbers("UsErs")[:ASKED_MAX]]
        accounts = await self._core.accounts.get_all(ids)
        online = await self._core.presence.look_at_all(accounts)
        status = {
            str(account.id): {"is_online": int(online[account.id]), "human_last_time": human(account.accessed_at)}
            for account in accounts
        }
        return Answer(more={"status": status})

    async def _search(self, asked: Asked) -> Answer:
        """Whoever has that very nick comes first."""
        accounts = await self._core.accounts.search(asked.caller, asked.call.text("q"))
        online = await self._core.presence.look_at_all(accounts)
        users = [encode_user(account, online[account.id], asked.site) for account in accounts]
        return Answer(more={"users": users})

    async def _read_journal(self, asked: Asked, offset: int, limit: int) -> JournalPage:
        unread_only = asked.call.number("S") == NEW_ONLY
        return await self._core.notifications.read(asked.caller, unread_only=unread_only, offset=offset, limit=limit)

    async def _records(self, asked: Asked) -> Answer:
        offset, limit = asked.call.number("O"), asked.call.number("L") or RECORDS
        page = await self._read_journal(asked, offset, limit)
        widgets = [encode_record(each, asked.site) for each in page.notifications]
        return Answer(more={"counts": {"new": page.unread, "main": page.total}, "widgets": widgets})

    async def _journal_page(self, asked: Asked) -> Answer:
        part = PageOf(asked.call)
        page = await self._read_journal(asked, part.offset, part.limit)
        total = page.unread if asked.call.number("S") == NEW_ONLY else page.total
        pages = -(-total // part.limit)
        pagination = {"count": pages, "current_page": part.number, "last_page": pages} if pages > 1 else None
        records = [encode_record(each, asked.site) for each in page.notifications]
        return Answer(more={"info": {"records": records, "pagination": pagination}})

    async def _events_page(self, asked: Asked) -> Answer:
        counts = await self._core.counters.count(asked.caller)
        return Answer(more={"topCounters": {"journal": str(counts.journal), "mail_new": str(counts.mail)}})

    async def _member_page(self, asked: Asked) -> Answer:
        """Where `mysite_link` leads: a member's nick and picture, for everybody."""
        account = await self._core.accounts.find_nick(asked.call.text("name"))
        signed_in = asked.caller.account is not None
        online = (await self._core.presence.look_at_all([account]))[account.id] if signed_in else None
        return Answer(more={"owner_widget": encode_owner(account, online, asked.site)})
