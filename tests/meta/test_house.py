"""The rules of the house that no linter knows."""

import ast
import re

import pytest

from meta.sources import FunctionNode, files, functions, tree, where

PROTOCOLS = re.compile(r"chatcz|chat_cz|spaces|spaceweb|sweb", re.IGNORECASE)
FILE_MAX_LINES = 400
FUNCTION_MAX_LINES = 60


@pytest.mark.parametrize("part", ["domain", "core"])
def test_rules_and_deeds_know_no_protocol_by_name(part: str) -> None:
    for path in files(part):
        for node in ast.walk(tree(path)):
            names = [getattr(node, attribute, None) for attribute in ("id", "attr", "name", "arg", "module")]
            for name in filter(None, names):
                assert not PROTOCOLS.search(str(name)), where(path, node)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            assert not PROTOCOLS.search(line.replace(" spaces", "")), f"{where(path)}:{number}: {line.strip()}"


def test_files_are_short() -> None:
    lengths = {where(path): len(path.read_text("utf-8").splitlines()) for path in files()}
    assert {path: length for path, length in lengths.items() if length > FILE_MAX_LINES} == {}


def test_functions_are_short() -> None:
    lengths = {
        f"{where(path, node)} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in files()
        for node in functions(path)
    }
    assert {name: length for name, length in lengths.items() if length > FUNCTION_MAX_LINES} == {}


def test_nothing_prints_but_the_command_line() -> None:
    for path in files():
        if "cli" in path.parts or where(path) == "server/run.py":
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"print", "breakpoint"}, where(path, node)


def test_every_module_says_what_it_is_for() -> None:
    for path in files():
        if path.read_text("utf-8").strip():
            assert ast.get_docstring(tree(path)), where(path)


@pytest.mark.parametrize("part", ["domain", "core"])
def test_what_others_use_is_explained_or_obvious(part: str) -> None:
    """A docstring, or a body of one statement under a name that says it all."""
    for path in files(part):
        for node in _public(tree(path).body):
            assert ast.get_docstring(node) or _is_obvious(node), f"{where(path, node)} {node.name}"


def _public(body: list[ast.stmt]) -> list[ast.ClassDef | FunctionNode]:
    """Classes and functions without an underscore, and those inside the classes."""
    found: list[ast.ClassDef | FunctionNode] = []
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            found.append(node)
            if isinstance(node, ast.ClassDef):
                found += _public(node.body)
    return found


def _is_obvious(node: ast.ClassDef | FunctionNode) -> bool:
    if isinstance(node, ast.ClassDef):
        names = [base.id for base in node.bases if isinstance(base, ast.Name)]
        return bool(names) or any(isinstance(item, FunctionNode) for item in node.body)
    return len(node.body) == 1


def test_nothing_is_left_to_do() -> None:
    for path in files():
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line), f"{where(path)}:{number}"


def test_quirks_name_who_has_them() -> None:
    for path in files():
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if "COMPAT(" in line:
                assert re.search(r"COMPAT\([a-z ]+\): \S", line), f"{where(path)}:{number}"


def test_no_folder_of_ours_alone_is_mentioned() -> None:
    for path in files():
        assert not re.search(r"/work/|\.\./shared|shared/(specs|protocols)", path.read_text("utf-8")), where(path)
