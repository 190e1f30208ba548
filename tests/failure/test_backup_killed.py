"""The server or the backup is killed in the middle: what has the name of a backup is one, in either engine."""

import asyncio
import json
import random
import subprocess
from pathlib import Path

import pytest

from beseda.server.backup import back_up
from beseda.server.config import load_config
from beseda.server.restore import examine, restore
from beseda.testing.postgres import run_postgres
from contract.places import Places
from e2e.serving import BESEDA, environment
from failure.test_killed import CLIENTS, Client, check, data, kill_while_writing, sign_in, start  # noqa: F401

KILLS = 20


def begin_backup(data: Path, file: Path) -> "subprocess.Popen[bytes]":  # noqa: F811 - the fixture's value
    command = [*BESEDA, "backup", str(file), "--json", "--data", str(data)]
    return subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_what_has_a_name_is_whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> None:  # noqa: F811
    """Now the one is killed, now the other; a server that is killed does not spoil a backup that goes on."""
    folder, dice = tmp_path_factory.mktemp("backups"), random.Random(14)
    clients, token, verified = [Client(number) for number in range(CLIENTS)], "", 0
    for number in range(KILLS):
        file = folder / f"{number}.jsonl.gz"
        server = start(data)
        try:
            token = token or sign_in(server)
            backup = begin_backup(data, file)
            kill_while_writing(server, clients, token, after=30)
        finally:
            server.kill()
        if number % 2:
            try:
                backup.wait(timeout=dice.uniform(0.0, 2.0))
            except subprocess.TimeoutExpired:
                backup.kill()
        out, complaints = backup.communicate(timeout=120)
        if backup.returncode == 0:
            assert json.loads(out)["verified"], complaints
        assert file.exists() >= (backup.returncode == 0)
        verified += file.exists()
        check(data, clients)
    assert verified >= KILLS // 2
    asyncio.run(put_back(folder, sorted(folder.glob("*.jsonl.gz"))))


async def put_back(folder: Path, files: list[Path]) -> None:
    """Every backup that there is into both engines, which then hold the same."""
    with run_postgres() as address:
        places = Places(folder, address)
        for file in files:
            contents = {examine(file).content}
            for engine in ("sqlite", "postgres"):
                place = await places.empty(engine)
                database = getattr(place, "dsn", "") or f"sqlite://{place.path}"  # type: ignore[attr-defined]
                settings = {"server.data": folder / "data", "server.database": database}
                config = load_config(environment={}, overrides=settings)
                assert (await restore(config, file)).verified
                again = await back_up(config, folder / f"{file.name}.{engine}")
                assert again.verified
                contents.add(again.content)
            assert len(contents) == 1
