"""`python -m bench [NAME ...]`: run the benchmarks of these names, or all."""

import importlib
import pkgutil
import sys
from pathlib import Path

NAMES = sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
"""A module of this folder is a benchmark and has a `main`; those that begin with an underscore help them."""


def main() -> None:
    known = [name for name in NAMES if not name.startswith("_")]
    if unknown := set(sys.argv[1:]) - set(known):
        sys.exit(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    for name in sys.argv[1:] or known:
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main()
