"""Every benchmark still runs, in its short form: what it measures then means nothing."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BENCHMARKS = sorted(path.stem for path in (ROOT / "bench").glob("[a-z]*.py"))


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", BENCHMARKS)
def test_it_runs(name: str) -> None:
    ran = run("--quick", name)
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    assert re.search(r"\d", ran.stdout)


def test_one_that_is_not_there_is_named() -> None:
    ran = run("--quick", "nothing")
    assert ran.returncode == 1
    assert "there is no benchmark nothing" in ran.stderr
    assert all(name in ran.stderr for name in BENCHMARKS)
