"""The tree of refusals."""

import ast
import re
from pathlib import Path

import pytest

import beseda
from beseda.domain import errors
from beseda.domain.errors import BesedaError, leaves

SOURCES = sorted(Path(beseda.__file__).parent.rglob("*.py"))
LEAVES = {leaf.__name__: leaf for leaf in leaves()}


def below(error: type[BesedaError]) -> set[str]:
    return {leaf.__name__ for leaf in leaves(error)}


def test_codes_are_there_and_unique() -> None:
    codes = [leaf.code for leaf in LEAVES.values()]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in codes)


def test_a_code_is_the_name_of_its_leaf() -> None:
    for name, leaf in LEAVES.items():
        assert leaf.code == re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def test_a_refusal_is_told_with_its_facts() -> None:
    assert str(errors.MessageEmpty()) == "message_empty"
    assert str(errors.MessageTooLong(max_chars=9)) == "message_too_long(max_chars=9)"
    assert str(errors.NickInvalid(reason="empty")) == "nick_invalid(reason='empty')"


def test_only_leaves_have_codes() -> None:
    for group in BesedaError.__subclasses__():
        assert "code" not in vars(group)


def test_the_tree_in_the_docstring_is_the_one_of_the_classes() -> None:
    drawn: dict[str, set[str]] = {}
    group = ""
    for line in (errors.__doc__ or "").splitlines():
        if match := re.match(r"[├└]── (\w+)(.*)", line):
            group, rest = match.groups()
            drawn[group] = set()
        elif line.startswith(("│", "    ")) and group:
            rest = line
        else:
            group, rest = "", ""
        if group:
            drawn[group] |= {word for word in re.findall(r"\b[A-Z][A-Za-z]+\b", rest) if hasattr(errors, word)}
    assert drawn == {group.__name__: below(group) for group in BesedaError.__subclasses__()}


@pytest.mark.parametrize("name", LEAVES)
def test_a_leaf_carries_its_facts(name: str) -> None:
    facts = {fact: fact.upper() for fact in LEAVES[name].__annotations__}
    error = LEAVES[name](**facts)
    assert vars(error) == facts
    assert error.code in str(error)
    for fact, value in facts.items():
        assert f"{fact}={value!r}" in str(error)


def test_every_refusal_in_the_sources_states_the_facts_that_are_declared() -> None:
    for source in SOURCES:
        if "client" in source.parts:  # has a tree of its own
            continue
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in LEAVES:
                given = {keyword.arg for keyword in node.keywords if keyword.arg}
                declared = set(LEAVES[node.func.id].__annotations__)
                assert declared <= given, f"{source.name}:{node.lineno}"
                assert not node.args, f"{source.name}:{node.lineno}"


def test_a_refusal_with_facts_is_never_raised_without_them() -> None:
    with_facts = {name for name, leaf in LEAVES.items() if leaf.__annotations__}
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name):
                assert node.exc.id not in with_facts, f"{source.name}:{node.lineno}"
