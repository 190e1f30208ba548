"""Filters decide whether a handler runs: `where=contains("kostka") & ~private`."""

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from beseda.client._platform import async_value

if TYPE_CHECKING:
    from beseda.bot.context import Context

Check = Callable[["Context"], bool | Awaitable[bool]]
"""Whether a handler is to run; any function of a context, with `async` or without."""
_LINK = re.compile(r"(?:https?://|www\.)\S+|\b[\w-]+\.(?:cz|sk|com|org|net|eu|ru|info|io|me)\b", re.IGNORECASE)


class Filter:
    """A check that others can be put together with: `a & b`, `a | b`, `~a`."""

    def __init__(self, check: Check, name: str = "") -> None:
        self._check = check
        self._name = name or getattr(check, "__name__", "check")

    def __repr__(self) -> str:
        return f"Filter({self._name})"

    async def __call__(self, ctx: "Context") -> bool:
        return await async_value(self._check(ctx))

    def __and__(self, other: Check) -> "Filter":
        async def both(ctx: "Context") -> bool:
            return await self(ctx) and await async_value(other(ctx))

        return Filter(both, f"{self} & {other}")

    def __or__(self, other: Check) -> "Filter":
        async def either(ctx: "Context") -> bool:
            return await self(ctx) or await async_value(other(ctx))

        return Filter(either, f"{self} | {other}")

    def __invert__(self) -> "Filter":
        async def neither(ctx: "Context") -> bool:
            return not await self(ctx)

        return Filter(neither, f"~{self}")


def contains(*words: str) -> Filter:
    """The text has one of these in it, in whatever case."""
    wanted = [word.casefold() for word in words]
    return Filter(lambda ctx: any(word in ctx.text.casefold() for word in wanted), f"contains{words}")


def matches(pattern: str | re.Pattern[str]) -> Filter:
    """A regular expression is found in the text."""
    compiled = re.compile(pattern, re.IGNORECASE) if isinstance(pattern, str) else pattern
    return Filter(lambda ctx: compiled.search(ctx.text) is not None, f"matches({compiled.pattern!r})")


def in_room(*names: str) -> Filter:
    """It happened in one of these rooms, in whatever case."""
    wanted = {name.casefold() for name in names}
    return Filter(lambda ctx: ctx.room.name.casefold() in wanted, f"in_room{names}")


def on_network(*names: str) -> Filter:
    """It happened on one of these networks."""
    return Filter(lambda ctx: ctx.room.network.name in names, f"on_network{names}")


def by(*who: str | int) -> Filter:
    """It was done by one of these, by nick in whatever case or by account."""
    wanted: set[Any] = {each.casefold() if isinstance(each, str) else each for each in who}
    return Filter(
        lambda ctx: ctx.author is not None and (ctx.author.id in wanted or ctx.author.nick.casefold() in wanted),
        f"by{who}",
    )


has_link = Filter(lambda ctx: _LINK.search(ctx.text) is not None, "has_link")
"""The text has an address of a page in it."""
private = Filter(lambda ctx: ctx.is_private, "private")
"""Nobody else saw it: a whisper, or a letter."""
is_command = Filter(lambda ctx: ctx.command is not None, "is_command")
"""The text gives a command that this bot has."""
