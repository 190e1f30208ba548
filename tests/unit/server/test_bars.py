"""How far long work is, on a terminal and nowhere else."""

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from beseda.server.cli.bars import bars
from beseda.server.progress import say_nothing
from e2e.console import Console


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


def test_what_nobody_can_count_moves_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with bars() as progress:
        for ticks in range(9):
            progress("reading", ticks, 0)
    assert "reading" in screen.getvalue()
    assert "%" not in screen.getvalue()


def test_no_program_is_shown_any(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    with bars(as_json=True) as progress:
        assert progress is say_nothing


@pytest.mark.parametrize(
    ("words", "label"), [(["doctor"], "looking at the database"), (["balance", "verify"], "replaying the ledger")]
)
def test_what_may_take_long_has_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], label: str
) -> None:
    monkeypatch.setattr("beseda.server.cli.bars.sys", SimpleNamespace(stderr=(screen := Terminal())))
    console = Console(tmp_path / "data").begin()
    assert "yes" in console.run(*words).out
    assert label in screen.getvalue()
    drawn = screen.getvalue()
    assert console.json(*words)
    assert screen.getvalue() == drawn


def test_in_a_pipe_there_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stderr", pipe)
    with bars() as progress:
        assert progress is say_nothing
        progress("reading", 5, 20)
    assert pipe.getvalue() == ""
