"""Plays scenes one after another, each if the target provides what it needs."""

from collections.abc import Iterator, Sequence
from time import perf_counter

import httpx

from beseda.compat.hands import Hands, NotProvided, Outside, with_names_of_its_own
from beseda.compat.player import Failed, play
from beseda.compat.report import Outcome, Result
from beseda.compat.scenes import Need, Scene


def run(scenes: Sequence[Scene], hands: Hands) -> Iterator[Result]:
    """How each went, as it ends."""
    for scene in scenes:
        lacking = [need.value for need in Need if need in scene.needs - hands.provides]
        if lacking:
            yield Result(scene, Outcome.NOT_RUN, f"needs {', '.join(lacking)}")
        else:
            yield _play(scene, hands)


def _play(scene: Scene, hands: Hands) -> Result:
    began_s = perf_counter()
    outcome, why = Outcome.PASSED, ""
    try:
        play(with_names_of_its_own(scene) if isinstance(hands, Outside) else scene, hands)
    except Failed as failed:
        outcome, why = Outcome.FAILED, str(failed)
    except (NotProvided, httpx.HTTPError) as lacking:
        outcome, why = Outcome.NOT_RUN, str(lacking) or type(lacking).__name__
    return Result(scene, outcome, why, perf_counter() - began_s)
