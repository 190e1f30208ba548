"""The wheel that people install holds all that the package needs."""

import subprocess
import sys
import zipfile
from pathlib import Path

from meta.sources import ROOT

PROJECT = ROOT.parents[1]


def test_it_is_typed_and_whole(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, timeout=100)
    (wheel,) = tmp_path.iterdir()
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "beseda/py.typed" in names
    ours = {path for path in ROOT.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {str(path.relative_to(ROOT.parent)) for path in ours} <= names
