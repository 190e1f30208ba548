"""The table of limits: every one is used, and none is used that is not there."""

import ast

from beseda.domain.limits import LIMITS
from meta.sources import files, tree, where


def test_every_limit_is_used_and_known() -> None:
    used: set[str] = set()
    for path in files():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "LIMITS":
                used |= {str(node.slice.value)} if isinstance(node.slice, ast.Constant) else set()
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            first = node.args[0]
            if node.func.attr in {"take", "check"} and ast.unparse(node.func.value).endswith("_limiter"):
                assert isinstance(first, ast.Constant), where(path, node)
                assert first.value in LIMITS, where(path, node)
                used.add(str(first.value))
    assert used == set(LIMITS)
