"""`python -m bench [--quick | --write] [NAME ...]`: run the benchmarks of these names, or all.

With --quick each takes a few seconds and its numbers mean nothing: so the tests see that it still runs. With --write
what they print goes into docs/performance.md as well.
"""

import importlib
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path

from bench import _page

QUICK, WRITE = "--quick", "--write"

NAMES = sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
"""A module of this folder is a benchmark and has a `main`; those that begin with an underscore help them.

`QUICK` in either is what its constants are with --quick."""


BENCHMARKS = [name for name in NAMES if not name.startswith("_")]


def main(arguments: Sequence[str]) -> None:
    asked = [name for name in arguments if name not in (QUICK, WRITE)]
    if unknown := set(asked) - set(BENCHMARKS):
        sys.exit(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    modules = {name: importlib.import_module(f"bench.{name}") for name in NAMES if name != "__main__"}
    if QUICK in arguments:
        for module in modules.values():
            vars(module).update(getattr(module, "QUICK", {}))
    run = [(name, modules[name]) for name in asked or BENCHMARKS]
    if WRITE in arguments:
        failures = _page.write((name, _page.measured(name, module, module.main)) for name, module in run)
        sys.exit("\n".join(failures) or 0)
    for _, module in run:
        module.main()


if __name__ == "__main__":
    main(sys.argv[1:])
