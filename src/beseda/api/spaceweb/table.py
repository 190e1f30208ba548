"""What the table of methods is made of: parameters that read what clients really send, methods, objects."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from beseda.api.spaceweb.codec import INVALID_PARAMS, RpcRefused
from beseda.core.core import Core

Schema = dict[str, Any]
Done = Literal[1]
"""What a method answers that only does something."""
DONE: Done = 1
REQUIRED = object()
READS = frozenset(
    {
        *("index", "rpc.discover", "info", "getFile", "export", "history", "changes", "removed"),
        *("getDomainInfo", "getSubdomains", "getRedirectVh", "getList", "getinfo", "getProperties"),
        *("regAvailable", "priceForRegistration", "priceForTrasfer", "getAvailablePackages"),
        *("getBalance", "isAutopaymentEnable", "getPayRecommendations", "getRecommendationTotalCost"),
        *("getUpcomingPaymentsVh", "getRemainsDate", "getRemainsDays", "getActiveReserves", "vpsOsConfig"),
    }
)
"""Methods that change nothing, in whatever object: what a personal token may call that only reads."""


class TooMany(ValueError):
    """A good value, but more of it than is taken; says of what."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """What methods work with. Prices are in whole units of the currency."""

    core: Core
    registration_price: int
    renewal_price: int


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of values: `read` takes what a client sent, or raises ValueError; `schema` tells clients what to send."""

    read: Callable[[Any], Any]
    schema: Schema


@dataclass(frozen=True, slots=True)
class Param:
    """A named parameter. An optional one sent as null or "" was not given: clients send all the fields they have.

    `alias` is another name that some clients send it under.
    """

    name: str
    kind: Kind
    doc: str
    default: object = REQUIRED
    alias: str = ""

    @property
    def required(self) -> bool:
        return self.default is REQUIRED

    def read(self, given: Mapping[str, Any]) -> Any:
        """The value among all that were sent. Raises ValueError."""
        value = given.get(self.name, given.get(self.alias))
        if value is None or (value == "" and not self.required):
            if self.required:
                raise ValueError(f"{self.name} is missing")
            return self.default
        return self.kind.read(value)


@dataclass(frozen=True, slots=True)
class Method:
    """A method of an object. `deed(gateway, caller, *arguments)` gives the result.

    The deed's docstring and return annotation are what clients are told of the method. A result that is written already
    is `Annotated[msgspec.Raw, ...]` with the type that it has.
    """

    name: str
    deed: Callable[..., Awaitable[object]]
    params: tuple[Param, ...] = ()

    def arguments(self, given: Mapping[str, Any]) -> list[Any]:
        """The values of the parameters in their order; unknown ones are ignored. Raises RpcRefused."""
        try:
            return [param.read(given) for param in self.params]
        except TooMany as error:
            raise RpcRefused(msgspec.structs.replace(INVALID_PARAMS, data=(str(error),))) from error
        except ValueError as error:
            raise RpcRefused(INVALID_PARAMS) from error


@dataclass(frozen=True, slots=True)
class Object:
    """What a path names. A public one needs no token, and looks at none; a large one takes whole zones."""

    name: str
    doc: str
    methods: dict[str, Method]
    public: bool = False
    large: bool = False
    calls: dict[str, str] = field(init=False)
    """What the methods are called beside those of all objects."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "calls", {method: f"{self.name}.{method}" for method in self.methods})


def text(max_chars: int) -> Kind:
    """A string; a number is its digits, as in PHP."""

    def read(value: object) -> str:
        if type(value) not in (str, int) or len(written := str(value)) > max_chars:
            raise ValueError
        return written

    return Kind(read, {"type": "string", "maxLength": max_chars})


def integer(low: int, high: int) -> Kind:
    """An integer, or one written as a string."""

    def read(value: object) -> int:
        if type(value) is str and value.isascii() and value.isdigit() and len(value) < 19:
            value = int(value)
        if type(value) is not int or not low <= value <= high:
            raise ValueError
        return value

    return Kind(read, {"type": "integer", "minimum": low, "maximum": high})


def choice(meanings: Mapping[str, object]) -> Kind:
    """One of a few words, in any case, for what it stands for."""
    by_folded = {word.lower(): meaning for word, meaning in meanings.items()}

    def read(value: object) -> object:
        if type(value) is not str or value.lower() not in by_folded:
            raise ValueError
        return by_folded[value.lower()]

    return Kind(read, {"type": "string", "enum": list(meanings)})


def _read_boolean(value: object) -> bool:
    words = {"true": True, "1": True, "false": False, "0": False}
    if type(value) not in (bool, str, int) or (word := str(value).lower()) not in words:
        raise ValueError
    return words[word]


BOOLEAN = Kind(_read_boolean, {"type": "boolean"})
