"""OpenAPI 3.1 of the admin's API, which follows from the commands."""

import inspect
from collections.abc import Mapping
from enum import Enum
from types import NoneType
from typing import Any, get_args, get_origin

from beseda import __version__
from beseda.server.cli.operations import Operation

REFUSALS = {
    "400": "The arguments are not what the command takes.",
    "401": "No token, or nobody's.",
    "403": "The token's role is too low.",
    "404": "There is no such member, room, ...",
    "422": "The command was refused; `error` is a lasting code.",
    "429": "Too often.",
    "503": "The database is away or busy; try again.",
}
KINDS = {int: "integer", bool: "boolean", float: "number"}


def document(operations: Mapping[str, Operation]) -> dict[str, Any]:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Beseda: the admin's API",
            "version": __version__,
            "description": "The operator's commands. Tokens are made by `beseda operator add`.",
        },
        "servers": [{"url": "/admin/api"}],
        "security": [{"token": []}],
        "paths": {f"/{path}": {_method(each): _operation(path, each)} for path, each in operations.items()},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Refusal": {
                    "type": "object",
                    "required": ["error", "message"],
                    "properties": {"error": {"type": "string"}, "message": {"type": "string"}},
                }
            },
        },
    }


def _method(operation: Operation) -> str:
    return "post" if operation.changes else "get"


def _operation(path: str, operation: Operation) -> dict[str, Any]:
    refusal = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}}
    answer = {"description": "What the command answers.", "content": {"application/json": {"schema": {}}}}
    told: dict[str, Any] = {
        "operationId": path.replace("/", "_").replace("-", "_"),
        "tags": [path.rpartition("/")[0] or "server"],
        "summary": operation.title,
        "description": f"{operation.help}\n\nFor tokens of role {operation.least.name.lower()} or higher.",
        "x-role": operation.least.name.lower(),
        "responses": {"200": answer} | {code: {"description": text} | refusal for code, text in REFUSALS.items()},
    }
    arguments = [_Argument(each) for each in operation.arguments]
    if not operation.changes:
        return told | {"parameters": [each.parameter() for each in arguments]}
    properties = {each.name: each.schema() for each in arguments}
    if operation.takes_password:
        properties["password"] = {"type": "string", "description": "None is generated then, and told."}
    schema = {
        "type": "object",
        "properties": properties,
        "required": [each.name for each in arguments if each.required],
        "additionalProperties": False,
    }
    return told | {"requestBody": {"content": {"application/json": {"schema": schema}}}}


class _Argument:
    """One of a command, as its function declares it: `name: Annotated[KIND, typer.Option(...)] = DEFAULT`."""

    def __init__(self, declared: inspect.Parameter) -> None:
        self.name = declared.name
        self.required = declared.default is inspect.Parameter.empty
        kind, self._info, *_ = get_args(declared.annotation)
        self._kind = next((each for each in get_args(kind) if each is not NoneType), kind)

    def schema(self) -> dict[str, Any]:
        """What `beseda --help` says of it is its description."""
        kind = "string" if self._info.parser else KINDS.get(self._kind, "string")
        schema: dict[str, Any] = {"type": kind}
        if get_origin(self._kind) is list:
            schema = {"type": "array", "items": schema}
        if isinstance(self._kind, type) and issubclass(self._kind, Enum):
            schema["enum"] = [each.value for each in self._kind]
        told = {"minimum": self._info.min, "maximum": self._info.max, "description": self._info.help}
        return schema | {name: value for name, value in told.items() if value is not None}

    def parameter(self) -> dict[str, Any]:
        return {"name": self.name, "in": "query", "required": self.required, "schema": self.schema()}
