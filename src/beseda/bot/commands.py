"""A command: a function of a context and of what a member writes behind its name."""

import inspect
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from beseda.bot.arguments import Parameter, read_parameters
from beseda.bot.filters import Check
from beseda.bot.ranks import Rank
from beseda.bot.throttle import Throttle
from beseda.client.lines import Line

if TYPE_CHECKING:
    from beseda.bot.module import Module

Deed = Callable[..., Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True, eq=False)
class Command:
    """`names` are the one that help shows, and others that mean the same."""

    names: tuple[str, ...]
    function: Deed
    parameters: tuple[Parameter, ...]
    module: "Module"
    help: str = ""
    rank: Rank = Rank.VISITOR
    throttle: Throttle | None = None
    where: Check | None = None
    hidden: bool = False

    @property
    def name(self) -> str:
        """The one that help shows."""
        return self.names[0]

    def usage(self, prefix: str) -> str:
        """How it is written."""
        return " ".join((f"{prefix}{self.name}", *(parameter.usage for parameter in self.parameters)))


@dataclass(frozen=True, slots=True, eq=False)
class Listener:
    """What is to be done when something happens."""

    kinds: tuple[type[Line], ...]
    function: Deed
    takes_line: bool
    module: "Module"
    rank: Rank = Rank.VISITOR
    throttle: Throttle | None = None
    where: Check | None = None
    own: bool = False


Handler = Command | Listener


def make_command(names: tuple[str, ...], function: Deed, module: "Module", **options: Any) -> Command:
    """Raises TypeError for a function that is no command, ValueError for a name that nobody can write."""
    for name in names:
        if not name or any(char.isspace() or char in '"/' for char in name):
            raise ValueError(f"no name of a command: {name!r}")
    _check_async(function)
    options["help"] = options.get("help") or inspect.getdoc(function) or ""
    return Command(names, function, read_parameters(function), module, **options)


def make_listener(kinds: tuple[type[Line], ...], function: Deed, module: "Module", **options: Any) -> Listener:
    """Raises TypeError for a function that takes neither a context nor a context and a line."""
    _check_async(function)
    needed = [each for each in inspect.signature(function).parameters.values() if each.default is each.empty]
    if len(needed) not in (1, 2):
        raise TypeError(f"{function.__qualname__} takes a context, and perhaps a line")
    return Listener(kinds or (Line,), function, len(needed) == 2, module, **options)


def _check_async(function: Deed) -> None:
    if not inspect.iscoroutinefunction(function):
        raise TypeError(f"{function.__qualname__} is no `async def`")
