"""The sources, for tests that read them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import beseda

ROOT = Path(beseda.__file__).parent
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def files(*parts: str) -> list[Path]:
    """All modules below a part of the package."""
    return sorted((ROOT.joinpath(*parts)).rglob("*.py"))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def where(path: Path, node: ast.AST | None = None) -> str:
    line = f":{node.lineno}" if isinstance(node, ast.expr | ast.stmt) else ""
    return f"{path.relative_to(ROOT)}{line}"


def functions(path: Path) -> Iterator[FunctionNode]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, FunctionNode))
