"""Whether tests would notice: each change of `domain/` that a slip might make, and whether one of them fails.

    .venv/bin/python -m tools.mutants [NUMBER [SEED]]

NUMBER of all mutants are drawn, or all are tried, which takes a night. A mutant is one change in one place: a
comparison, `and` for `or`, a number more by one, a `not` less, a `raise` that does nothing, a result that is lost. It
is tried with the tests of its topic, then with others that need no server and name its module, then with those of its
topic on real databases and over HTTP. What none of them notices is told; what becomes of those stands in
docs/explanation/mutants.md.
"""

import ast
import copy
import importlib.abc
import importlib.machinery
import importlib.util
import os
import random
import re
import resource
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOMAIN = ROOT / "src/beseda/domain"
TESTS = ROOT / "tests"
PAGES = [TESTS / "meta" / name for name in ("test_docs.py", "test_limits.py")]
TABLES = {"script_ranges", "top_level_domains"}
"""Modules of data, which tools/tables.py writes."""
TOLD_EVERY = 10
CPU_S = 300
"""What takes more goes round in circles: that is noticed."""
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
    """One change. `place` counts the nodes of the module's tree."""

    path: Path
    line: int
    before: str
    after: str
    place: int
    change: int

    @property
    def module(self) -> str:
        return ".".join(("beseda", *self.path.relative_to(DOMAIN.parent).with_suffix("").parts))

    def told(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}  {self.before}  ->  {self.after}"

    def source(self) -> str:
        tree = ast.parse(self.path.read_text("utf-8"))
        parent, name, node = list(_nodes(tree))[self.place]
        _put(parent, name, node, _changes(node)[self.change])
        return ast.unparse(tree)


def _nodes(tree: ast.AST) -> Iterator[tuple[ast.AST, str, ast.AST]]:
    """What a slip may change, with what it stands in: no annotations, no texts about the code."""
    for name, value in ast.iter_fields(tree):
        if name in {"annotation", "returns", "decorator_list", "type_params"}:
            continue
        for node in value if isinstance(value, list) else [value]:
            if isinstance(node, ast.AST) and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
                yield tree, name, node
                yield from _nodes(node)


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
    return [
        Mutant(path, getattr(node, "lineno", 0), _shown(node), _shown(other), place, number)
        for path in sorted(DOMAIN.rglob("*.py"))
        if path.stem not in TABLES
        for place, (_, _, node) in enumerate(_nodes(ast.parse(path.read_text("utf-8"))))
        for number, other in enumerate(_changes(node))
    ]


def _shown(node: ast.AST) -> str:
    return ast.unparse(node).splitlines()[0]


class _Mutated(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Gives one module another source."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, name: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        if name != self._mutant.module:
            return None
        return importlib.util.spec_from_loader(name, self, origin=str(self._mutant.path))

    def get_source(self, fullname: str) -> str:
        return self._mutant.source()


def is_noticed(mutant: Mutant) -> bool:
    return any(_fails(tests, mutant) for tests in stages_of(mutant.module))


@cache
def stages_of(module: str) -> list[tuple[str, ...]]:
    """Those of its topic; others that name it, and of the pages that follow from the code; those that need a server."""
    stem = module.rpartition(".")[2]
    topics = [TESTS / "unit" / layer / f"test_{stem}.py" for layer in ("domain", "core")]
    named = re.compile(rf"\bbeseda\.domain(\.\w+)*\.{stem}\b")
    others = [path for path in sorted(TESTS.glob("unit/**/test_*.py")) if named.search(path.read_text("utf-8"))]
    servers = [TESTS / layer / f"test_{stem}.py" for layer in ("contract", "api")]
    named_more = [*(path for path in others if path not in topics), *PAGES]
    stages = [*([path] for path in topics), named_more, servers]
    return [tuple(str(path) for path in stage if path.exists()) for stage in stages if any(map(Path.exists, stage))]


def _fails(tests: tuple[str, ...], mutant: Mutant | None = None) -> bool:
    """Whether one of these tests does, in a process of its own, which knows nothing of Beseda yet."""
    child = os.fork()
    if child == 0:
        _run(tests, mutant)
    _, status = os.waitpid(child, 0)
    return status != 0


def _run(tests: tuple[str, ...], mutant: Mutant | None) -> None:
    import pytest

    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    quiet = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(quiet, descriptor)
    if mutant is not None:
        sys.meta_path.insert(0, _Mutated(mutant))
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # they take longer than most tests
    options = ("-x", "-q", "--assert=plain", "-p", "pytest_timeout", "-p", "no:cacheprovider", "-m", "not long")
    try:
        code = pytest.main([*options, *tests])
        os._exit(0 if code == pytest.ExitCode.NO_TESTS_COLLECTED else int(code))
    finally:
        os._exit(99)


def judge(tried: Sequence[Mutant]) -> None:
    """Tell those that nothing notices as they are found, and every so often how many were noticed."""
    noticed = 0
    for number, mutant in enumerate(tried, start=1):
        if is_noticed(mutant):
            noticed += 1
        else:
            print(mutant.told(), flush=True)
        if number % TOLD_EVERY == 0 or number == len(tried):
            print(f"{noticed} of {number} are noticed, {noticed / number:.1%}", flush=True)


def main(arguments: list[str]) -> int:
    every = mutants()
    number, seed = (*map(int, arguments), *(len(every), 1)[len(arguments) :])
    if "beseda" in sys.modules:
        raise RuntimeError("what is loaded already would not be changed")
    if _fails((str(TESTS / "unit/domain"), *map(str, PAGES))):
        print("a test fails as it is")
        return 1
    print(f"{min(number, len(every))} of {len(every)} mutants")
    judge(random.Random(seed).sample(every, min(number, len(every))))
    return 0


if __name__ == "__main__":
    os.chdir(ROOT)
    for preloaded in ("pytest", "hypothesis", "httpx", "typer.testing", "asyncpg", "msgspec", "starlette", "structlog"):
        importlib.import_module(preloaded)
    sys.exit(main(sys.argv[1:]))
