"""Every scene of compat/ with its actors on two nodes of one database, also while reads and commits fail at random."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from enum import Enum

import pytest

from beseda.compat.player import play
from beseda.compat.scenes import Scene, find_scenes
from contract.places import Place, PostgresPlace
from transcripts import Together, Wanderer


class Way(Enum):
    """How actors come to nodes, and what share of all reads and commits fails."""

    APART = "each actor at one node"
    BY_TURNS = "every request at the other node"
    FAULTY = "each actor at one node, with faults"


FAULTS = 0.05
CHOSEN = (
    "chatcz/ignoring: Rule 30: who",
    "spaces/logout: A new password",
    "spaces/channel: A new password",
)
"""Played in the ordinary run: those whose names begin so."""
PER_NODE = "each node counts for itself (docs/limits.md)"
KEPT = "what a member does is kept every 20 s for other nodes to know (docs/scaling.md)"
SILENT = "who tries again waits for the resolver each time"
NUMBERED = "PostgreSQL gives a number that came to nothing to nobody else"
COUNTED = "a try that the database spoiled counts, too"
OTHERWISE: dict[str, dict[Way, str]] = {
    "chatcz/anonymous: Rule 32: flooding has a bound": {Way.BY_TURNS: PER_NODE},
    "chatcz/enter: Opening rooms is limited": {Way.BY_TURNS: PER_NODE, Way.FAULTY: COUNTED},
    "chatcz/people: A profile page is what the old gateway reads": {Way.FAULTY: "a view that was spoiled is one, too"},
    "chatcz/people: Rule 41: a gift taken back": {Way.FAULTY: NUMBERED},
    "chatcz/refusals: A member who writes too often": {Way.BY_TURNS: PER_NODE, Way.FAULTY: COUNTED},
    "chatcz/refusals: A refused change of a room's settings": {Way.FAULTY: "nothing can be told in the room just then"},
    "chatcz/room-users: timeOnline": {Way.BY_TURNS: KEPT},
    "chatcz/site-login: A form without `code`": {Way.FAULTY: COUNTED},
    "chatcz/site-login: A gateway's members": {Way.FAULTY: COUNTED},
    "chatcz/user: A member who is online, with": dict.fromkeys(Way, KEPT),
    "spaces/chat: 00007": {Way.BY_TURNS: PER_NODE, Way.FAULTY: COUNTED},
    "spaces/login: 00007: too many tries": {Way.FAULTY: COUNTED},
    "spaces/mail-send: 02010": {Way.FAULTY: NUMBERED},
    "spaces/mail-send: 00007": {Way.BY_TURNS: PER_NODE, Way.FAULTY: COUNTED},
    "spaces/mail-typing: Another's contact": {Way.BY_TURNS: PER_NODE, Way.FAULTY: COUNTED},
    "spaces/people: Searching too often": {Way.BY_TURNS: PER_NODE, Way.FAULTY: COUNTED},
    "spaceweb/ownership: While the resolver": dict.fromkeys(Way, SILENT),
    "spaceweb/zone: A record set is removed by its number": {Way.FAULTY: NUMBERED},
    "spaceweb/signing_in: Too many wrong": {Way.FAULTY: COUNTED},
}
"""Scenes that go otherwise, by the beginnings of their names, and why that is as it should be."""
COUNT_FROM_ONE = "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'"
"""As in a new database: scenes that need an empty server name what is first by its number."""
PLAYED = (
    {("postgres", Way.APART), ("sqlite", Way.FAULTY)},
    {("sqlite", Way.BY_TURNS), ("postgres", Way.FAULTY)},
)
"""One scene is played so, the next one so: each at two nodes, and with faults."""


def _cases() -> Iterator[object]:
    unused = set(OTHERWISE)
    for number, scene in enumerate(find_scenes()):
        known = [begin for begin in OTHERWISE if scene.name.startswith(begin)]
        unused -= set(known)
        otherwise = {way for begin in known for way in OTHERWISE[begin]}
        marks = () if scene.name.startswith(CHOSEN) else (pytest.mark.long,)
        for engine in ("sqlite", "postgres"):
            for way in Way:
                if way not in otherwise and (engine, way) in PLAYED[number % 2]:
                    yield pytest.param(engine, scene, way, id=f"{engine}-{way.name}-{scene.name}", marks=marks)
    assert not unused


@pytest.mark.parametrize(("engine", "scene", "way"), [*_cases()])
def test_goes_as_written(runner: asyncio.Runner, place: Place, scene: Scene, way: Way) -> None:
    database = ""
    if isinstance(place, PostgresPlace):
        runner.run(place.run(COUNT_FROM_ONE))
        database = place.dsn
    hands = Together(database, by_turns=way is Way.BY_TURNS, faults=FAULTS if way is Way.FAULTY else 0.0)
    with closing(hands):
        play(scene, hands, lambda _: Wanderer(hands))
