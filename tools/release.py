"""Whether what is here can be released: `make release` goes through the list, and changes nothing.

What it cannot see is at the end, for whoever releases.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tools import supply

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
BY_HAND = """\
By hand:
  make test-all and make torture passed on the commit that is tagged
  make coverage and make bench were looked at
  an older release was upgraded to this one on a copy of a real community, and its backup put back
  CHANGELOG.md tells an operator what he has to do, first
  then: git tag -s v{version}, make deb sbom, and a new version in src/beseda/__init__.py"""


def ran(*command: str) -> str:
    """The last line of what a command said if it failed, "" if it did not."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).strip().splitlines()
    return "" if done.returncode == 0 else (said or [f"ended with {done.returncode}"])[-1]


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


CHECKS: dict[str, Callable[[], str]] = {
    "everything is committed": nothing_left_over,
    "the version is new": not_released_yet,
    "the changes are told": lambda: changes_told((ROOT / "CHANGELOG.md").read_text("utf-8"), version()),
    "make check": lambda: ran("make", "check"),
    "pages follow from the code, files are in their places, the wheel is whole": lambda: ran(
        str(BIN / "python"), "-m", "pytest", "-m", "not long", "tests/meta"
    ),
    "every schema so far has a fixture": lambda: ran(
        str(BIN / "python"), "-m", "pytest", "tests/contract/test_dump.py", "-k", "every_schema"
    ),
    "every dependency has a licence": licences_known,
    "no dependency has a known fault": lambda: ran("make", "audit"),
    "the site is built, its links lead somewhere": lambda: ran("make", "site"),
}


def main() -> int:
    failed = 0
    for name, check in CHECKS.items():
        wrong = check()
        failed += bool(wrong)
        print(f"{'FAIL' if wrong else 'ok  '} {name}{': ' if wrong else ''}{wrong}", flush=True)
    print(BY_HAND.format(version=version()))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
