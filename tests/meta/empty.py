"""Environments with nothing in them but what a distribution asks for, made without a network of what this one has."""

import subprocess
import sys
import venv
from collections.abc import Iterable, Iterator
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def closure(wanted: Iterable[Requirement]) -> set[str]:
    """These distributions, and all that they need."""
    found: set[str] = set()
    asked: set[tuple[str, str]] = set()
    waiting = [(each, extra) for each in wanted for extra in (each.extras or {""})]
    while waiting:
        requirement, extra = waiting.pop()
        name = canonicalize_name(requirement.name)
        if (name, extra) in asked:
            continue
        asked.add((name, extra))
        found.add(name)
        inner = map(Requirement, distribution(name).requires or ())
        waiting += [(each, deeper) for each in inner if _applies(each, requirement) for deeper in each.extras or {""}]
    return found


def _applies(inner: Requirement, outer: Requirement) -> bool:
    return inner.marker is None or any(inner.marker.evaluate({"extra": extra}) for extra in outer.extras or {""})


class Environment:
    """A Python with its own packages: `install` a wheel, then `run` what it brought."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, with_pip=False, symlinks=True)
        self.bin = folder / "bin"
        (self.packages,) = folder.glob("lib/python*/site-packages")

    def install(self, wheel: Path) -> None:
        """The wheel alone."""
        pip = [sys.executable, "-m", "pip", "--python", str(self.bin / "python"), "--disable-pip-version-check"]
        command = [*pip, "install", "--quiet", "--no-index", "--no-deps", "--no-compile", str(wheel)]
        subprocess.run(command, check=True, capture_output=True, timeout=100)

    def lend(self, names: Iterable[str]) -> None:
        """Distributions of the environment that the tests run in."""
        for name in names:
            for path in _top_level(name):
                if path.exists() and not (self.packages / path.name).exists():
                    (self.packages / path.name).symlink_to(path)

    def run(self, *command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """A program of the environment, with nothing of this one around it."""
        return subprocess.run(
            [str(self.bin / command[0]), *command[1:]],
            cwd=cwd,
            env={"PATH": f"{self.bin}:/usr/bin:/bin", "HOME": str(cwd), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def _top_level(name: str) -> Iterator[Path]:
    """The files and folders of a distribution that stand beside those of others."""
    lent = distribution(name)
    for part in {file.parts[0] for file in lent.files or () if ".." not in file.parts}:
        yield Path(str(lent.locate_file(part)))
