"""The operator's commands in one list: what each is called, who may run it, and how its arguments are read.

The command line, the admin's API and the admin's pages follow from it.
"""

import inspect
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import typer
from typer.main import get_command

from beseda.domain.errors import BesedaError
from beseda.domain.operators import OperatorRole
from beseda.server.bootstrap import Parts
from beseda.server.cli.output import Answer, explain

FROM_STDIN = "password_stdin"
"""An argument of the command line, in whose place others say `password`."""
DRY_RUN = "dry_run"
"""An argument with which nothing is changed, so nobody is asked whether he is sure, and nothing is noted."""
WRONG_USAGE: Any = typer.BadParameter.__mro__[1]
"""What Click raises for whatever is missing, unknown or unfit."""


class BadArguments(Exception):
    """They are not what the operation takes; the message says which."""


@dataclass(frozen=True)
class Operation:
    """`work` gets an open core and its arguments. `group` is where the command line has it.

    Before those that are `grave` everybody is asked, as they cannot be undone; before those that are not `light`
    whoever only has to push a button.
    """

    group: typer.Typer
    name: str
    least: OperatorRole
    changes: bool
    work: Callable[..., Any]
    grave: bool = False
    light: bool = True

    @property
    def help(self) -> str:
        return inspect.getdoc(self.work) or ""

    @property
    def title(self) -> str:
        """The first paragraph of its help."""
        return self.help.partition("\n\n")[0].replace("\n", " ")

    @cached_property
    def _parser(self) -> Any:
        """Reads arguments as the command line does, and returns them."""
        parameters = list(inspect.signature(self.work).parameters.values())[1:]

        def read(**given: Any) -> dict[str, Any]:
            return given

        read.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        read.__annotations__ = {each.name: each.annotation for each in parameters}
        reader = typer.Typer(add_completion=False)
        reader.command(self.name)(read)
        return get_command(reader)

    @property
    def arguments(self) -> list[inspect.Parameter]:
        """As the function declares them."""
        return [each for name, each in list(inspect.signature(self.work).parameters.items())[1:] if name != FROM_STDIN]

    @property
    def parameters(self) -> Sequence[Any]:
        """As Click has them; typer brings its own Click, under no name that is to be used."""
        return [each for each in self._parser.params if each.name != FROM_STDIN]

    @property
    def takes_password(self) -> bool:
        return any(each.name == FROM_STDIN for each in self._parser.params)

    def read(self, given: Mapping[str, object], *, has_password: bool = False) -> dict[str, Any]:
        """The arguments from JSON values, or from texts, by name; a password comes another way. Raises BadArguments."""
        known = {str(each.name): each for each in self.parameters}
        if unknown := sorted(given.keys() - known.keys()):
            raise BadArguments(f"there is no argument {', '.join(unknown)}")
        words = [word for name, value in given.items() for word in _option(known[name], value)]
        words += ["--", *(str(given[name]) for name, each in known.items() if _is_argument(each) and name in given)]
        try:
            read: dict[str, Any] = self._parser.main(words, self.name, standalone_mode=False)
        except WRONG_USAGE as error:
            raise BadArguments(error.format_message()) from error
        return read | ({FROM_STDIN: True} if has_password else {})

    async def run(self, parts: Parts, who: str, given: Mapping[str, Any]) -> Answer:
        """Do it; what changes something is noted, whatever came of it."""
        outcome = "failed"
        try:
            answer: Answer = await self.work(parts, **given)
            outcome = "done"
        except Exception as error:
            outcome = str((explain(error) or {}).get("error", "failed"))
            raise
        finally:
            if self.changes and not given.get(DRY_RUN):
                await _note(parts, who, path_of(self), given, outcome)
        return answer


async def _note(parts: Parts, who: str, path: str, given: Mapping[str, Any], outcome: str) -> None:
    told = {name: str(value) for name, value in given.items() if value not in (None, "", False)}
    try:
        await parts.core.operators.note(who, path, json.dumps(told, ensure_ascii=False), outcome)
    except BesedaError:
        if outcome == "done":  # else why the operation failed says more
            raise


def _is_argument(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "argument")


def _option(parameter: Any, value: object) -> Iterator[str]:
    """An option as the command line writes it."""
    if getattr(parameter, "multiple", False) and isinstance(value, list):
        for each in value:
            yield from _option(parameter, each)
        return
    if not isinstance(value, str | int | float | bool | None) or "\0" in str(value):
        raise BadArguments(f"{parameter.name} is no text, number, true or false")
    if _is_argument(parameter) or value is None:
        if value is None or isinstance(value, bool):
            raise BadArguments(f"{parameter.name} has no value")
        return
    if getattr(parameter, "is_flag", False):
        if str(value).lower() not in {"true", "false"}:
            raise BadArguments(f"{parameter.name} is neither true nor false")
        yield from parameter.opts[:1] if str(value).lower() == "true" else parameter.secondary_opts[:1]
    else:
        yield f"{parameter.opts[0]}={value}"


OPERATIONS: list[Operation] = []
_PATHS: dict[int, str] = {}


def name_groups(app: typer.Typer, prefix: str = "") -> None:
    """Note what the command line calls each group."""
    _PATHS[id(app)] = prefix
    for info in app.registered_groups:
        if info.typer_instance is not None:
            name_groups(info.typer_instance, f"{prefix}{info.name}/" if isinstance(info.name, str) else prefix)


def path_of(operation: Operation) -> str:
    """Such as `account/add`."""
    return f"{_PATHS[id(operation.group)]}{operation.name}"


def operations() -> dict[str, Operation]:
    """All by path."""
    return {path_of(each): each for each in OPERATIONS}
