"""The arguments of commands: what a function's parameters say of them, and what a member's text makes of that."""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from beseda.bot.clock import seconds
from beseda.bot.phrases import Phrases
from beseda.client._platform import async_value
from beseda.client.lines import Person

if TYPE_CHECKING:
    from beseda.bot.context import Context

_WORD = re.compile(r'\s*(?:"([^"]*)"|„([^“”"]*)[“”"]|(\S+))')
_INT = re.compile(r"[+-]?\d{1,100}")
_PLAIN = (str, int, float, bool, timedelta, Person)


class RestOfLine:
    """Marks a parameter that takes all that is left, quotes and all."""


Rest = Annotated[str, RestOfLine]
"""A parameter that takes the rest of the line; a parameter `*, text: str` does, too."""


class BadArgument(Exception):
    """What a member wrote is not what a command takes. `text` tells him; a converter raises it, too."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument: `kinds` are tried one after another, the first that fits is taken."""

    name: str
    kinds: tuple[Any, ...]
    default: Any
    takes_rest: bool
    takes_all: bool
    by_name: bool
    may_be_passed_over: bool

    @property
    def is_needed(self) -> bool:
        return self.default is inspect.Parameter.empty and not self.takes_all

    @property
    def usage(self) -> str:
        """As help shows it."""
        shown = "|".join(_choices(self.kinds[0])) if _choices(self.kinds[0]) else self.name
        shown += "..." if self.takes_rest or self.takes_all else ""
        return f"<{shown}>" if self.is_needed else f"[{shown}]"


def read_parameters(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """Those after the context. Raises TypeError for a parameter of a type that no text makes."""
    hints = get_type_hints(function, include_extras=True)
    found = list(inspect.signature(function).parameters.values())
    if not found:
        raise TypeError(f"{function.__qualname__} takes no context")
    return tuple(_parameter(function, each, hints.get(each.name, str)) for each in found[1:])


def _parameter(function: Callable[..., Any], told: inspect.Parameter, hint: Any) -> Parameter:
    options = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    kinds = tuple(option for option in options if option is not NoneType)
    for kind in kinds:
        if not _is_known(kind):
            raise TypeError(f"{function.__qualname__}: no text makes {told.name}: {kind!r}")
    default = told.default
    if default is inspect.Parameter.empty and len(kinds) < len(options):
        default = None
    marked = any(_is_rest(kind) for kind in kinds)
    return Parameter(
        told.name,
        kinds,
        default,
        takes_rest=marked or (told.kind is told.KEYWORD_ONLY and kinds == (str,)),
        takes_all=told.kind is told.VAR_POSITIONAL,
        by_name=told.kind is told.KEYWORD_ONLY,
        may_be_passed_over=len(kinds) < len(options),
    )


def _is_rest(kind: Any) -> bool:
    return get_origin(kind) is Annotated and RestOfLine in get_args(kind)[1:]


def _converter(kind: Any) -> Callable[..., Any] | None:
    """What `Annotated[T, converter]` names."""
    if get_origin(kind) is not Annotated or _is_rest(kind):
        return None
    return next((each for each in get_args(kind)[1:] if callable(each)), None)


def _is_known(kind: Any) -> bool:
    if _is_rest(kind) or _converter(kind):
        return True
    return kind in _PLAIN or get_origin(kind) is Literal or (inspect.isclass(kind) and issubclass(kind, Enum))


def _choices(kind: Any) -> dict[str, Any]:
    """What a choice is made of, by what is written."""
    if get_origin(kind) is Literal:
        return {str(value): value for value in get_args(kind)}
    if inspect.isclass(kind) and issubclass(kind, Enum):
        return {str(each.value): each for each in kind}
    return {}


class Words:
    """What is left of a text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def next(self) -> str | None:
        """The next word, or what stands in quotes; None at the end."""
        found = _WORD.match(self._text, self._at)
        if found is None:
            return None
        self._at = found.end()
        return next(part for part in found.groups() if part is not None)

    def rest(self) -> str:
        """All that is left."""
        left, self._at = self._text[self._at :].strip(), len(self._text)
        return left

    def mark(self) -> int:
        return self._at

    def back_to(self, mark: int) -> None:
        self._at = mark

    def __iter__(self) -> Iterator[str]:
        while (word := self.next()) is not None:
            yield word


async def bind(ctx: "Context", parameters: tuple[Parameter, ...], text: str) -> tuple[list[Any], dict[str, Any]]:
    """What to call the function with. Raises BadArgument, and what a converter or asking for a member does."""
    words, phrases = Words(text), ctx.bot.phrases
    args: list[Any] = []
    by_name: dict[str, Any] = {}
    for number, parameter in enumerate(parameters):
        if parameter.takes_all:
            args += [await _convert(ctx, parameter, word, phrases) for word in words]
            continue
        value = await _take(ctx, parameter, words, phrases, is_last=number == len(parameters) - 1)
        if parameter.by_name:
            by_name[parameter.name] = value
        else:
            args.append(value)
    if left := words.rest():
        raise BadArgument(phrases.too_many.format(text=left))
    return args, by_name


async def _take(ctx: "Context", parameter: Parameter, words: Words, phrases: Phrases, *, is_last: bool) -> Any:
    mark = words.mark()
    word = (words.rest() or None) if parameter.takes_rest else words.next()
    if word is None:
        if parameter.is_needed:
            raise BadArgument(phrases.missing.format(name=parameter.name))
        return parameter.default
    try:
        return await _convert(ctx, parameter, word, phrases)
    except BadArgument:
        if is_last or not parameter.may_be_passed_over:
            raise
        words.back_to(mark)
        return parameter.default


async def _convert(ctx: "Context", parameter: Parameter, word: str, phrases: Phrases) -> Any:
    for number, kind in enumerate(parameter.kinds):
        try:
            return await _as(ctx, kind, parameter.name, word, phrases)
        except BadArgument:
            if number == len(parameter.kinds) - 1:
                raise
    raise AssertionError("a parameter has a type")


async def _as(ctx: "Context", kind: Any, name: str, word: str, phrases: Phrases) -> Any:
    if converter := _converter(kind):
        try:
            return await async_value(converter(ctx, word))
        except ValueError as error:
            raise BadArgument(str(error)) from error
    if kind is Person:
        found = await ctx.room.find(word.removeprefix("@"))
        if found is None:
            raise BadArgument(phrases.not_here.format(text=word))
        return found
    return convert(kind, name, word, phrases)


def convert(kind: Any, name: str, word: str, phrases: Phrases) -> Any:
    """A word as a type that needs nobody asked. Raises BadArgument."""
    if choices := _choices(kind):
        for shown, value in choices.items():
            if shown.casefold() == word.casefold():
                return value
        raise BadArgument(phrases.not_choice.format(name=name, choices=", ".join(choices), text=word))
    if kind is bool:
        if word.casefold() in phrases.yes + phrases.no:
            return word.casefold() in phrases.yes
        raise BadArgument(phrases.not_bool.format(name=name, text=word))
    if kind is int:
        if not _INT.fullmatch(word):
            raise BadArgument(phrases.not_int.format(name=name, text=word))
        return int(word)
    if kind is float:
        try:
            return float(word.replace(",", "."))
        except ValueError:
            raise BadArgument(phrases.not_number.format(name=name, text=word)) from None
    if kind is timedelta:
        try:
            return timedelta(seconds=seconds(word))
        except (ValueError, OverflowError):
            raise BadArgument(phrases.not_span.format(name=name, text=word)) from None
    return word
