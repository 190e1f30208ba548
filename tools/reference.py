"""Writes docs/reference/ from the docstrings of what authors of clients, bots and tests import. Run by `make docs`.

    .venv/bin/python -m tools.reference docs

What stands there is read from the source: names, parameters, fields and the texts behind them. The two forms of a
client are shown as one, and the parts of a client (`spaces.mail`) after it.
"""

import ast
import functools
import importlib
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from enum import Enum
from itertools import zip_longest
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

MODULES = ("beseda.bot", "beseda.bot.testing", "beseda.client", "beseda.testing")
NOTE = "<!-- Written by `make docs`; a test compares. -->"
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_OF_A_MODULE = re.compile(r"\b(rest|talk|wire|calls|people)\.(?=[A-Z])")
"""`rest.Room` is imported by its readers as `Room`, of `beseda.client.chatcz_types`."""


def pages() -> dict[str, str]:
    """The text of each page, by its name."""
    return {f"{name.removeprefix('beseda.')}.md": page(importlib.import_module(name)) for name in MODULES}


def page(module: ModuleType) -> str:
    """A module with all that it exports."""
    parts = [f"# {module.__name__}", NOTE, _prose(module)]
    for name in _exported(module):
        thing = getattr(module, name)
        if inspect.ismodule(thing):
            parts += [f"## `{thing.__name__}`", _prose(thing)]
            parts += [part for title in _exported(thing) for part in _class(getattr(thing, title), title, level=3)]
        elif inspect.isclass(thing):
            plain = name.removeprefix("Async")
            both = f"{name}`, `{plain}" if plain != name and hasattr(module, plain) else name
            parts += _class(thing, both, level=2)
            parts += [part for kind in _parts(thing) for part in _class(kind, kind.__name__, level=3)]
        elif inspect.isfunction(thing):
            parts += [f"## `{_signature(thing)}`", _prose(thing)]
        else:
            parts += [f"## `{name}`", _said_behind(name, module) or f"{type(thing).__name__}."]
    return "\n\n".join(filter(None, parts)) + "\n"


def _exported(module: ModuleType) -> list[str]:
    """Its names; a plain form whose form with `await` is there goes with that."""
    names = getattr(module, "__all__", None) or [kind.__name__ for kind in _classes(module)]
    return [name for name in names if f"Async{name}" not in names]


def _classes(module: ModuleType) -> list[type]:
    """Those that it defines, in the order of the source."""
    found = (each for each in vars(module).values() if inspect.isclass(each) and each.__module__ == module.__name__)
    return [each for each in found if not each.__name__.startswith("_")]


def _parts(kind: type) -> list[type]:
    """What a client gives access to: attributes that are set to such an object, and what its methods return."""
    tree, module = _tree(kind), sys.modules[kind.__module__]
    names: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name):
            target = node.targets[0]
            if isinstance(target, ast.Attribute) and not target.attr.startswith("_"):
                names[node.value.func.id] = None
        elif isinstance(node, FunctionNode) and not node.name.startswith("_") and isinstance(node.returns, ast.Name):
            names[node.returns.id] = None
    found = [vars(module).get(name) for name in names if name.startswith("Async")]
    exported = importlib.import_module("beseda.client").__all__
    return [each for each in found if inspect.isclass(each) and each.__name__ not in exported]


def _class(kind: type, title: str, level: int) -> Iterator[str]:
    yield f"{'#' * level} `{title}`"
    bases = [base.__name__ for base in kind.__bases__ if base.__module__.startswith("beseda") or base is Exception]
    shown = [base for base in bases if not base.startswith("_")]
    yield f"A kind of `{shown[0]}`." if shown else ""
    constructor = vars(kind).get("__init__")
    written = isinstance(constructor, FunctionType) and constructor.__code__.co_filename == inspect.getsourcefile(kind)
    if written and not issubclass(kind, Exception):
        yield f"`{_signature(constructor, kind.__name__)}`"
    yield _prose(kind)
    yield _prose(constructor) if written else ""
    yield "\n".join(f"- `{name}`{text}" for name, text in _fields(kind))
    for name, member in _members(kind).items():
        function = _function(member)
        is_property = isinstance(member, property | functools.cached_property)
        yield f"**`{name}`**" if is_property else f"**`{_signature(function, name)}`**"
        yield _prose(function)


