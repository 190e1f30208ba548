"""Reads scenes, and says what each needs; compat/README.md describes the format."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

PROTOCOLS = {"chatcz": "Chat.cz", "spaces": "Spaces", "spaceweb": "SpaceWeb"}
"""Folders, and what is in them."""
SETTING = re.compile(r"Given setting ([a-z_.]+) = (.+)")


class Need(StrEnum):
    """What a server, or whoever runs it, must let the player have."""

    MEMBERS = "members"
    """Made-up people can be made members."""
    OPERATOR = "an operator"
    """Rooms, applications, domains, money, ranks and settings can be prepared, members blocked."""
    CLOCK = "a clock that moves"
    """Time passes when it is told to."""
    EMPTY = "an empty server"
    """Nothing is there but what the scene says: no member, room or limit is left from another."""
    NAMES = "a name server"
    """What is published of domains can be asked for by DNS."""


OUTSIDE = (
    r"Given member [A-Za-z]+, password \"[^\"]*\"((?:, (?:sex|born|age) [^,]+)*)",
    r"Given (?:sid|token) \w+ of \w+",
    r"Given \w+ is in [A-Za-z]+",
    r"Given visitor \w+, nick [A-Za-z]+, is in [A-Za-z]+",
    r"Given a letter from \w+ to \w+: .+",
)
"""What can be prepared through the protocols themselves, when there may be members."""
BY_ACTORS = (
    r"\w+ (?:sends(?: raw)?(?: [0-9]+ times)?|receives|hears|hears nothing|hears that the channel is closed)",
    r"\w+ opens the channel \w+",
)
CLOCK = r"[0-9.]+ seconds? pass(?:es)?(?: with all clients at work)?|The server restarts"
NAMES = "The name server is "
NEEDS = re.compile(r"Needs (.+)")


@dataclass(slots=True)
class Step:
    """One line at the left margin and what is indented below it."""

    line: str
    number: int
    block: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Scene:
    """What one server is asked and answers; `topic` is the name of its file."""

    title: str
    steps: list[Step]
    protocol: str = ""
    topic: str = ""

    @property
    def name(self) -> str:
        return f"{self.protocol}/{self.topic}: {self.title}"

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(line for step in self.steps for line in (step.line, *step.block))

    @property
    def settings(self) -> dict[str, Any]:
        return {match[1]: json.loads(match[2]) for step in self.steps if (match := SETTING.fullmatch(step.line))}

    @property
    def needs(self) -> frozenset[Need]:
        return frozenset(need for step in self.steps for need in _needs(step.line))


def _needs(line: str) -> Iterator[Need]:
    if match := NEEDS.fullmatch(line):
        yield Need(match[1])
    elif any(re.fullmatch(pattern, line) for pattern in OUTSIDE):
        yield Need.MEMBERS
    elif re.fullmatch(CLOCK, line):
        yield Need.CLOCK
    elif line.startswith(NAMES):
        yield Need.NAMES
    elif not any(re.fullmatch(pattern, line) for pattern in BY_ACTORS):
        yield Need.OPERATOR


def folder() -> Path:
    """Where the scenes are: with the package, or in a checkout at its root."""
    installed = Path(__file__).parent / "scenes"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "compat"


def find_scenes(protocols: frozenset[str] = frozenset(PROTOCOLS), only: str = "") -> list[Scene]:
    """Those of some protocols whose name (`spaces/mail-send: A letter`) has `only` in it, in whatever case."""
    paths = (path for protocol in sorted(protocols) for path in sorted(folder().glob(f"{protocol}/*.txt")))
    return [scene for path in paths for scene in read_scenes(path) if only.casefold() in scene.name.casefold()]


def read_scenes(path: Path) -> Iterator[Scene]:
    """The scenes of a file."""
    scene: Scene | None = None
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.startswith("#"):
            if scene is None or scene.steps:
                if scene is not None:
                    yield scene
                scene = Scene(line.lstrip("# "), [], path.parent.name, path.stem)
        elif line.startswith("  ") or not line.strip():
            if scene is not None and scene.steps:
                scene.steps[-1].block.append(line[2:])
        elif scene is not None:
            scene.steps.append(Step(line.strip(), number))
    if scene is not None:
        yield scene
