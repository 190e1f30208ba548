"""Whose a name becomes: by asking first, by an operator's word, or by what the DNS says. The policy is a setting.

What has to be looked up is looked up before the unit in which the name is given; that unit judges anew.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from beseda.core.access import access_registered
from beseda.core.caller import Caller
from beseda.core.limits import Limiter
from beseda.core.ports import Clock, Keyring, Repositories, Store, Unit
from beseda.core.ports.ownership import Lookup
from beseda.domain.accounts import Account
from beseda.domain.domains import KEPT, DomainName, Renewal
from beseda.domain.errors import (
    BesedaError,
    DomainDenied,
    DomainRequested,
    DomainRequestNotFound,
    DomainRequestsFull,
    DomainTaken,
    DomainUnproven,
    ResolverSilent,
)
from beseda.domain.ids import MAX_ID, DomainRequestId
from beseda.domain.ownership import (
    CHALLENGE,
    NONE,
    REQUESTS_MAX,
    Challenge,
    Claim,
    DomainRequest,
    Evidence,
    Facts,
    Need,
    Policy,
    need,
)
from beseda.domain.zones import enclosing

PURPOSE = "domain challenge"
AT_ONCE = 10
"""Names that are looked up at once, of one list."""
Found = Mapping[str, Evidence]
"""What was looked up, by name (A-labels)."""


class Ownership:
    """`name_servers` are ours: a name that is delegated to them, and to nobody else, is meant for us."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        keyring: Keyring,
        limiter: Limiter,
        lookup: Lookup,
        policy: Policy,
        name_servers: Sequence[str],
    ) -> None:
        self._store = store
        self._clock = clock
        self._keyring = keyring
        self._limiter = limiter
        self._lookup = lookup
        self.policy = policy
        self._name_servers = frozenset(name for name in name_servers if "." in name)

    def challenge(self, account: Account, name: DomainName) -> Challenge:
        """What shows that a name is this member's: the same whenever and wherever he asks, and nobody else's."""
        value = self._keyring.seal(PURPOSE, f"{account.id}\0{name.ascii}")[:40]
        return Challenge(f"{CHALLENGE}.{name.ascii}", f"beseda={value}")

    async def look_up(self, account: Account, names: Sequence[DomainName]) -> Found:
        """What the DNS says of those names that have to be proved; outside of any unit.

        Raises TooOften, ResolverSilent.
        """
        if self.policy is not Policy.PROOF:
            return {}
        open_names = [name for name in names if await self._need(self._store.view, account, name, {}) is Need.PROOF]
        wanted = {name.ascii: name for name in open_names if not _inside(name, open_names)}
        for _ in wanted:
            self._limiter.take("domain_claim", str(account.id))
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(name: DomainName) -> Evidence:
            async with turns:
                return await self._evidence(account, name)

        found = await asyncio.gather(*map(one, wanted.values()), return_exceptions=True)
        for each in found:
            if isinstance(each, BaseException):
                try:
                    raise each
                finally:
                    del each, found  # it would hold this frame, which holds it
        return dict(zip(wanted, (each for each in found if isinstance(each, Evidence)), strict=True))

    async def _evidence(self, account: Account, name: DomainName) -> Evidence:
        challenge = self.challenge(account, name)
        try:
            if challenge.value in await self._lookup.texts(challenge.record):
                return Evidence(record=True)
        except ResolverSilent:  # servers that do not answer for the name yet may be ours
            if await self._is_delegated(name):
                return Evidence(delegation=True)
            raise
        return Evidence(delegation=await self._is_delegated(name))

    async def _is_delegated(self, name: DomainName) -> bool:
        """Whether the name is served by our name servers and no others."""
        servers = await self._lookup.delegation(name.ascii) if self._name_servers else frozenset[str]()
        return bool(servers) and servers <= self._name_servers

    async def check(
        self, repos: Repositories, account: Account, name: DomainName, found: Found, written: str
    ) -> BesedaError | None:
        """Why a member cannot have a name that is free: DomainTaken, DomainUnproven, or a bare DomainRequested.

        `written` is the name as he wrote it.
        """
        match await self._need(repos, account, name, found):
            case Need.NOTHING:
                return None
            case Need.OTHERS:
                return DomainTaken(name=written)
            case Need.APPROVAL:
                return DomainRequested(name=written, number=0)
            case Need.PROOF:
                challenge = self.challenge(account, name)
                return DomainUnproven(name=written, record=challenge.record, value=challenge.value)

    async def _need(self, repos: Repositories, account: Account, name: DomainName, found: Found) -> Need:
        above = await repos.domains.find_nearest(enclosing(name.ascii)[1:])
        facts = Facts(
            inside_own=above is not None and above.account_id == account.id,
            his_before=await repos.domains.find_removed(account.id, name.ascii, self._clock.now() - KEPT) is not None,
            known_before=await repos.zones.last_serial(name.ascii) is not None,
            above_others=await repos.domains.others_below(name.ascii, account.id),
        )
        return need(self.policy, facts, found.get(name.ascii, NONE))

    async def ask(
        self, unit: Unit, account: Account, name: DomainName, renewal: Renewal, directory: str, written: str
    ) -> BesedaError:
        """Within a deed that ends well: note that a member wants a name of an operator.

        DomainRequested with the number, the same for who asks again; DomainDenied for a week after it was denied.
        Raises TooOften, DomainRequestsFull.
        """
        asked = await unit.ownership.asked(account.id, name.ascii)
        if asked is None:
            self._limiter.take("domain_claim", str(account.id))
            if await unit.ownership.count_waiting(account.id) >= REQUESTS_MAX:
                raise DomainRequestsFull(max_requests=REQUESTS_MAX)
            asked = await unit.ownership.ask(account.id, name, renewal, directory, self._clock.now())
        if asked.denied_at is not None:
            return DomainDenied(name=written, number=asked.id, words=asked.reason)
        return DomainRequested(name=written, number=asked.id)

    async def note_claims(self, account: Account, names: Sequence[DomainName]) -> None:
        """Remember for a week that a member has yet to show that these are his."""
        if names:
            async with self._store.unit() as unit:
                for name in names:
                    await unit.ownership.claim(account.id, name, self._clock.now(), keep=REQUESTS_MAX)

    async def own_claims(self, caller: Caller) -> list[tuple[Claim, Challenge]]:
        """Names that the caller has yet to show to be his, the newest first, and by what. Raises RegisteredOnly."""
        account = access_registered(caller)
        if self.policy is not Policy.PROOF:
            return []
        found = await self._store.view.ownership.claims(account.id, self._clock.now() - KEPT)
        return [(each, self.challenge(account, each.name)) for each in found]

    async def own_requests(self, caller: Caller) -> list[DomainRequest]:
        """What the caller asked an operator for and is not his, also what was denied lately. Raises RegisteredOnly."""
        return await self._store.view.ownership.requests_of(access_registered(caller).id)

    async def withdraw(self, caller: Caller, name: DomainName) -> None:
        """The caller wants a name no more that he asked for. Raises RegisteredOnly."""
        account = access_registered(caller)
        async with self._store.unit() as unit:
            await unit.ownership.withdraw(account.id, name.ascii)

    async def requests(self, *, denied: bool = False) -> list[DomainRequest]:
        """Those that wait for an operator, or those that one denied lately; the oldest first."""
        return await self._store.view.ownership.list_requests(denied=denied)

    async def deny(self, request_id: int, reason: str = "") -> DomainRequest:
        """The member is told so for a week if he asks again; then he can. Raises DomainRequestNotFound."""
        async with self._store.unit() as unit:
            request, now = await access_request(unit, request_id), self._clock.now()
            await unit.ownership.deny(request.id, now, reason)
            return replace(request, denied_at=now, reason=reason)

    async def forget_old(self, unit: Unit) -> None:
        """Within a deed: denials, offers and claims that are over."""
        before = self._clock.now() - KEPT
        await unit.ownership.forget_denied(before)
        await unit.ownership.forget_offers(before)
        await unit.ownership.forget_claims(before)


async def access_request(repos: Repositories, request_id: int) -> DomainRequest:
    """Raises DomainRequestNotFound."""
    found = await repos.ownership.find(DomainRequestId(request_id)) if 0 < request_id <= MAX_ID else None
    if found is None:
        raise DomainRequestNotFound(number=request_id)
    return found


def _inside(name: DomainName, others: Sequence[DomainName]) -> bool:
    """Whether it is below one of them: that one will do for both."""
    above = set(enclosing(name.ascii)[1:])
    return any(other.ascii in above for other in others)
