"""Every scene of compat/, played over real HTTP."""

from contextlib import closing

import pytest

from beseda.compat.player import play
from beseda.compat.scenes import Scene, find_scenes
from transcripts import InProcess

WAITS = "While the resolver is silent"
"""A scene that takes ten seconds by every clock."""
SCENES = [
    pytest.param(scene, id=scene.name, marks=[pytest.mark.long] if WAITS in scene.name else [])
    for scene in find_scenes()
]


@pytest.mark.parametrize("scene", SCENES)
def test_goes_as_written(scene: Scene) -> None:
    with closing(InProcess()) as hands:
        play(scene, hands)


@pytest.mark.parametrize(("protocol", "least"), [("chatcz", 150), ("spaces", 120), ("spaceweb", 60)])
def test_there_are_enough(protocol: str, least: int) -> None:
    assert len(find_scenes(frozenset({protocol}))) >= least
