"""Whether the tests reach as much of each part as they have to: after `coverage combine`, run by `make coverage`.

Branches count as lines do. What a server does that a test kills is not seen, nor what another language's client asks.
"""

import json
import subprocess
import sys
from fnmatch import fnmatch
from typing import Any

PARTS = {
    "domain": (("src/beseda/domain/*",), 100.0),
    "codecs": (("src/beseda/wire/*", "src/beseda/api/*/codec*.py"), 100.0),
    "core": (("src/beseda/core/*",), 98.0),
    "command line": (("src/beseda/cli/*", "src/beseda/server/cli/*", "src/beseda/__main__.py"), 0.0),
    "all else": (("src/beseda/*",), 95.0),
}
"""Patterns of its files, and the percentage that has to be reached; a file is in the first part that it fits."""


def part_of(path: str) -> str:
    return next(name for name, (patterns, _) in PARTS.items() if any(fnmatch(path, pattern) for pattern in patterns))


def reached(report: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """Of each part, how many lines and branches the tests reach, and how many there are."""
    found = dict.fromkeys(PARTS, (0, 0))
    for path, file in report["files"].items():
        told, part = file["summary"], part_of(path)
        seen = told["covered_lines"] + told.get("covered_branches", 0)
        there = told["num_statements"] + told.get("num_branches", 0)
        found[part] = (found[part][0] + seen, found[part][1] + there)
    return found


def judge(report: dict[str, Any]) -> list[str]:
    """A line a part; one that begins with FAIL reaches too little."""
    lines = []
    for name, (seen, there) in reached(report).items():
        percent = 100 * seen / there if there else 100.0
        enough = percent >= PARTS[name][1]
        lines.append(f"{'ok  ' if enough else 'FAIL'} {name}: {percent:.1f} % of {there}, {PARTS[name][1]:g} wanted")
    return lines


if __name__ == "__main__":
    written = subprocess.run(
        [sys.executable, "-m", "coverage", "json", "-q", "-o", "-"], capture_output=True, check=True
    ).stdout
    told = judge(json.loads(written))
    print("\n".join(told))
    sys.exit(any(line.startswith("FAIL") for line in told))
