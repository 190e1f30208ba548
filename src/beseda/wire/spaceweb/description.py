"""What an object says of its methods (`rpc.discover`, OpenRPC 1.2), and whether a call fits it."""

from collections.abc import Mapping
from typing import Any

import msgspec

DISCOVER = "rpc.discover"
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list, tuple),
    "object": (dict,),
}


class Parameter(msgspec.Struct, frozen=True):
    """A parameter, and a schema of its values."""

    name: str
    required: bool = False
    schema: dict[str, Any] = {}


class MethodDescription(msgspec.Struct, frozen=True):
    """A method, by its parameters."""

    name: str
    params: tuple[Parameter, ...] = ()
    description: str = ""


class Description(msgspec.Struct, frozen=True):
    """An object, by its methods."""

    methods: tuple[MethodDescription, ...]


class Unfit(ValueError):
    """The call does not fit: `field` names the parameter, "" when it is the method."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.field = field


def check(described: Description, method: str, params: Mapping[str, Any]) -> None:
    """Raises Unfit."""
    found = next((each for each in described.methods if each.name == method), None)
    if found is None:
        raise Unfit(f"there is no method {method}; there are {', '.join(each.name for each in described.methods)}")
    known = {param.name: param for param in found.params}
    for name in params:
        if name not in known:
            raise Unfit(f"{method} has no parameter {name}; it has {', '.join(known) or 'none'}", name)
    for name, param in known.items():
        if name in params:
            if not fits(params[name], param.schema):
                raise Unfit(f"{params[name]!r} does not fit {param.schema}", name)
        elif param.required:
            raise Unfit(f"{method} needs {name}", name)


def fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """Whether a value is what a schema allows; of what the schema says only what is known here is looked at."""
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return any(fits(value, option) for option in options)
    kinds = schema.get("type", ())
    allowed = [kind for name in ([kinds] if isinstance(kinds, str) else kinds) for kind in _TYPES.get(name, ())]
    if allowed and (not isinstance(value, tuple(allowed)) or (isinstance(value, bool) and bool not in allowed)):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if isinstance(value, str) and len(value) > schema.get("maxLength", len(value)):
        return False
    if isinstance(value, int | float) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        return False
    if isinstance(value, list | tuple) and len(value) > schema.get("maxItems", len(value)):
        return False
    return not isinstance(value, list | tuple) or all(fits(item, schema.get("items", {})) for item in value)


def read_word(text: str, schema: Mapping[str, Any]) -> Any:
    """What a word of a command line stands for, where a schema wants no string: a number, true or false, or JSON."""
    if fits(text, schema):
        return text
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
    return value if fits(value, schema) else text
