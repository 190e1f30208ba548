"""How far long work is, on a terminal and nowhere else."""

import io
import sys

import pytest

from beseda.server.cli.bars import bars
from beseda.server.progress import say_nothing


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_there_is_a_bar_for_each_thing(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with bars() as progress:
        progress("reading", 5, 20)
        progress("reading", 20, 20)
        progress("looking", 0, 0)
        progress("looking", 4, 8)
    drawn = screen.getvalue()
    assert [part in drawn for part in ("reading", "25%", "100%", "looking", "#")] == [True] * 5
    assert drawn.endswith("\n")


def test_in_a_pipe_there_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stderr", pipe)
    with bars() as progress:
        assert progress is say_nothing
        progress("reading", 5, 20)
    assert pipe.getvalue() == ""
