"""What people install holds all that the package needs, and asks for what it needs; tried in empty environments."""

import subprocess
import sys
import tarfile
import zipfile
from email import message_from_string
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from meta.empty import Environment, closure
from meta.sources import ROOT

PROJECT = ROOT.parents[1]
NEEDS_SERVER = "the server is not installed here: pip install 'beseda[server]'"
SERVER_TEST = """
import urllib.request

def test_it_answers(beseda_server):
    with urllib.request.urlopen(beseda_server.url + "/api/rooms") as answer:
        assert answer.status == 200
"""


def build(project: Path, target: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    subprocess.run(command, cwd=project, check=True, capture_output=True, timeout=100)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as from the index: of what is in the sdist."""
    folder = tmp_path_factory.mktemp("built")
    sdist = build(PROJECT, "sdist", folder / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (project,) = (folder / "unpacked").iterdir()
    return build(project, "wheel", folder / "wheel")


def requirements(wheel: Path, *extras: str) -> list[Requirement]:
    """What it asks for."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        asked = message_from_string(archive.read(name).decode()).get_all("Requires-Dist", [])
    found = map(Requirement, asked)
    return [each for each in found if not each.marker or any(each.marker.evaluate({"extra": it}) for it in extras)]


def environment(folder: Path, wheel: Path, *extras: str) -> Environment:
    made = Environment(folder)
    made.install(wheel)
    made.lend(closure([*requirements(wheel, *extras), Requirement("pytest")]))
    return made


@pytest.mark.long
def test_it_is_typed_and_whole(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "beseda/py.typed" in names
    ours = {path for path in ROOT.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {str(path.relative_to(ROOT.parent)) for path in ours} <= names
    scenes = {f"beseda/compat/scenes/{path.relative_to(PROJECT / 'compat')}" for path in PROJECT.glob("compat/*/*.txt")}
    assert scenes
    assert scenes <= names


def test_what_everybody_gets_is_light(wheel: Path) -> None:
    names = {requirement.name for requirement in requirements(wheel)}
    assert names == {"httpx", "msgspec", "platformdirs", "typer", "websockets"}
    assert closure(requirements(wheel)).isdisjoint({"sqlalchemy", "starlette", "uvicorn", "pillow", "asyncpg"})


@pytest.mark.long
def test_without_the_server(wheel: Path, tmp_path: Path) -> None:
    """The program works and says in a line what the server's commands need; somebody else's pytest is not disturbed."""
    light = environment(tmp_path / "light", wheel)
    told = light.run("beseda", "--version", cwd=tmp_path)
    assert (told.returncode, told.stdout.split()[0]) == (0, "beseda"), told.stderr
    for command in (["beseda", "serve"], ["python", "-m", "beseda", "account", "add", "Alena"]):
        refused = light.run(*command, cwd=tmp_path)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert NEEDS_SERVER in refused.stderr
        assert refused.stderr.count("\n") == 1
    assert NEEDS_SERVER in light.run("beseda", "testing", "serve", cwd=tmp_path).stderr
    alone = light.run("beseda", "compat", "run", "http://127.0.0.1:1", cwd=tmp_path)
    assert (alone.returncode, "127.0.0.1:1" in alone.stderr) == (1, True), alone
    for command in (["whoami"], ["mail", "list"], ["dns", "list"], ["call", "pay", "getBalance"], ["chat", "Praha"]):
        alone = light.run("beseda", *command, cwd=tmp_path)
        assert (alone.returncode, alone.stderr) == (1, "beseda: sign in first: beseda login URL\n"), alone
    assert NEEDS_SERVER in " ".join(light.run("beseda", "--help", cwd=tmp_path).stdout.split())
    tmp_path.joinpath("test_other.py").write_text("def test_other():\n    pass\n")
    assert light.run("python", "-m", "pytest", "test_other.py", cwd=tmp_path).returncode == 0
    tmp_path.joinpath("test_server.py").write_text(SERVER_TEST)
    failed = light.run("python", "-m", "pytest", "test_server.py", cwd=tmp_path)
    assert f"beseda.testing: {NEEDS_SERVER}" in failed.stdout
    assert "Traceback" not in failed.stdout


def test_the_terminal_client_is_an_extra(wheel: Path) -> None:
    assert {each.name for each in requirements(wheel, "chat")} - {each.name for each in requirements(wheel)} == {
        "prompt-toolkit"
    }


@pytest.mark.long
def test_with_the_server(wheel: Path, tmp_path: Path) -> None:
    """Nothing is used that is not asked for."""
    whole = environment(tmp_path / "whole", wheel, "server")
    examined = whole.run("beseda", "doctor", "--data", "data", cwd=tmp_path)
    assert "database" in examined.stdout, examined  # whether all is well is the machine's affair
    tmp_path.joinpath("test_server.py").write_text(SERVER_TEST)
    ran = whole.run("python", "-m", "pytest", "-W", "error", "test_server.py", cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout
