"""The commands of the README, run as they stand there against a server started as it says."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.curl import provide_curl
from e2e.serving import serving

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def run(script: str, url: str, data: Path, bin_folder: Path) -> str:
    """The output of a block of shell, with the address and the programs of this test."""
    script = script.replace("http://127.0.0.1:8080", url).replace(".venv/bin/beseda", "beseda")
    environment = os.environ | {
        "BESEDA_SERVER_DATA": str(data),
        "PATH": f"{bin_folder}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "XDG_CONFIG_HOME": str(bin_folder / "config"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    ran = subprocess.run(
        ["sh", "-ec", script], cwd=bin_folder, env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture
def curl_folder(tmp_path: Path) -> Path:
    """A folder with a `curl` when the machine has none."""
    provide_curl(tmp_path)
    return tmp_path


@pytest.mark.long
def test_its_commands_work_and_the_data_outlives_a_restart(tmp_path: Path, curl_folder: Path) -> None:
    prepare, *calls = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    assert len(calls) == 5
    data = tmp_path / "data"
    with serving(data) as url:
        run(prepare, url, data, curl_folder)
    with serving(data) as url:
        answers = [run(call, url, data, curl_folder) for call in calls]
    rooms, talk, session, letter, token = (json.loads(answer[answer.index("{") :]) for answer in answers)
    assert [room["name"] for room in rooms["rooms"]] == ["Praha"]
    assert [line["t"] for line in talk["data"]["data"] if "t" in line] == ["Ahoj"]
    assert (session["code"], session["attributes"]["name"]) == ("00000", "Alena")
    assert (letter["code"], letter["message"]["text"]) == ("00000", "Ahoj")
    assert re.fullmatch(r"[0-9a-v]{26}\.[0-9a-f-]{36}", token["result"])


def test_its_python_works() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    ran = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.startswith("http://127.0.0.1:")


def test_its_files_exist() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
