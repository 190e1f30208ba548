"""Whether tests would notice: each change of `domain/` that a slip might make, and whether one of them fails.

    .venv/bin/python -m tools.mutants [NUMBER [SEED] | TOPIC...]

All mutants are tried, or those of the topics, or NUMBER of them are drawn. A mutant is one change in one place: a
comparison, `and` for `or`, a number more by one, a `not` less, a `raise` that does nothing, a result that is lost. Of
those that no test notices, mutants.toml beside this file explains some. It fails if fewer than nine of ten are noticed,
or if one is not explained; see docs/explanation/mutants.md.
"""

import ast
import copy
import os
import random
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tools import noticing

ROOT = Path(__file__).parents[1]
DOMAIN = ROOT / "src/beseda/domain"
EXPLAINED = Path(__file__).with_suffix(".toml")
TABLES = {"script_ranges", "top_level_domains"}
"""Modules of data, which tools/tables.py writes."""
ENOUGH = 0.9
COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
COUNTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change. `place` counts the nodes of the module's tree, `told` shows it in its line, without the number."""

    path: Path
    line: int
    told: str
    place: int
    change: int

    @property
    def module(self) -> str:
        return ".".join(("beseda", *self.path.relative_to(DOMAIN.parent).with_suffix("").parts))

    def tree(self) -> ast.Module:
        """Of its module, with the lines as they are."""
        tree = ast.parse(self.path.read_text("utf-8"))
        parent, name, node, _ = list(_nodes(tree))[self.place]
        _put(parent, name, node, _changes(node)[self.change])
        return ast.fix_missing_locations(tree)


def _nodes(tree: ast.AST, scope: str = "") -> Iterator[tuple[ast.AST, str, ast.AST, str]]:
    """What a slip may change, with what it stands in: no annotations, no texts about the code."""
    if isinstance(tree, ast.ClassDef | ast.FunctionDef):
        scope = f"{scope}.{tree.name}"
    for name, value in ast.iter_fields(tree):
        if name in {"annotation", "returns", "decorator_list", "type_params"}:
            continue
        for node in value if isinstance(value, list) else [value]:
            if isinstance(node, ast.AST) and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
                yield tree, name, node, scope
                yield from _nodes(node, scope)


def _put(parent: ast.AST, name: str, node: ast.AST, other: ast.AST) -> None:
    value = getattr(parent, name)
    if isinstance(value, list):
        value[value.index(node)] = other
    else:
        setattr(parent, name, other)


def _changes(node: ast.AST) -> list[ast.AST]:
    """What a slip could have written in place of a node."""
    match node:
        case ast.Compare(ops=ops):
            others = [COMPARED[type(operator)]() for operator in ops]
            return [_with(node, ops=[*ops[:at], other, *ops[at + 1 :]]) for at, other in enumerate(others)]
        case ast.BoolOp(op=operator):
            return [_with(node, op=ast.Or() if isinstance(operator, ast.And) else ast.And())]
        case ast.BinOp(op=operator) if type(operator) in COUNTED:
            return [_with(node, op=COUNTED[type(operator)]())]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return [operand]
        case ast.Constant(value=bool() as value):
            return [_with(node, value=not value)]
        case ast.Constant(value=int() as value):
            return [_with(node, value=value + 1)]
        case ast.Raise():
            return [ast.copy_location(ast.Pass(), node)]
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            return [_with(node, value=ast.copy_location(ast.Constant(None), value))]
        case ast.IfExp(test=test):
            return [_with(node, test=ast.copy_location(ast.UnaryOp(ast.Not(), test), test))]
        case ast.If(test=ast.Call() | ast.Name() | ast.Attribute() as test):
            return [_with(node, test=ast.copy_location(ast.UnaryOp(ast.Not(), test), test))]
    return []


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def mutants() -> list[Mutant]:
    return [mutant for path in sorted(DOMAIN.rglob("*.py")) if path.stem not in TABLES for mutant in _mutants_of(path)]


def _mutants_of(path: Path) -> Iterator[Mutant]:
    text = path.read_bytes()
    for place, (_, _, node, scope) in enumerate(_nodes(ast.parse(text))):
        for number, other in enumerate(_changes(node)):
            told = f"{path.stem}{scope}: {_shown(node, other, text.splitlines())}"
            yield Mutant(path, getattr(node, "lineno", 0), told, place, number)


def _shown(node: ast.AST, other: ast.AST, lines: list[bytes]) -> str:
    """The line, `{what is there -> what is there then}` in its place."""
    first, last = lines[getattr(node, "lineno", 1) - 1], lines[getattr(node, "end_lineno", 1) - 1]
    before, after = first[: getattr(node, "col_offset", 0)], last[getattr(node, "end_col_offset", 0) :]
    was, now = (ast.unparse(each).splitlines()[0] for each in (node, other))
    return f"{before.decode().lstrip()}{{{was} -> {now}}}{after.decode()}"


def explained() -> dict[str, str]:
    """Why no test notices, of mutants as they are told."""
    reasons = tomllib.loads(EXPLAINED.read_text("utf-8"))["reasons"]
    return {told: reason["why"] for reason in reasons for told in reason["mutants"]}


def judge(tried: list[Mutant], unnoticed: Iterable[Mutant], known: dict[str, str]) -> bool:
    """Tell those that nothing notices as they are found, then what it comes to; whether that is enough."""
    survived = []
    for mutant in unnoticed:
        survived.append(mutant)
        print(f"{mutant.path.relative_to(ROOT)}:{mutant.line}  {mutant.told}", flush=True)
        print(f"    {known.get(mutant.told, 'NOT EXPLAINED')}", flush=True)
    killed = len(tried) - len(survived)
    explained = sum(mutant.told in known for mutant in survived)
    for told in sorted(known.keys() & {mutant.told for mutant in tried} - {mutant.told for mutant in survived}):
        print(f"is noticed, and need not be explained: {told}")
    share = f"{killed / len(tried):.1%}"
    print(f"{len(tried)} tried, {killed} killed ({share}), {len(survived)} survived, {explained} of them explained")
    return killed >= ENOUGH * len(tried) and explained == len(survived)


def chosen(every: list[Mutant], arguments: list[str]) -> list[Mutant]:
    if arguments and not arguments[0].isdigit():
        return [mutant for mutant in every if mutant.path.stem in arguments]
    number, seed = (*map(int, arguments), *(len(every), 1)[len(arguments) :])
    return random.Random(seed).sample(every, min(number, len(every)))


def main(arguments: list[str]) -> int:
    noticing.prepare()
    every, known = mutants(), explained()
    for told in sorted(known.keys() - {mutant.told for mutant in every}):
        print(f"is not there, and need not be explained: {told}")
    tried = chosen(every, arguments)
    return 0 if judge(tried, noticing.unnoticed(tried, known), known) else 1


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main(sys.argv[1:]))
