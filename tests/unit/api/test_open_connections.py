"""Thousands of connections are renewed: nobody else waits until all are."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import cast

from beseda.api.open_connections import RENEWED_AT_ONCE, Held, OpenConnections
from beseda.core.auth import Auth
from beseda.core.caller import Caller
from beseda.core.hearing import Hearing
from beseda.domain.ids import AccountId, SessionId
from beseda.domain.sessions import Handle, Session
from unit.domain.made import account

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


class One(Held):
    """A connection that notes when it is renewed."""

    def __init__(self, number: int, renewed: Callable[[int], None]) -> None:
        session = Session(SessionId(number), AccountId(number), Handle.SID, "nonce", NOW, NOW)
        super().__init__(cast("Auth", None), Caller("::1", account(number), session), Handle.SID, "", "spaces")
        self._number, self._renewed = number, renewed

    async def renew(self) -> None:
        self._renewed(self._number)


def test_others_have_their_turn_while_thousands_are_renewed() -> None:
    asyncio.run(renewing_thousands())


async def renewing_thousands() -> None:
    opened: OpenConnections[One] = OpenConnections(cast("Hearing", None))
    order: list[int] = []
    ones = [One(number, order.append) for number in range(1, 20 * RENEWED_AT_ONCE + 1)]
    for one in ones:
        opened.add(one)
    renewing, turns = asyncio.create_task(opened.renew()), 0
    while not renewing.done():
        await asyncio.sleep(0)
        if not turns:
            opened.discard(ones[-1])
        turns += 1
        assert len(order) <= turns * RENEWED_AT_ONCE
    assert turns >= 20
    assert order == list(range(1, 20 * RENEWED_AT_ONCE)), "each once, but for the one that has gone meanwhile"
