"""Notes what of the code is run, in every Python that `make coverage` starts, directly or not.

CPython 3.11 can only be traced, which takes four times as long: tests time out. So each statement gets a mark before it
when its module is compiled, and a mark is a byte of a file that all processes share: nothing has to be gathered at
their end, and what is run by those that are killed counts as well.
"""

import ast
import builtins
import mmap
import os
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

SEEN = "__seen__"
LOOPS = (ast.For, ast.AsyncFor, ast.While)


class Marks:
    """Puts a mark before each statement, and where an `if` or the end of a loop goes by what is in it.

    `ways` says what the marks stand for, in their order: "12" is a statement of line 12, "12->" that what is in it was
    gone by. A `match` of which no case fits is not marked: ours name all that there is.
    """

    def __init__(self, first: int = 0) -> None:
        self.ways: list[str] = []
        self._first = first

    def visit(self, node: ast.AST) -> None:
        for field in ("body", "handlers", "cases", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if field in ("handlers", "cases"):
                for each in block or ():
                    self.visit(each)
            elif isinstance(block, list):
                setattr(node, field, list(self._block(block)))
        if self._can_go_by(node):
            node.orelse = [self._mark(node, f"{node.lineno}->")]  # type: ignore[attr-defined]

    def _block(self, block: list[ast.stmt]) -> Iterator[ast.stmt]:
        for each in block:
            if not is_nothing(each):
                line = min([each.lineno, *(by.lineno for by in getattr(each, "decorator_list", ()))])
                yield self._mark(each, str(line))
            if not is_for_types(each):
                self.visit(each)
            yield each

    def _mark(self, at: ast.AST, way: str) -> ast.stmt:
        self.ways.append(way)
        (mark,) = ast.parse(f"{SEEN}[{self._first + len(self.ways) - 1}] = 1").body
        for part in ast.walk(mark):
            ast.copy_location(part, at)
        return mark

    @staticmethod
    def _can_go_by(node: ast.AST) -> bool:
        if not isinstance(node, (ast.If, *LOOPS)) or node.orelse or is_for_types(node):
            return False
        return not (isinstance(node, ast.While) and isinstance(node.test, ast.Constant))


def is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def is_nothing(node: ast.stmt) -> bool:
    """Whether there is nothing to run, or nothing that should be."""
    match node:
        case ast.Expr(ast.Constant()) | ast.Global() | ast.Nonlocal() | ast.ImportFrom(module="__future__"):
            return True
        case ast.Raise(ast.Name("NotImplementedError")):
            return True
        case _:
            return is_for_types(node)


def marked(source: bytes | str, first: int = 0) -> tuple[ast.Module, list[str]]:
    """A module with marks, of which the first has that number; and what each stands for."""
    tree, marks = ast.parse(source), Marks(first)
    marks.visit(tree)
    return tree, marks.ways


def install(folder: Path) -> None:
    """Load what the folder's plan names with marks; they are in its file `seen`."""
    plan = {}
    for line in (folder / "plan").read_text("utf-8").splitlines():
        first, _, path = line.split(" ", 2)
        plan[path] = int(first)
    with (folder / "seen").open("r+b") as file:
        setattr(builtins, SEEN, mmap.mmap(file.fileno(), 0))
    loader: Any = SourceFileLoader
    compiled, read, write = loader.source_to_code, loader.get_data, loader.set_data

    def place(self: Any, path: str) -> str:
        """Where what is compiled is kept: apart from that without marks."""
        first = plan.get(self.path)
        return str(folder / f"{first}.pyc") if first is not None and path.endswith(".pyc") else path

    def source_to_code(self: Any, data: Any, path: Any, *, _optimize: int = -1) -> Any:
        first = plan.get(self.path)
        tree = data if first is None else marked(data, first)[0]
        return compiled(self, tree, path, _optimize=_optimize)

    loader.source_to_code = source_to_code
    loader.get_data = lambda self, path: read(self, place(self, path))
    loader.set_data = lambda self, path, data, **more: write(self, place(self, path), data, **more)


if __name__ == "sitecustomize" and (given := os.environ.get("COVERED_IN")):
    install(Path(given))
