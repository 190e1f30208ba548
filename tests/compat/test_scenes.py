"""What scenes need, and how they are read."""

from pathlib import Path

import pytest

from beseda.compat.hands import with_names_of_its_own
from beseda.compat.scenes import Need, find_scenes, read_scenes

SCENES = """\
# First
# of two

Given member Alena, password "kratka zima 7"
Alena sends
  GET /Praha?who=Alena&«Alena_id»

  ALENA and alena, not Alenka
Alena receives
  200

# Second

Needs an empty server
Given setting server.limits = {"register": "2/1"}
61 seconds pass
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "spaces" / "topic.txt"
    file.parent.mkdir()
    file.write_text(SCENES, "utf-8")
    return file


def test_they_are_read(path: Path) -> None:
    first, second = read_scenes(path)
    assert (first.name, second.name) == ("spaces/topic: First", "spaces/topic: Second")
    assert [step.line for step in first.steps][1:] == ["Alena sends", "Alena receives"]
    assert (first.settings, second.settings) == ({}, {"server.limits": {"register": "2/1"}})


def test_what_they_need(path: Path) -> None:
    first, second = read_scenes(path)
    assert first.needs == {Need.MEMBERS}
    assert second.needs == {Need.EMPTY, Need.OPERATOR, Need.CLOCK}


@pytest.mark.parametrize(
    ("line", "needs"),
    [
        ("Alena sends raw", set()),
        ("Alena hears nothing", set()),
        ("Given sid A of Alena", {Need.MEMBERS}),
        ("Given Alena is in Praha", {Need.MEMBERS}),
        ("Given Alena is in Zimní zahrada", {Need.OPERATOR}),
        ('Given member Vera, password "x", nick Вера', {Need.OPERATOR}),
        ("The operator blocks Alena", {Need.OPERATOR}),
        ("The server restarts", {Need.CLOCK}),
        ("2 seconds pass with all clients at work", {Need.CLOCK}),
        ("Something that nobody knows", {Need.OPERATOR}),
    ],
)
def test_what_a_step_needs(path: Path, line: str, needs: set[Need]) -> None:
    path.write_text(f"# One\n\n{line}\n", "utf-8")
    (scene,) = read_scenes(path)
    assert scene.needs == needs


def test_names_of_its_own(path: Path) -> None:
    """In every spelling, in what is sent and in what is captured; nothing else changes."""
    first, _ = read_scenes(path)
    renamed = with_names_of_its_own(first)
    name = renamed.steps[0].line.split()[2].removesuffix(",")
    assert name.startswith("Alena")
    assert 8 <= len(name) <= 15
    assert renamed.steps[1].block[0] == f"GET /Praha?who={name}&«{name}_id»"
    assert renamed.steps[1].block[2] == f"{name.upper()} and {name.lower()}, not Alenka"
    assert with_names_of_its_own(first).steps[0].line != renamed.steps[0].line
    assert first.steps[0].line == 'Given member Alena, password "kratka zima 7"'


def test_there_are_scenes_to_choose_from() -> None:
    spaceweb = find_scenes(frozenset({"spaceweb"}))
    assert {scene.protocol for scene in spaceweb} == {"spaceweb"}
    assert find_scenes(only="SPACEWEB/pay: all of") == [
        scene for scene in spaceweb if scene.title.startswith("All of the")
    ]
    assert find_scenes(only="there is no such scene") == []
