"""docs/testing.md: every program in it is run."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

GUIDE = (Path(__file__).parents[2] / "docs/testing.md").read_text("utf-8")
PLAIN = ["-p", "no:cacheprovider", "-c", os.devnull, "-W", "error"]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)


def run(*command: str, folder: Path) -> str:
    """What it says. `beseda` is that of the environment the tests run in."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.long
def test_its_tests_pass(tmp_path: Path) -> None:
    found = blocks("pytest")
    for number, text in enumerate(found):
        tmp_path.joinpath(f"test_{number}.py").write_text(text, "utf-8")
    assert f"{len(found)} passed" in run(sys.executable, "-m", "pytest", *PLAIN, "--rootdir=.", ".", folder=tmp_path)


@pytest.mark.long
def test_its_programs_run(tmp_path: Path) -> None:
    told = run(sys.executable, "-W", "error", "-c", "\n".join(blocks("python")), folder=tmp_path)
    assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+\n00007\n", told)


@pytest.mark.long
def test_its_javascript_passes(tmp_path: Path) -> None:
    assert shutil.which("node"), "Node.js is missing (.ci/run installs it)"
    (text,) = blocks("js")
    tmp_path.joinpath("guide.test.mjs").write_text(text, "utf-8")
    assert "# pass 2" in run("node", "--test", "--test-reporter=tap", "guide.test.mjs", folder=tmp_path)
