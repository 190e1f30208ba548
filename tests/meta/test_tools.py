"""What decides whether a release is ready decides right."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tools import mutants as slips
from tools.covered import Reached, begin, judge, part_of
from tools.covering.sitecustomize import SEEN, marked
from tools.layers import direct, rows
from tools.mutants import ENOUGH, Mutant, explained, mutants
from tools.noticing import stages_of
from tools.release import NotRun, Step, changes_told, faults, go_through

PICTURED = {"a": {"b", "c"}, "b": {"c"}, "c": set[str](), "d": {"c"}}


WAYS = """
from __future__ import annotations
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import os
def way(numbers):
    "What it says."
    for each in numbers:
        if each:
            return each
    try:
        match numbers:
            case []:
                raise KeyError
            case _:
                pass
    except KeyError:
        while True:
            break
    else:
        if numbers: ...
@staticmethod
def nothing(): raise NotImplementedError
"""


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("src/beseda/domain/errors/rooms.py", "domain"),
        ("src/beseda/wire/live/talk.py", "codecs"),
        ("src/beseda/api/chatcz/codec_talk.py", "codecs"),
        ("src/beseda/api/chatcz/routes.py", "all else"),
        ("src/beseda/core/rooms.py", "core"),
        ("src/beseda/server/cli/rooms.py", "command line"),
    ],
)
def test_a_file_is_in_one_part(path: str, part: str) -> None:
    assert part_of(path) == part


def test_one_part_that_is_reached_too_little_fails() -> None:
    enough = {"src/beseda/domain/rooms.py": Reached(10, []), "src/beseda/core/rooms.py": Reached(100, ["7", "8->"])}
    assert not [line for line in judge(enough) if line.startswith("FAIL")]
    short = enough | {"src/beseda/domain/mail.py": Reached(10, ["3"]), "src/beseda/cli/chat.py": Reached(9, ["1"] * 9)}
    assert [line for line in judge(short) if line.startswith("FAIL")] == ["FAIL domain: 95.00 %, 19 of 20, 100 wanted"]


@pytest.mark.parametrize(
    ("calls", "missing"),
    [
        ([], "8 9 10 9-> 8-> 11 12 14 16 18 19 21 21->"),
        ([[]], "9 10 9-> 16 21 21->"),
        ([[], [0], [1]], "21->"),
    ],
)
def test_each_way_that_was_not_gone_is_told(calls: list[list[int]], missing: str) -> None:
    tree, ways = marked(WAYS)
    seen = bytearray(len(ways))
    given: dict[str, Any] = {SEEN: seen}
    exec(compile(tree, "ways", "exec"), given)  # noqa: S102
    for numbers in calls:
        given["way"](numbers)
    assert " ".join(way for way, was in zip(ways, seen, strict=True) if not was) == missing
    assert given["way"].__doc__ == "What it says."


def test_what_a_killed_process_ran_is_noted(tmp_path: Path) -> None:
    module = tmp_path / "told.py"
    module.write_text("def one():\n    return 1\ndef two():\n    return 2\n")
    (tmp_path / "plan").write_text(f"3 0 {module}\n")
    (tmp_path / "seen").write_bytes(bytes(7))
    covering = Path(__file__).parents[2] / "tools/covering"
    environment = {"PYTHONPATH": f"{covering}{os.pathsep}{tmp_path}", "COVERED_IN": str(tmp_path)}
    for name, seen in (("two", [0, 0, 0, 1, 0, 1, 1]), ("one", [0, 0, 0, 1, 1, 1, 1])):  # the second as kept compiled
        said = f"import os, told; assert told.{name}(); os.kill(os.getpid(), 9)"
        assert subprocess.run([sys.executable, "-c", said], env=environment, check=False).returncode == -9
        assert list((tmp_path / "seen").read_bytes()) == seen
    assert (tmp_path / "3.pyc").exists()


def test_what_is_run_in_pieces_adds_up_but_for_files_that_are_other_ones_now(tmp_path: Path) -> None:
    ways = {tmp_path / "a.py": ["1"], tmp_path / "b.py": ["1", "2"], tmp_path / "c.py": ["1"]}
    seen = tmp_path / "marks/seen"

    def seen_by(marks: bytes, *, more: bool) -> bytes:
        begin(ways, tmp_path / "marks", more=more)
        before = seen.read_bytes()
        seen.write_bytes(marks)
        return before

    for path in ways:
        path.write_text("a = 1\n")
    assert seen_by(b"\1\0\1\1", more=True) == bytes(4)
    assert seen_by(b"\1\1\1\1", more=True) == b"\1\0\1\1"
    ways[tmp_path / "a.py"] = ["1", "2"]
    (tmp_path / "a.py").write_text("a = 1\nb = 2\n")
    del ways[tmp_path / "b.py"]
    assert seen_by(b"\1\1\1", more=True) == b"\0\0\1"
    assert seen_by(b"\1\1\1", more=False) == bytes(3)


@pytest.mark.parametrize(
    ("changelog", "wrong"),
    [
        ("# Changes\n\n## 1.2.0 (2027-01-31)\n\n- More.\n\n## 1.1.0 (2026-12-01)\n", ""),
        ("# Changes\n\n## 1.2.0 (not released)\n\n- More.\n", "in place of a date"),
        ("# Changes\n\n## 1.1.0 (2026-12-01)\n\n- More.\n", "is not 1.2.0"),
        ("# Changes\n\n## 1.2.0 (2027-01-31)\n\n## 1.1.0 (2026-12-01)\n\n- More.\n", "says nothing"),
        ("", "is not 1.2.0"),
    ],
)
def test_the_changes_have_to_be_told(changelog: str, wrong: str) -> None:
    told = changes_told(changelog, "1.2.0")
    assert wrong in told
    assert bool(wrong) == bool(told)


def test_every_step_to_a_release_is_taken_and_those_that_are_open_say_what_to_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def unreachable() -> str:
        raise NotRun("pypi.org does not answer")

    def absent() -> str:
        return subprocess.run(["/nowhere/git"], check=True, capture_output=True, text=True).stdout

    looks = {"a": lambda: "wrong", "b": unreachable, "c": absent, "d": lambda: ""}
    left = go_through([Step(name, look, f"mend {name}") for name, look in looks.items()])
    told = capsys.readouterr().out.splitlines()
    assert [line.rsplit(maxsplit=1) for line in told] == [
        ["OPEN", "a"],
        ["not run", "b"],
        ["not run", "c"],
        ["done", "d"],
    ]
    assert [str(each) for each in left[:2]] == [
        "a: wrong\n    mend a",
        "b: not run: pypi.org does not answer\n    mend b",
    ]
    assert [each.step.name for each in left] == ["a", "b", "c"]


def test_faults_that_are_known_are_named() -> None:
    sound, faulty = {"name": "a", "version": "1", "vulns": []}, {"name": "b", "version": "2", "vulns": [{"id": "X-1"}]}
    assert faults(json.dumps({"dependencies": [sound, {"name": "c", "skip_reason": "x"}]})) == ""
    assert faults(json.dumps({"dependencies": [sound, faulty]})) == "b 2: X-1"


def test_a_mutant_is_its_module_with_one_slip_and_has_tests() -> None:
    every = mutants()
    assert len(set(every)) == len(every) > 1_000
    for mutant in every[::300]:
        lines = ast.unparse(ast.parse(mutant.path.read_text("utf-8"))).splitlines()
        changed = ast.unparse(mutant.tree()).splitlines()
        assert len(lines) == len(changed)
        assert sum(one != other for one, other in zip(lines, changed, strict=True)) == 1, mutant.told
        assert all(Path(test).exists() for stage in stages_of(mutant.module) for test in stage)
    assert explained().keys() <= {mutant.told for mutant in every}


def test_mutants_are_tried_all_or_by_topic_or_drawn() -> None:
    every = mutants()
    assert sorted(map(str, slips.chosen(every, []))) == sorted(map(str, every))
    assert {mutant.path.stem for mutant in slips.chosen(every, ["mail", "zones"])} == {"mail", "zones"}
    drawn = slips.chosen(every, ["9", "7"])
    assert len(set(drawn)) == 9
    assert drawn == slips.chosen(every, ["9", "7"]) != slips.chosen(every, ["9"])


def test_mutants_are_enough_if_nine_of_ten_are_killed_and_the_rest_is_explained() -> None:
    tried = [Mutant(Path(__file__), 1, str(number), 0, 0) for number in range(10)]
    assert ENOUGH == 0.9
    assert slips.judge(tried, [], {})
    assert slips.judge(tried, tried[:1], {"0": "it changes nothing"})
    assert not slips.judge(tried, tried[:1], {"1": "it changes nothing"})
    assert not slips.judge(tried, tried[:2], {"0": "it changes nothing", "1": "neither does this"})


def test_a_part_stands_above_all_that_it_imports() -> None:
    assert rows(PICTURED) == [["a"], ["b", "d"], ["c"]]
    assert direct(PICTURED) == {"a": {"b"}, "b": {"c"}, "c": set(), "d": {"c"}}


def test_every_tool_is_a_target_of_make() -> None:
    makefile = Path(__file__).parents[2].joinpath("Makefile").read_text("utf-8")
    for name in ("covered", "layers", "mutants", "release", "supply"):
        assert name in makefile