def _members(kind: type) -> dict[str, Any]:
    """Its methods and properties, and those it has of our own classes; the nearest wins."""
    found: dict[str, Any] = {}
    for base in kind.__mro__:
        if base.__module__.startswith("beseda"):
            for name, member in vars(base).items():
                if not name.startswith("_") and _function(member) is not None:
                    found.setdefault(name, member)
    return found


def _function(member: Any) -> Any:
    """Where a member's text is; None for what is no method and no property."""
    if isinstance(member, property):
        return member.fget
    member = getattr(member, "deed", getattr(member, "__func__", member))
    return member if isinstance(member, FunctionType) else None


def _fields(kind: type) -> Iterator[tuple[str, str]]:
    """Fields and attributes with what is said behind them: of the class, and those that the constructor sets."""
    tree = _tree(kind)
    setting = next((node for node in tree.body if isinstance(node, FunctionNode) and node.name == "__init__"), None)
    for body in (tree.body, setting.body if setting else []):
        for node, after in zip_longest(body, body[1:]):
            text = _text(after)
            match node:
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation) if not name.startswith("_"):
                    if "ClassVar" in ast.unparse(annotation):
                        continue
                    yield f"{name}: {ast.unparse(annotation)}" + _default(node.value), text
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if issubclass(kind, Enum) or text:
                    if not name.startswith("_"):
                        yield f"{name} = {ast.unparse(value)}", text
                case ast.Assign(targets=[ast.Attribute(attr=name)]) | ast.AnnAssign(target=ast.Attribute(attr=name)):
                    if not name.startswith("_") and text:
                        yield name, text


def _default(value: ast.expr | None) -> str:
    return f" = {ast.unparse(value)}" if value else ""


def _text(node: ast.stmt | None) -> str:
    """What a string behind a definition says."""
    match node:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return ": " + " ".join(text.split())
    return ""


def _said_behind(name: str, module: ModuleType) -> str:
    """What a string behind the definition of a value says, wherever in the package that is."""
    for each in [known for key, known in sorted(sys.modules.items()) if key.startswith(module.__name__)]:
        body = ast.parse(inspect.getsource(each)).body
        for node, after in zip_longest(body, body[1:]):
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name and _text(after):
                return _text(after).removeprefix(": ")
    return ""


def _signature(function: Any, name: str = "") -> str:
    node = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    if not isinstance(node, FunctionNode):
        raise TypeError(f"no function: {function}")
    arguments = node.args
    if name and arguments.args and arguments.args[0].arg in ("self", "cls"):
        del arguments.args[0]
    told = f"{name or node.name}({ast.unparse(arguments)})"
    returns = f" -> {ast.unparse(node.returns)}" if node.returns and node.name != "__init__" else ""
    is_awaited = isinstance(node, ast.AsyncFunctionDef) and not any(
        isinstance(each, ast.Yield) for each in ast.walk(node)
    )
    return f"{'await ' if is_awaited else ''}{told}{_OF_A_MODULE.sub('', returns)}"


def _tree(kind: type) -> ast.ClassDef:
    node = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    if not isinstance(node, ast.ClassDef):
        raise TypeError(f"no class: {kind}")
    return node


def _prose(thing: Any) -> str:
    """Its own docstring."""
    return inspect.cleandoc(thing.__doc__) if thing.__doc__ else ""


def main() -> None:
    folder = Path(sys.argv[1], "reference")
    folder.mkdir(exist_ok=True)
    for name, text in pages().items():
        folder.joinpath(name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
