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
