"""Old rows are removed some at a time, so that others' deeds come between."""

from collections.abc import Awaitable, Callable

from beseda.core.ports import Store, Unit

AT_ONCE = 500
"""Rows that one deed removes at most: nobody waits long for it."""


async def forget(store: Store, remove: Callable[[Unit, int], Awaitable[int]]) -> int:
    """How many are gone. `remove` takes away at most so many within a deed, and says how many."""
    forgotten, removed = 0, AT_ONCE
    while removed == AT_ONCE:
        async with store.unit() as unit:
            removed = await remove(unit, AT_ONCE)
        forgotten += removed
    return forgotten
