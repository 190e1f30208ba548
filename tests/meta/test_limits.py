"""The table of limits: every one is used, none is used that is not there, and each where it is counted."""

import ast

from beseda.domain.limits import LIMITS
from meta.sources import files, tree, where

SHARED_CALLS = {"take": 0, "check": 0, "take_in": 1, "guessing": 0}
"""Methods of the limiter over all nodes, and which argument names the limit."""


def test_every_limit_is_used_and_known() -> None:
    used: set[str] = set()
    for path in files():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "LIMITS":
                used |= {str(node.slice.value)} if isinstance(node.slice, ast.Constant) else set()
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            asked, limiter = node.func.attr, ast.unparse(node.func.value)
            if limiter.endswith(("_limiter", "_limits.here")) and asked in {"take", "check"}:
                name = node.args[0]
                shared = None if asked == "check" else False  # a look may stand in front of the other limiter's
            elif limiter.endswith("_limits") and asked in SHARED_CALLS:
                name, shared = node.args[SHARED_CALLS[asked]], True
            else:
                continue
            if isinstance(name, ast.Tuple):
                name = name.elts[0]
            if isinstance(name, ast.Starred):  # those of an attempt to sign in, which `LIMITS[...]` names
                continue
            assert isinstance(name, ast.Constant), where(path, node)
            assert name.value in LIMITS, where(path, node)
            assert shared in (None, LIMITS[str(name.value)].shared), where(path, node)
            used.add(str(name.value))
    assert used == set(LIMITS)
