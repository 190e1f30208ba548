"""What has to be so before a release: `make release` takes every step, and tells at the end which are open.

It changes nothing. What it cannot see is at the end, for whoever releases.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tools import supply

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
TOLD_MAX = 300
BY_HAND = """\
By hand:
  [ ] make test-all and make torture passed on the commit that is tagged
  [ ] make coverage and make bench were looked at
  [ ] an older release was upgraded to this one on a copy of a real community, and its backup put back
  [ ] CHANGELOG.md tells an operator what he has to do, first
  [ ] then: git tag -s v{version}, make deb sbom, and a new version in src/beseda/__init__.py"""


class NotRun(Exception):
    """A step cannot be taken here; the message says why."""


@dataclass(frozen=True, slots=True)
class Step:
    """`look` returns what is wrong, "" for nothing, or raises NotRun; `to_do` is what ends that."""

    name: str
    look: Callable[[], str]
    to_do: str


@dataclass(frozen=True, slots=True)
class Open:
    step: Step
    why: str
    was_run: bool = True

    def __str__(self) -> str:
        return f"{self.step.name}: {'' if self.was_run else 'not run: '}{self.why}\n    {self.step.to_do}"


def ran(*command: str) -> str:
    """The last line of what a command said if it failed, but for make's own; "" if it did not fail."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    said = [line for line in (done.stdout + done.stderr).strip().splitlines() if not line.startswith("make")]
    return "" if done.returncode == 0 else (said or [f"ended with {done.returncode}"])[-1][:TOLD_MAX]


def version() -> str:
    (found,) = re.findall(r'^__version__ = "(.+)"$', (ROOT / "src/beseda/__init__.py").read_text("utf-8"), re.MULTILINE)
    return str(found)


def nothing_left_over() -> str:
    status = subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=True)
    return f"not committed: {status.stdout.split()[1]}" if status.stdout else ""


def not_released_yet() -> str:
    tags = subprocess.run(["git", "tag", "--list"], cwd=ROOT, capture_output=True, text=True, check=True)
    return f"v{version()} is a tag already" if f"v{version()}" in tags.stdout.split() else ""


def changes_told(changelog: str, number: str) -> str:
    """The newest entry is this version's, has a date, and says something."""
    entries = re.findall(r"^## (\S+) \(([^)\n]+)\)\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    if not entries or entries[0][0] != number:
        return f"the newest entry of CHANGELOG.md is not {number}"
    _, day, text = entries[0]
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", day):
        return f"CHANGELOG.md says {number} ({day}) in place of a date"
    return "" if text.strip() else "CHANGELOG.md says nothing"


def licences_known() -> str:
    unknown = [name for name in supply.installed() if not supply.licence(name)]
    return f"no licence: {', '.join(unknown)}" if unknown else ""


def known_faults() -> str:
    """Without a report nothing was looked at: the data about faults cannot be had here."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "audit.json"
        said = ran("make", "audit", f"ARGS=--format json --output {report}")
        if not report.exists():
            raise NotRun(said or "pip-audit wrote no report")
        return faults(report.read_text("utf-8")) or said


def faults(report: str) -> str:
    """Those in a report of pip-audit."""
    found = [each for each in json.loads(report)["dependencies"] if each.get("vulns")]
    return "; ".join(f"{each['name']} {each['version']}: {', '.join(v['id'] for v in each['vulns'])}" for each in found)


def tests(*words: str) -> str:
    return ran(str(BIN / "python"), "-m", "pytest", "-q", *words)


STEPS = (
    Step("everything is committed", nothing_left_over, "git status: commit it, or remove it"),
    Step("the version is new", not_released_yet, "raise __version__ in src/beseda/__init__.py"),
    Step(
        "the changes are told",
        lambda: changes_told((ROOT / "CHANGELOG.md").read_text("utf-8"), version()),
        "let CHANGELOG.md begin with `## VERSION (YYYY-MM-DD)`, the day of the release, and what has changed",
    ),
    Step("the code is in order", lambda: ran("make", "check"), "make check"),
    Step(
        "pages follow from the code, files are in their places, the wheel is whole",
        lambda: tests("-m", "not long", "tests/meta"),
        "make test ARGS=tests/meta; make docs, make texts or make lock may be all it takes",
    ),
    Step(
        "every schema so far has a fixture",
        lambda: tests("tests/contract/test_dump.py", "-k", "every_schema"),
        "tools/schemas.py makes the fixture of the newest",
    ),
    Step(
        "every dependency has a licence",
        licences_known,
        "look at what `make licences` tells, and whether it may be used",
    ),
    Step(
        "no dependency has a known fault",
        known_faults,
        "make audit, where pypi.org can be reached; make lock takes newer ones",
    ),
    Step("the site is built, its links lead somewhere", lambda: ran("make", "site"), "make site"),
)


def go_through(steps: Iterable[Step]) -> list[Open]:
    """Take every step, whatever came of those before, and tell of each; which are open."""
    left = []
    for step in steps:
        found = _take(step)
        print(f"{'done   ' if not found else 'OPEN   ' if found.was_run else 'not run'} {step.name}", flush=True)
        left += [found] if found else []
    return left


def _take(step: Step) -> Open | None:
    try:
        wrong = step.look()
    except (NotRun, OSError, subprocess.SubprocessError) as error:
        return Open(step, str(error), was_run=False)
    return Open(step, wrong) if wrong else None


def main() -> int:
    left = go_through(STEPS)
    print(f"\nOpen, {len(left)} of {len(STEPS)}:" if left else "\nNothing of this is open.")
    for each in left:
        print(f"  {each}")
    print(f"\n{BY_HAND.format(version=version())}")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
