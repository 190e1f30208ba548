"""Every scene of compat/, played over real HTTP."""

from pathlib import Path

import pytest

from transcripts import Scene, play, read_scenes

COMPAT = Path(__file__).parents[2] / "compat"
SCENES = [
    pytest.param(scene, id=f"{path.parent.name}/{path.stem}: {scene.title}")
    for path in sorted(COMPAT.glob("*/*.txt"))
    for scene in read_scenes(path)
]


@pytest.mark.parametrize("scene", SCENES)
def test_goes_as_written(scene: Scene) -> None:
    play(scene)


@pytest.mark.parametrize(("protocol", "least"), [("chatcz", 150), ("spaces", 120), ("spaceweb", 60)])
def test_there_are_enough(protocol: str, least: int) -> None:
    assert sum(len(list(read_scenes(path))) for path in (COMPAT / protocol).glob("*.txt")) >= least
