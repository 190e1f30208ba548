"""Domains that go from one member to another: offered by the one, and theirs when the other accepts.

A domain goes with its zone, its history and its hosts; its keys were the giver's and are worthless then. A deed without
a caller is an operator's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from beseda.core.access import access_domain_itself, access_domain_of_anybody, access_member, access_registered
from beseda.core.caller import Caller
from beseda.core.ports import Clock, NameCodec, Store, Unit
from beseda.domain.accounts import Standing
from beseda.domain.domains import KEPT, Domain, DomainName
from beseda.domain.errors import AccountNotFound, DomainOfferNotFound, DomainPresent
from beseda.domain.events import DomainHandedOver
from beseda.domain.ids import AccountId
from beseda.domain.ownership import Offer


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer, and who makes it to whom, by nick."""

    offer: Offer
    giver: str
    taker: str


class Handovers:
    def __init__(self, store: Store, clock: Clock, names: NameCodec) -> None:
        self._store = store
        self._clock = clock
        self._names = names

    async def offer(self, caller: Caller, name: str, nick: str) -> None:
        """Offer one of the caller's domains to another member, for a week and in place of any offer before.

        Raises DomainNotFound, DomainNameInvalid; AccountNotFound; DomainPresent when it is the caller's own nick.
        """
        async with self._store.unit() as unit:
            domain = await access_domain_itself(unit, caller, self._names.domain_name(name))
            taker = await unit.accounts.find_by_nick(nick)
            if taker is None or not taker.registered or taker.standing is not Standing.ACTIVE:
                raise AccountNotFound(account=nick)
            if taker.id == domain.account_id:
                raise DomainPresent(name=name)
            await unit.ownership.offer(domain.id, domain.account_id, taker.id, self._clock.now())

    async def offers(self, caller: Caller) -> Sequence[OfferView]:
        """Those that the caller makes and gets, the newest first."""
        account = access_registered(caller)
        found = await self._store.view.ownership.offers(account.id, self._clock.now() - KEPT)
        nicks = {
            account_id: (await access_member(self._store.view, account_id)).nick
            for account_id in {each for offer in found for each in (offer.giver_id, offer.taker_id)}
        }
        return [OfferView(offer, nicks[offer.giver_id], nicks[offer.taker_id]) for offer in found]

    async def accept(self, caller: Caller, name: str) -> Domain:
        """Take a domain that is offered to the caller. Raises DomainOfferNotFound, DomainNameInvalid."""
        account, both = access_registered(caller), self._names.domain_name(name)
        async with self._store.unit() as unit:
            if (await self._offer(unit, account.id, both)).taker_id != account.id:
                raise DomainOfferNotFound(name=both.readable)
            domain = await access_domain_of_anybody(unit, both)
            await self._give(unit, domain, account.id)
            return domain

    async def end(self, caller: Caller, name: str) -> None:
        """Take an offer back, or decline it. Raises DomainOfferNotFound, DomainNameInvalid."""
        account, both = access_registered(caller), self._names.domain_name(name)
        async with self._store.unit() as unit:
            await self._offer(unit, account.id, both)
            await unit.ownership.end_offer((await access_domain_of_anybody(unit, both)).id)

    async def hand_over(self, name: str, account_id: AccountId) -> Domain:
        """Give a domain to another member at once.

        Raises DomainNotFound, DomainNameInvalid, AccountNotFound; DomainPresent when it is on that account.
        """
        both = self._names.domain_name(name)
        async with self._store.unit() as unit:
            taker = await access_member(unit, account_id)
            domain = await access_domain_of_anybody(unit, both)
            if domain.account_id == taker.id:
                raise DomainPresent(name=both.readable)
            await self._give(unit, domain, taker.id)
            return await access_domain_of_anybody(unit, both)

    async def _offer(self, unit: Unit, account_id: AccountId, name: DomainName) -> Offer:
        for offer in await unit.ownership.offers(account_id, self._clock.now() - KEPT):
            if offer.name == name:
                return offer
        raise DomainOfferNotFound(name=name.readable)

    async def _give(self, unit: Unit, domain: Domain, taker_id: AccountId) -> None:
        for key in await unit.zone_keys.list_of(domain.name.ascii):
            await unit.zone_keys.remove(key.zone, key.label)
        await unit.ownership.end_offer(domain.id)
        await unit.domains.set_account(domain.id, taker_id)
        unit.record(DomainHandedOver(self._clock.now(), domain.id))
