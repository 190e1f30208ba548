"""Descriptions of objects for machines (OpenRPC 1.2), made from the table of methods."""

import typing
from typing import Any

import msgspec

from beseda import __version__
from beseda.api.spaceweb.table import Method, Object, Param, Schema

OPENRPC = "1.2.6"
REFERENCE = "#/components/schemas/{name}"


def describe(thing: Object) -> Schema:
    """The OpenRPC document of an object."""
    results = [_result_type(method) for method in thing.methods.values()]
    schemas, components = msgspec.json.schema_components(results, ref_template=REFERENCE)
    return {
        "openrpc": OPENRPC,
        "info": {"title": thing.name, "version": __version__, "description": thing.doc},
        "methods": [_method(method, schema) for method, schema in zip(thing.methods.values(), schemas, strict=True)],
        "components": {"schemas": components},
    }


def _method(method: Method, result: Schema) -> Schema:
    return {
        "name": method.name,
        "description": " ".join((method.deed.__doc__ or "").split()),
        "paramStructure": "by-name",
        # Required parameters come first (OpenRPC, Method Object).
        "params": [_param(param) for param in sorted(method.params, key=lambda param: not param.required)],
        "result": {"name": "result", "schema": result},
    }


def _param(param: Param) -> Schema:
    return {"name": param.name, "description": param.doc, "required": param.required, "schema": param.kind.schema}


def _result_type(method: Method) -> Any:
    returned = typing.get_type_hints(method.deed, include_extras=True)["return"]
    return returned.__metadata__[0] if typing.get_origin(returned) is typing.Annotated else returned
