"""`python -m bench [--quick] [NAME ...]`: run the benchmarks of these names, or all.

With --quick each takes a few seconds and its numbers mean nothing: so the tests see that it still runs.
"""

import importlib
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path

QUICK = "--quick"

NAMES = sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
"""A module of this folder is a benchmark and has a `main`; those that begin with an underscore help them.

`QUICK` in either is what its constants are with --quick."""


BENCHMARKS = [name for name in NAMES if not name.startswith("_")]


def main(arguments: Sequence[str]) -> None:
    asked = [name for name in arguments if name != QUICK]
    if unknown := set(asked) - set(BENCHMARKS):
        sys.exit(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    modules = {name: importlib.import_module(f"bench.{name}") for name in NAMES if name != "__main__"}
    if QUICK in arguments:
        for module in modules.values():
            vars(module).update(getattr(module, "QUICK", {}))
    for name in asked or BENCHMARKS:
        modules[name].main()


if __name__ == "__main__":
    main(sys.argv[1:])
