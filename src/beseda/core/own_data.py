"""All that a member has here, to take away: what he told of himself, wrote and keeps.

What others wrote is theirs, but for letters to him.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from beseda.core.access import access_account, access_registered
from beseda.core.auth import Auth
from beseda.core.caller import Caller
from beseda.core.limits import Limiter
from beseda.core.ports import Store
from beseda.domain.accounts import Account
from beseda.domain.domains import DomainOrder
from beseda.domain.ids import MAX_ID, AccountId, LetterId, RoomId
from beseda.domain.mail import Contact, MailList

PAGE = 100
EVER = datetime.min.replace(tzinfo=UTC)
SPAN = 20_000
"""Lines of a room that are looked through at once: so nobody waits long for it."""
Facts = dict[str, object]
Record = tuple[str, Facts | bytes]
"""Of which kind, and what: texts, numbers, moments, None; the picture is a JPEG."""


class OwnData:
    def __init__(self, store: Store, auth: Auth, limiter: Limiter) -> None:
        self._store = store
        self._auth = auth
        self._limiter = limiter

    async def begin(self, caller: Caller, password: str) -> Account:
        """The caller proves again that it is him. Raises RegisteredOnly, TokenTooNarrow, WrongCredentials, TooOften."""
        account = access_registered(caller)
        await self._auth.authenticate(account.nick, password, caller.address, known=True)
        self._limiter.take("own_data", str(account.id))
        return account

    async def records(self, caller: Caller) -> AsyncIterator[Record]:
        """One after another, those of a kind together; so no archive is too large. Raises RegisteredOnly."""
        account_id = access_registered(caller).id
        for part in (self._profile, self._kept, self._signed_in, self._letters, self._lines):
            async for record in part(account_id):
                yield record

    async def _profile(self, account_id: AccountId) -> AsyncIterator[Record]:
        view = self._store.view
        account = await access_account(view, account_id)
        email, phone = await view.accounts.contacts(account_id)
        yield (
            "profile",
            {
                "id": account.id,
                "nick": account.nick,
                "email": email or None,
                "phone": phone or None,
                "sex": account.sex.value if account.sex else None,
                "birth_date": account.birth_date.isoformat() if account.birth_date else None,
                "age_public": account.age_public,
                "language": account.look.language or None if account.look else None,
                "theme": account.look.theme.value if account.look else None,
                "created_at": account.created_at,
                "karma_given": account.karma_given,
                "karma_earned": account.karma_earned,
                "profile_views": account.profile_views,
            },
        )
        if picture := await view.pictures.find(account_id):
            yield "picture", picture[0]

    async def _kept(self, account_id: AccountId) -> AsyncIterator[Record]:
        view = self._store.view
        for about, text in await view.notes.list_of(account_id):
            yield "notes", {"about": about.nick, "text": text}
        for ignored in await view.ignoring.list_ignored(account_id):
            yield "ignored", {"id": ignored.id, "nick": ignored.nick}
        for room_id in sorted(await view.accounts.favourites(account_id)):
            room = await view.rooms.find(room_id)
            yield "favourite_rooms", {"id": room_id, "name": room.name if room else None}
        for gift in await view.karma.list_given(account_id, EVER, MAX_ID):
            yield "karma_given", {"to": gift.receiver.nick, "amount": gift.amount, "at": gift.at}
        for gift in await view.karma.list_received(account_id, EVER, MAX_ID):
            yield "karma_received", {"amount": gift.amount, "reason": gift.reason, "at": gift.at}
        for domain in await view.domains.list_of(
            account_id, containing="", order=DomainOrder.READABLE, descending=False, offset=0, limit=MAX_ID
        ):
            yield "domains", {"name": domain.name.ascii, "created_at": domain.created_at}

    async def _signed_in(self, account_id: AccountId) -> AsyncIterator[Record]:
        view = self._store.view
        for session in await view.sessions.list_of(account_id):
            facts: Facts = {"address": session.address, "created_at": session.created_at, "seen_at": session.seen_at}
            yield "sessions", {"kind": session.kind.value, **facts}
        for token in await view.tokens.list_of(account_id):
            facts = {"created_at": token.created_at, "expires_at": token.expires_at, "used_at": token.used_at}
            yield "tokens", {"name": token.name, **facts}

    async def _letters(self, account_id: AccountId) -> AsyncIterator[Record]:
        for listed in (MailList.INBOX, MailList.SPAM, MailList.ARCHIVE):
            offset = 0
            while contacts := await self._store.view.mail.list_contacts(
                account_id, listed, "", offset=offset, limit=PAGE
            ):
                offset += PAGE
                for contact in contacts:
                    async for record in self._thread(account_id, contact):
                        yield record

    async def _thread(self, account_id: AccountId, contact: Contact) -> AsyncIterator[Record]:
        for shown in (MailList.INBOX, MailList.GARBAGE):
            before = LetterId(MAX_ID)
            while letters := await self._store.view.mail.list_letters(
                account_id, contact.id, before=before, limit=PAGE, shown=shown
            ):
                before = letters[-1].id
                for letter in letters:
                    facts: Facts = {"with": contact.other.nick, "received": letter.received, "at": letter.at}
                    kept: Facts = {"favourite": letter.favourite, "thrown": letter.thrown}
                    yield "letters", {"id": letter.id, **facts, "text": letter.text, "read_at": letter.read_at, **kept}

    async def _lines(self, account_id: AccountId) -> AsyncIterator[Record]:
        messages, after = self._store.view.messages, RoomId(0)
        while heads := await messages.list_heads(after, PAGE):
            after = heads[-1][0]
            for room_id, head in heads:
                room = await self._store.view.rooms.find(room_id)
                for start in range(await messages.tail(room_id), head, SPAN):
                    for line in await messages.list_by(account_id, room_id, start, start + SPAN):
                        facts: Facts = {"room": room.name if room else room_id, "seq": line.seq, "at": line.at}
                        yield "lines", {**facts, "to": line.target.nick if line.target else None, "text": line.text}
