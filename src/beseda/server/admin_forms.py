"""Forms of the operator's commands: a field for each typed parameter, filled in with what was typed or asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, get_args, get_origin

from beseda.api.forms import Form
from beseda.server.admin import Refusal
from beseda.server.admin_words import SAID
from beseda.server.cli.operations import FROM_STDIN, Operation

PASSWORD_FIELD = "password"  # noqa: S105 - a name
OWN_PASSWORD, OWN_CODE, SURE = "own_password", "own_code", "sure"
"""What a form asks besides the command's own parameters."""
PAGED_BY = frozenset({"limit", "before", "after"})
"""Parameters that a listing is paged by: nobody fills them in."""
SHOWN_AT_ONCE = 50
MADE_UP = "If it is left empty, one is made up and shown."


@dataclass(frozen=True, slots=True)
class Field:
    """One of a form; `kind` is text, lines, number, yes, choice or password. Texts are English, for the catalogues."""

    name: str
    label: str
    help: str
    kind: str
    required: bool
    value: str
    choices: tuple[tuple[str, str], ...] = ()
    least: int | None = None
    most: int | None = None
    wrong: bool = False


def fields(operation: Operation, filled: Form, refusal: Refusal | None = None) -> list[Field]:
    """All but those that a listing is paged by; the one that a refusal is about is marked."""
    wrong = _about(refusal)
    found = [_field(each, filled, wrong) for each in operation.parameters if each.name not in PAGED_BY]
    if operation.takes_password:
        found.append(Field(PASSWORD_FIELD, "password", MADE_UP, "password", False, ""))
    return found


def read(operation: Operation, filled: Form) -> dict[str, object]:
    """What was filled in, as the operation reads it. What was left empty was not given."""
    given: dict[str, object] = {}
    for each in operation.parameters:
        if each.multiple:
            lines = [line.strip() for text in filled.get_all(each.name) for line in text.splitlines()]
            if any(lines):
                given[each.name] = [line for line in lines if line]
        elif text := (filled.get(each.name) or "").strip():
            given[each.name] = text
    if operation.takes_password and (password := filled.get_secret(PASSWORD_FIELD)):
        given[PASSWORD_FIELD] = password
    return given


def is_complete(operation: Operation, given: Mapping[str, object]) -> bool:
    """Whether nothing is missing that the operation cannot do without."""
    return all(each.name in given for each in operation.parameters if each.required)


def page_size(operation: Operation) -> int | None:
    """How many rows a listing that pages itself is asked for; None for one that tells all at once."""
    return SHOWN_AT_ONCE if any(each.name == "limit" for each in operation.parameters) else None


def _about(refusal: Refusal | None) -> str:
    """The parameter that a refusal names, if it does."""
    cause: BaseException | None = refusal
    while cause is not None:
        parameter = getattr(cause, "param", None)
        if parameter is not None:
            return str(parameter.name)
        cause = cause.__cause__
    return ""


def _field(parameter: Any, filled: Form, wrong: str) -> Field:
    name = parameter.name
    kind, choices = _kind(parameter)
    told = parameter.show_default is True and parameter.default not in (None, False)
    value = filled.get(name) if kind != "lines" else "\n".join(filled.get_all(name))
    if not filled and told:
        value = str(getattr(parameter.default, "value", parameter.default))
    return Field(
        name,
        _label(parameter),
        parameter.help or "",
        kind,
        parameter.required,
        (value or "").lower() if choices == YES_OR_NO else value or "",
        choices,
        parameter.min,
        parameter.max,
        name == wrong,
    )


YES_OR_NO = (("true", "yes"), ("false", "no"))


def _kind(parameter: Any) -> tuple[str, tuple[tuple[str, str], ...]]:
    annotation = parameter.type_descriptor.annotation
    plain = next((each for each in get_args(annotation) if each is not type(None)), annotation)
    if parameter.multiple or get_origin(annotation) is list:
        return "lines", ()
    if getattr(parameter, "is_flag", False):
        if not parameter.secondary_opts:
            return "yes", ()
        named = (("true", _words(parameter.opts[0])), ("false", _words(parameter.secondary_opts[0])))
        return "choice", YES_OR_NO if named[1][1].startswith("no ") else named
    if isinstance(plain, type) and issubclass(plain, Enum):
        said = SAID.get(parameter.name, {})
        return "choice", tuple((str(each.value), said.get(each.value, str(each.value))) for each in plain)
    is_number = plain is int and parameter.type_descriptor.parameter_info.parser is None
    return "number" if is_number else "text", ()


def _label(parameter: Any) -> str:
    """What the command line calls it."""
    if parameter.param_type_name == "argument" and parameter.metavar:
        return str(parameter.metavar).lower()
    return _words(parameter.opts[0])


def _words(option: str) -> str:
    return option.lstrip("-").replace("-", " ").replace("_", " ").lower()


def texts(operation: Operation) -> set[str]:
    """All that a form says of an operation, for whoever translates."""
    said = {operation.title, *operation.help.split("\n\n"), operation.name.replace("-", " ")}
    for each in fields(operation, Form([])):
        said |= {each.label, each.help, *(text for _, text in each.choices)}
    return {" ".join(text.replace("_", " ").split()) if text.islower() else " ".join(text.split()) for text in said} - {
        "",
        FROM_STDIN,
    }
