"""A member's own account: what others see of it, how to reach and recognise its owner, and where it is signed in."""

from dataclasses import dataclass, replace
from datetime import date

from beseda.core.access import access_account, access_by_hand, access_member, access_registered, access_session
from beseda.core.auth import Auth, end_session, still_so
from beseda.core.caller import Caller
from beseda.core.identities import Identities
from beseda.core.ports import Clock, Store
from beseda.domain.accounts import Account, Look, Sex, check_birth_date
from beseda.domain.errors import WrongCredentials
from beseda.domain.events import AccountChanged
from beseda.domain.ids import SessionId
from beseda.domain.sessions import Handle, Session, ends_at


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """One of the sessions of a member; `current` is the one that asks."""

    session: Session
    current: bool


class OwnAccount:
    def __init__(self, store: Store, clock: Clock, auth: Auth, identities: Identities) -> None:
        self._store = store
        self._clock = clock
        self._auth = auth
        self._identities = identities

    async def set_profile(self, caller: Caller, *, sex: Sex | None, birth_date: date | None, age_public: bool) -> None:
        """What others see. Raises RegisteredOnly, BirthDateInvalid."""
        account, now = access_registered(caller), self._clock.now()
        if birth_date:
            check_birth_date(birth_date, now.date())
        async with self._store.unit() as unit:
            await access_member(unit, account.id)
            await unit.accounts.set_profile(account.id, sex, birth_date, age_public=age_public)
            unit.record(AccountChanged(now, account.id))

    async def set_look(self, caller: Caller, look: Look) -> None:
        """In which language and colours he has pages, in all his browsers. Raises RegisteredOnly, TokenTooNarrow."""
        account = access_registered(caller)
        async with self._store.unit() as unit:
            await access_member(unit, account.id)
            await unit.accounts.set_look(account.id, look)
            unit.record(AccountChanged(self._clock.now(), account.id))

    async def set_contacts(self, caller: Caller, password: str, *, email: str, phone: str) -> None:
        """Other ways to sign in, "" for none; the password is asked for again.

        Raises WrongCredentials, EmailInvalid, EmailTaken, PhoneInvalid, PhoneTaken, TooOften.
        """
        account = access_registered(caller)
        kept_email = self._identities.email(email) if email else None
        kept_phone = self._identities.phone(phone) if phone else None
        proved = await self._auth.authenticate(account.nick, password, caller.address, known=True)
        async with self._store.unit() as unit:
            if not await still_so(unit, proved):
                raise WrongCredentials
            await unit.accounts.set_contacts(account.id, kept_email, kept_phone)
            unit.record(AccountChanged(self._clock.now(), account.id))

    async def list_sessions(self, caller: Caller) -> list[Whereabouts]:
        """Where the caller is signed in, the last used first. Raises RegisteredOnly, TokenTooNarrow.

        A personal token that is shown itself is no such place: it ends as tokens do.
        """
        account, (_, current) = access_registered(caller), caller.signed_in()
        now, uses = self._clock.now(), self._auth.uses
        found = [
            replace(each, seen_at=uses.of_session(each.id, each.seen_at))
            for each in await self._store.view.sessions.list_of(account.id)
        ]
        alive = (each for each in found if _is_place(each) and now < ends_at(each, registered=True))
        ordered = sorted(alive, key=lambda each: (each.id == current.id, each.seen_at), reverse=True)
        return [Whereabouts(each, each.id == current.id) for each in ordered]

    async def end_session(self, caller: Caller, session_id: SessionId) -> None:
        """End one of the caller's sessions; one that has ended, or is another's, is none. Raises as `list_sessions`."""
        access_registered(caller)
        async with self._store.unit() as unit:
            account, _ = await access_session(unit, caller)
            session = await unit.sessions.find(session_id)
            if session is not None and session.account_id == account.id and _is_place(session):
                await end_session(unit, account, session, self._clock.now())

    async def end_other_sessions(self, caller: Caller) -> None:
        """End all but the caller's. Raises as `list_sessions`."""
        access_registered(caller)
        async with self._store.unit() as unit:
            account, current = await access_session(unit, caller)
            for session in await unit.sessions.list_of(account.id):
                if session.id != current.id and _is_place(session):
                    await end_session(unit, account, session, self._clock.now())

    async def list_notes(self, caller: Caller) -> list[tuple[Account, str]]:
        """About whom, and what; in the order of nicks. Raises RegisteredOnly."""
        return await self._store.view.notes.list_of(access_registered(caller).id)

    async def prove(self, caller: Caller, password: str) -> None:
        """The caller shows again that it is him, before he is told a secret.

        Raises RegisteredOnly, TokenTooNarrow for who came in by a token, WrongCredentials, TooOften.
        """
        account = access_by_hand(caller)
        await self._auth.authenticate(account.nick, password, caller.address, known=True)

    async def get(self, caller: Caller) -> tuple[Account, str, str]:
        """The account as it is now, its e-mail address and phone number, "" where there is none."""
        account = await access_account(self._store.view, access_registered(caller).id)
        email, phone = await self._store.view.accounts.contacts(account.id)
        return account, email, phone


def _is_place(session: Session) -> bool:
    return session.kind is not Handle.TOKEN
