"""What the README and the pages of docs/ show works: every block of code in them is run or read."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from beseda.cli import build
from beseda.server.config import load_config
from beseda.server.health import find_running
from e2e.forked import fork_server
from e2e.serving import serving
from e2e.test_readme import README, ROOT, curl_folder, run  # noqa: F401 - a fixture

PASSWORD = "modry zvonek 12"
"""That of the README."""
Block = tuple[str, str]
"""The language, and the text."""
LONG = {
    f"docs/{name}.md" for name in ("client", "command-line", "domains", "home", "internet", "moderation", "operations")
}
"""Pages with very many commands."""
EVERY_PAGE = sorted(path.relative_to(ROOT) for path in (ROOT / "docs").rglob("*.md"))
PAGES = [path for path in EVERY_PAGE if path.parent.name != "reference"]
"""But for those that show docstrings, whose examples have tests of their own."""
COMMANDS: dict[str, Any] = vars(get_command(build()))["commands"]
IN_TESTS_OF_THEIR_OWN = {
    "README.md": {"sh", "python", ""},
    "docs/gateways.md": {"toml", "sh", "nginx", "text"},
    "docs/live.md": {"sh", "python"},
    "docs/testing.md": {"pytest", "python", "js"},
    "docs/scaling.md": {"toml", "sh", "nginx"},
    "docs/bot.md": {"python"},
    "docs/tutorial-bot.md": {"sh", "python", "pytest"},
    "docs/dns.md": {"toml", "sh", "ini", "json", "yaml", "text"},
}
SHOWN = {"text", "http", "nginx", "caddyfile", "ini"}
"""What is for other programs, or for people."""


def blocks(page: Path) -> list[Block]:
    return re.findall(r"^ *```(\w*)\n(.*?)^ *```$", (ROOT / page).read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def forked() -> Iterator[Path]:
    with fork_server() as program:
        yield program


@pytest.fixture
def programs(curl_folder: Path, forked: Path) -> Path:  # noqa: F811
    """The same folder with a `beseda` that begins at once: that of the environment does so in other tests."""
    shutil.copy(forked, curl_folder)
    return curl_folder


class Reader:
    """Somebody who has done what the README says, and tries what another page shows."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self.tries: Mapping[str, Callable[[str], object]] = {
            "sh": self.run_shell,
            "python": self.run_python,
            "toml": self.read_toml,
            "json": json.loads,
            "yaml": yaml.safe_load,
        }

    def run_shell(self, script: str) -> None:
        script = script.replace("http://127.0.0.1:8081", find_running(self.folder / "data"))
        if not re.search(r"curl -s?N", script):
            run(script, self.url, self.folder / "data", self.folder)
            return
        script = script.replace("http://127.0.0.1:8080", self.url)
        with subprocess.Popen(["sh", "-ec", f"exec {script}"], cwd=self.folder, stdout=subprocess.PIPE) as following:
            assert following.stdout is not None
            assert any(line.startswith(b"data: {") for line in following.stdout), "it ended without a line"
            following.kill()

    def run_python(self, program: str) -> None:
        """Twice: what works only once is no example."""
        environment = os.environ | {"URL": self.url, "PASSWORD": PASSWORD}
        for _ in range(2):
            command = [sys.executable, "-c", program]
            ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
            assert ran.returncode == 0, ran.stderr
            assert ran.stdout

    def read_toml(self, text: str) -> None:
        file = self.folder / "beseda.toml"
        file.write_text(text, "utf-8")
        load_config(file, environment={})


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(
            page, id=str(page), marks=[pytest.mark.long, pytest.mark.timeout(500)] if str(page) in LONG else []
        )
        for page in PAGES
        if blocks(page) and str(page) not in IN_TESTS_OF_THEIR_OWN
    ],
)
def test_its_blocks_work(page: Path, tmp_path: Path, programs: Path) -> None:
    prepare, _, sign_in, *_ = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    data = tmp_path / "data"
    with serving(data) if {"sh", "python"} & dict(blocks(page)).keys() else nullcontext("") as url:
        if url:
            run(prepare, url, data, programs)
            run(sign_in, url, data, programs)
        reader = Reader(url, programs)
        for language, text in blocks(page):
            assert language in {*reader.tries, *SHOWN}, f"{page}: nobody knows how to try {language!r}:\n{text}"
            if language not in SHOWN:
                reader.tries[language](text)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", *map(str, EVERY_PAGE)])
def test_what_it_names_exists(page: str) -> None:
    """Files that it links to, targets of make, commands of beseda."""
    text = (ROOT / page).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (ROOT / page).parent.joinpath(target).exists(), target
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^ *)make ([a-z]+)", text, re.MULTILINE)) <= targets
    for words in re.findall(r"`(?:\.venv/bin/)?beseda ([a-z|]+)", text):
        for word in words.split("|"):
            assert word in COMMANDS, word


def test_the_blocks_of_the_readme_are_in_its_own_tests() -> None:
    for page, languages in IN_TESTS_OF_THEIR_OWN.items():
        assert {language for language, _ in blocks(Path(page))} == languages


def leaves(command: Any) -> Iterator[Any]:
    """The commands at the ends of the tree."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield command
    for each in (inner or {}).values():
        yield from leaves(each)


def test_every_command_of_the_operator_takes_json() -> None:
    (named,) = re.findall(r"`beseda ([a-z|]+)` are the operator's\s+commands; each\s+takes `--json`", README)
    for group in named.split("|"):
        for command in leaves(COMMANDS[group]):
            assert any("--json" in parameter.opts for parameter in command.params), f"{group} {command.name}"
