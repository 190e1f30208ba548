"""Whether the tests reach as much of each part as they have to.

    .venv/bin/python -m tools.covered [--more] [ARGUMENTS OF PYTEST]

Counted are statements, and the ways by an `if` or out at a loop's end, which have no statement of their own: together
these are all branches (see covering/sitecustomize.py). What is not reached stands in dist/coverage/missing.txt. With
`--more` what earlier runs reached counts too, in files that are as they were then: so all can be run in pieces.
Another language's clients are not seen, nor a Python that is started without this one's environment.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from hashlib import sha256
from pathlib import Path

from tools.covering.sitecustomize import marked

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "dist/coverage"
MORE = "--more"
PARTS = {
    "domain": (("src/beseda/domain/*",), 100.0),
    "codecs": (("src/beseda/wire/*", "src/beseda/api/*/codec*.py"), 100.0),
    "core": (("src/beseda/core/*",), 98.0),
    "command line": (("src/beseda/cli/*", "src/beseda/server/cli/*", "src/beseda/__main__.py"), 0.0),
    "all else": (("src/beseda/*",), 95.0),
}
"""Patterns of its files, and the percentage that has to be reached; a file is in the first part that it fits."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Of a file: how many ways there are, and which of them no test went."""

    ways: int
    missing: Sequence[str]


def part_of(path: str) -> str:
    return next(name for name, (patterns, _) in PARTS.items() if any(fnmatch(path, pattern) for pattern in patterns))


def judge(files: Mapping[str, Reached]) -> list[str]:
    """A line a part; one that begins with FAIL reaches too little."""
    lines = []
    for name, (_, wanted) in PARTS.items():
        found = [file for path, file in files.items() if part_of(path) == name]
        there = sum(file.ways for file in found)
        seen = there - sum(len(file.missing) for file in found)
        percent = 100 * seen / there if there else 100.0
        told = "ok  " if percent >= wanted else "FAIL"
        lines.append(f"{told} {name}: {percent:.2f} %, {seen} of {there}, {wanted:g} wanted")
    return lines


def begin(ways: Mapping[Path, Sequence[str]], folder: Path, *, more: bool) -> None:
    """Lay out the marks, one a way; if `more` are to be added, those of files that are as they were stay."""
    plan, first = {}, 0
    for path, each in ways.items():
        plan[f"{sha256(path.read_bytes()).hexdigest()} {path}"] = first
        first += len(each)
    before: dict[str, int] = {}
    seen = b""
    if more and (folder / "plan").exists():
        lines = (folder / "plan").read_text("utf-8").splitlines()
        before = {code: int(at) for at, code in (line.split(" ", 1) for line in lines)}
        seen = (folder / "seen").read_bytes()
    if plan == before:
        return  # other runs may be adding to it
    kept = bytearray()
    for code, each in zip(plan, ways.values(), strict=True):
        kept += seen[before[code] :][: len(each)] if code in before else bytes(len(each))
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    (folder / "plan").write_text("".join(f"{at} {code}\n" for code, at in plan.items()), "utf-8")
    (folder / "seen").write_bytes(kept)


def measure(arguments: Sequence[str], *, more: bool) -> tuple[bool, dict[str, Reached]]:
    """Whether all tests passed, and what they reached."""
    ways = {path: marked(path.read_bytes())[1] for path in sorted((ROOT / "src/beseda").rglob("*.py"))}
    begin(ways, FOLDER, more=more)
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tools/covering"), "COVERED_IN": str(FOLDER)}
    # What pytest rewrites to tell more of a failed assertion it compiles itself, and that is all of ours.
    ran = subprocess.run([sys.executable, "-m", "pytest", "--assert=plain", *arguments], env=environment, check=False)
    seen = iter((FOLDER / "seen").read_bytes())
    files = {}
    for path, each in ways.items():
        missing = [way for way in each if not next(seen)]
        files[path.relative_to(ROOT).as_posix()] = Reached(len(each), missing)
    return ran.returncode == 0, files


def main() -> int:
    arguments = [each for each in sys.argv[1:] if each != MORE]
    passed, files = measure(arguments, more=MORE in sys.argv)
    missing = [f"{path}: {', '.join(file.missing)}\n" for path, file in files.items() if file.missing]
    (FOLDER / "missing.txt").write_text("".join(missing), "utf-8")
    told = judge(files)
    if not passed:
        told.append("FAIL tests: what those that failed did not come to counts as not reached")
    print("\n".join(told))
    return any(line.startswith("FAIL") for line in told)


if __name__ == "__main__":
    sys.exit(main())
