"""Keys of zones: made by members for their programs, and by operators for secondaries.

A key's secret is shown when it is made, and never again: it is not kept but follows from the server's key and a salt,
so that whoever has the database alone has no keys. A deed without a caller is an operator's.
"""

from collections.abc import Sequence

from beseda.core.access import access_domain
from beseda.core.caller import Caller
from beseda.core.ports import Clock, Entropy, Keyring, NameCodec, Repositories, Store, Unit
from beseda.core.zones import Zones
from beseda.domain.accounts import Standing
from beseda.domain.domains import Domain
from beseda.domain.errors import DomainNotFound, TokenTooNarrow, ZoneKeyNotFound, ZoneKeyRefused
from beseda.domain.ids import AccountId, TokenId
from beseda.domain.zone_keys import (
    EVERY_ZONE,
    KEYS_MAX,
    SCOPE_MAX,
    Algorithm,
    KeyScope,
    ZoneKey,
    check_label,
    check_names,
    narrowed,
)

PROTOCOL = "dns"
"""What a personal token must be for to make keys."""
SECRET_PURPOSE = "zone key"  # noqa: S105 - no secret


class ZoneKeys:
    def __init__(
        self, store: Store, clock: Clock, entropy: Entropy, keyring: Keyring, names: NameCodec, zones: Zones
    ) -> None:
        self._store = store
        self._clock = clock
        self._entropy = entropy
        self._keyring = keyring
        self._names = names
        self._zones = zones

    async def add(
        self, caller: Caller, name: str, label: str, scope: KeyScope, algorithm: Algorithm = Algorithm.SHA256
    ) -> tuple[ZoneKey, bytes]:
        """A new key for one of the caller's zones, and its secret.

        One that a personal token makes ends with it, and may do no more.

        Raises DomainNotFound, DomainNameInvalid, ZoneKeyRefused, ZoneKeyTaken, RecordRefused, TokenTooNarrow.
        """
        async with self._store.unit() as unit:
            domain = await access_domain(unit, caller, self._names.domain_name(name))
            token_id = caller.signed_in()[1].token_id
            if token_id is not None:
                if not caller.scope.reaches_protocol(PROTOCOL) or await unit.tokens.find(token_id) is None:
                    raise TokenTooNarrow
                checked = KeyScope(scope.update, scope.transfer, check_names(scope.names), self._types(scope.types))
                scope = narrowed(checked, caller.scope, domain.name.ascii)
            return await self._add(unit, domain.name.ascii, domain.account_id, label, scope, algorithm, token_id)

    async def list_own(self, caller: Caller, name: str) -> list[ZoneKey]:
        """The keys of one of the caller's zones; a narrow token sees those that it made.

        Raises DomainNotFound, DomainNameInvalid, TokenTooNarrow.
        """
        domain = await access_domain(self._store.view, caller, self._names.domain_name(name))
        return _seen(caller, await _good(self._store.view, domain))

    async def remove(self, caller: Caller, name: str, label: str) -> None:
        """Make a key worthless. Raises DomainNotFound, DomainNameInvalid, ZoneKeyNotFound, TokenTooNarrow."""
        async with self._store.unit() as unit:
            domain = await access_domain(unit, caller, self._names.domain_name(name))
            await _remove(unit, _seen(caller, await _good(unit, domain)), label)

    async def give(
        self, name: str, label: str, scope: KeyScope, algorithm: Algorithm = Algorithm.SHA256
    ) -> tuple[ZoneKey, bytes]:
        """As `add`, whose ever the zone is; for every zone, and then to transfer them alone, if the name is ""."""
        async with self._store.unit() as unit:
            if name == EVERY_ZONE:
                if scope.update or scope.names or scope.types:
                    raise ZoneKeyRefused(detail="a key for every zone is for transfers alone")
                return await self._add(unit, EVERY_ZONE, None, label, scope, algorithm)
            domain = await self._find(unit, name)
            return await self._add(unit, domain.name.ascii, domain.account_id, label, scope, algorithm)

    async def list_of(self, name: str) -> list[ZoneKey]:
        """The keys of a zone; with the name "", those for every zone."""
        if name == EVERY_ZONE:
            return await self._store.view.zone_keys.list_of(EVERY_ZONE)
        return await _good(self._store.view, await self._find(self._store.view, name))

    async def take(self, name: str, label: str) -> None:
        """As `remove`, whose ever the zone is."""
        async with self._store.unit() as unit:
            domain = None if name == EVERY_ZONE else await self._find(unit, name)
            keys = await (unit.zone_keys.list_of(EVERY_ZONE) if domain is None else _good(unit, domain))
            await _remove(unit, keys, label)

    async def find(self, key_name: str) -> tuple[ZoneKey, bytes] | None:
        """The key that a message names, if it is good, and its secret."""
        label, _, zone = key_name.lower().partition(".")
        key = await self._store.view.zone_keys.find(zone, label)
        if key is None:
            return None
        if zone != EVERY_ZONE:
            domain = await self._store.view.domains.find(zone)
            if domain is None or domain.account_id != key.account_id:
                return None
            owner = await self._store.view.accounts.find(domain.account_id)
            if owner is None or owner.standing is not Standing.ACTIVE:
                return None
        if key.token_id is not None:
            token = await self._store.view.tokens.find(key.token_id)
            if token is None or token.is_over(self._clock.now()):
                return None
        return key, self._secret(key)

    async def _add(
        self,
        unit: Unit,
        zone: str,
        owner: AccountId | None,
        label: str,
        scope: KeyScope,
        algorithm: Algorithm,
        token_id: TokenId | None = None,
    ) -> tuple[ZoneKey, bytes]:
        checked = KeyScope(scope.update, scope.transfer, check_names(scope.names), self._types(scope.types))
        if not scope.update and not scope.transfer:
            raise ZoneKeyRefused(detail="a key that may do nothing")
        label = check_label(label)
        there = await unit.zone_keys.list_of(zone)
        for stale in (each for each in there if each.account_id != owner):
            await unit.zone_keys.remove(zone, stale.label)  # of who had the domain before
        if len(there) >= KEYS_MAX:
            raise ZoneKeyRefused(detail=f"a zone has at most {KEYS_MAX} keys")
        salt, now = self._entropy.secret(), self._clock.now()
        key = await unit.zone_keys.add(zone, label, owner, algorithm, salt, checked, now, token_id)
        return key, self._secret(key)

    def _types(self, types: Sequence[str]) -> tuple[str, ...]:
        if len(types) > SCOPE_MAX:
            raise ZoneKeyRefused(detail=f"a key has at most {SCOPE_MAX} types")
        return tuple(dict.fromkeys(self._zones.codec.type_name(each) for each in types))

    def _secret(self, key: ZoneKey) -> bytes:
        return bytes.fromhex(self._keyring.seal(SECRET_PURPOSE, f"{key.name}\0{key.salt}"))

    async def _find(self, repos: Repositories, name: str) -> Domain:
        both = self._names.domain_name(name)
        domain = await repos.domains.find(both.ascii)
        if domain is None:
            raise DomainNotFound(name=both.readable)
        return domain


async def _good(repos: Repositories, domain: Domain) -> list[ZoneKey]:
    """Those that whoever has the domain now had made."""
    keys = await repos.zone_keys.list_of(domain.name.ascii)
    return [key for key in keys if key.account_id == domain.account_id]


def _seen(caller: Caller, keys: Sequence[ZoneKey]) -> list[ZoneKey]:
    token_id = caller.signed_in()[1].token_id
    return [key for key in keys if not caller.scope.is_narrow or key.token_id == token_id]


async def _remove(unit: Unit, keys: Sequence[ZoneKey], label: str) -> None:
    if all(key.label != label.lower() for key in keys):
        raise ZoneKeyNotFound
    await unit.zone_keys.remove(keys[0].zone, label.lower())
