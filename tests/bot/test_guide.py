"""docs/bot.md and docs/tutorial-bot.md: every program in them is run."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from beseda.bot import Bot
from beseda.bot.testing import World
from beseda.client import Live
from beseda.client.lines import Entered, Text
from bot.test_examples import running
from e2e.serving import serving
from e2e.test_readme import README, run

DOCS = Path(__file__).parents[2] / "docs"


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (DOCS / page).read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("program", blocks("bot.md", "python"), ids=lambda text: text.splitlines()[0])
async def test_programs_of_the_guide(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BESEDA_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("BESEDA_TOKEN", "none")
    names: dict[str, Any] = {"__name__": "guide"}
    exec(compile(program, "bot.md", "exec", dont_inherit=True), names)  # noqa: S102 - that is what the test is for
    bot = names["bot"]
    assert isinstance(bot, Bot)
    async with World(bot, state=bot.store) as world:
        room, alena = world.room("Praha"), world.member("Alena")
        (told,) = await alena.says(room, "!help")
        assert told.startswith("Alena: Commands: ")
        if bot.find_command("budik"):
            assert await alena.says(room, "!budik 1m Vlak") == []
            await world.move(60)
            assert room.texts[-1] == "Alena: Vlak"
            assert await alena.says(room, "!barva RED 1 2") == ["Alena: red 3"]
        if "games" in names:
            assert await alena.says(room, "moje kostka") == ["Alena: slyším 'moje kostka'"]
            assert await alena.whispers(room, "ahoj") == ["Pst."]
        if "remind" in names:
            await world.move(86400)
            assert {"Pijte vodu.", "Dobré ráno!"} <= set(room.texts)


def put_together(program: str, *more: str) -> str:
    """The bot of the tutorial, with what is to be put before its last two lines."""
    head, _, tail = program.partition('if __name__ == "__main__":')
    return "\n\n".join([head, *more]) + '\n\nif __name__ == "__main__":' + tail


@pytest.mark.long
@pytest.mark.timeout(240)
def test_the_tutorial(tmp_path: Path) -> None:
    prepare = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)[0]
    make_member, start = blocks("tutorial-bot.md", "sh")
    program, *more = blocks("tutorial-bot.md", "python")
    (tests,) = blocks("tutorial-bot.md", "pytest")
    assert start == "BESEDA_URL=http://127.0.0.1:8080 BESEDA_TOKEN=... python dice.py\n"
    folder = tmp_path / "bot"
    folder.mkdir()
    with serving(tmp_path / "data") as url:
        run(prepare, url, tmp_path / "data", tmp_path)
        token = json.loads(run(make_member, url, tmp_path / "data", tmp_path))["token"]
        environment = {"BESEDA_URL": url, "BESEDA_TOKEN": token}
        with Live(url) as live:
            live.sign_in("Alena", "modry zvonek 12")
            room = live.enter("Praha")
            told = iter(room.lines())
            for extras, said, answer in (([], "!kostka 1", "Alena: 1"), (more, "!skore", r"Alena: \d, dohromady \d")):
                (folder / "dice.py").write_text(put_together(program, *extras), "utf-8")
                with running(str(folder / "dice.py"), folder, **environment):
                    next(line for line in told if isinstance(line, Entered) and line.member.nick == "Kostka")
                    room.say(said)
                    line = next(line for line in told if isinstance(line, Text) and line.author.nick == "Kostka")
                    assert re.fullmatch(answer, line.text)
    (folder / "test_dice.py").write_text(tests, "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", os.devnull, "-W", "error", "--rootdir=."]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
    assert "1 passed" in ran.stdout, ran.stdout + ran.stderr
