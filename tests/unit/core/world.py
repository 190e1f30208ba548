"""A core on SQLite, with a clock that the test moves."""

import asyncio
import contextlib
import tempfile
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from beseda.core.accounts import Application
from beseda.core.caller import Caller
from beseda.core.core import Core
from beseda.core.ports import NewAccount
from beseda.domain.accounts import Account, Sex
from beseda.domain.errors import BesedaError
from beseda.domain.events import AccountChanged
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.sessions import Handle
from beseda.server.bootstrap import Parts, open_core
from beseda.server.config import load_config
from beseda.testing.clock import ManualClock
from beseda.testing.faults import Faults, FaultyDatabase
from beseda.testing.server import provide_database

T = TypeVar("T")
HERE = "192.0.2.1"
PASSWORD = "kratka zima 7"
QUICK = {"server.durable": False, "accounts.hash_memory_kib": 8, "accounts.hash_passes": 1}


class World:
    """`run` plays a coroutine in the loop of the core; async tests run in it already.

    Several on one database share their clock and their loop.
    """

    def __init__(
        self,
        settings: dict[str, Any] | None = None,
        clock: ManualClock | None = None,
        runner: asyncio.Runner | None = None,
    ) -> None:
        self.clock = clock or ManualClock()
        self._shared = runner
        self.faults = Faults()
        self._settings = settings or {}
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="beseda-"))
        self._runner = self._shared or self._stack.enter_context(asyncio.Runner())
        config = load_config(environment={}, overrides={**QUICK, "server.data": folder, **self._settings})
        if not config.server.database:
            provide_database(config)
        opened = open_core(config, clock=self.clock, wrap=lambda database: FaultyDatabase(database, self.faults))
        self.parts: Parts = self._runner.run(opened.__aenter__())
        self._stack.callback(lambda: self._runner.run(opened.__aexit__(None, None, None)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def run(self, deed: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(deed)

    @property
    def core(self) -> Core:
        return self.parts.core

    async def member(self, nick: str = "Alena", **more: Any) -> Account:
        return await self.core.accounts.add(Application(nick, PASSWORD, **more))

    async def known(self, nick: str) -> Account:
        """A member, made without the cost of a password."""
        async with self.parts.store.unit() as unit:
            return await unit.accounts.add(
                NewAccount(registered=True, nick=nick, sex=Sex.FEMALE, password_hash="none"), self.clock.now()
            )

    async def signed_in(self, account: Account, kind: Handle = Handle.COOKIE) -> tuple[Caller, str]:
        """A member with a session, and its handle."""
        async with self.parts.store.unit() as unit:
            session, handle = await self.core.auth.start(unit, account.id, kind)
        return Caller(HERE, account, session), handle

    async def member_in(self, nick: str) -> Caller:
        return (await self.signed_in(await self.known(nick)))[0]

    async def visitor_in(self, nick: str, kind: Handle = Handle.COOKIE) -> tuple[Caller, str]:
        signed_in = await self.core.auth.sign_in_anonymously(Caller(HERE), nick, Sex.MALE, kind=kind)
        return Caller(HERE, signed_in.account, signed_in.session), signed_in.handle

    async def sign_in(self, login: str = "Alena", kind: Handle = Handle.COOKIE, address: str = HERE) -> str:
        """The handle."""
        return (await self.core.auth.sign_in(login, PASSWORD, kind=kind, address=address)).handle

    async def is_good(self, handle: str, kind: Handle = Handle.COOKIE, address: str = HERE) -> bool:
        return (await self.core.auth.caller(kind, handle, address)).account is not None

    async def set_karma(self, account: Account, given: int, level: int = 0) -> Account:
        """Karma has no deeds yet."""
        async with self.parts.store.unit() as unit:
            await self.parts.database.writer.execute(
                "UPDATE accounts SET karma_given = $2, karma_level = $3 WHERE id = $1", account.id, given, level
            )
            unit.record(AccountChanged(self.clock.now(), account.id))
        found = await self.parts.store.view.accounts.find(account.id)
        assert found is not None
        return found


async def attempt(world: World, login: str, password: str, address: str = HERE) -> type[BesedaError] | None:
    """What a sign-in is refused with."""
    try:
        await world.core.auth.sign_in(login, password, kind=Handle.COOKIE, address=address)
    except BesedaError as refusal:
        return type(refusal)
    return None


async def admin_of(world: World, room_id: RoomId) -> AccountId | None:
    return (await world.core.rooms.view(room_id)).admin_id


def account_id(caller: Caller) -> AccountId:
    return caller.signed_in()[0].id
