"""The server or the backup is killed in the middle: what has the name of a backup is one, in either engine."""

import asyncio
import contextlib
import json
import os
import random
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from beseda.core.accounts import Application
from beseda.server.backup import back_up
from beseda.server.bootstrap import open_core
from beseda.server.config import Config, load_config
from beseda.server.restore import examine, restore
from contract.places import Places, PostgresPlace
from contract.test_dump import config_of
from e2e.serving import BESEDA, QUICK_HASHES, Process, environment
from failure.test_killed import CLIENTS, PASSWORD, Client, kill_while_writing, sign_in
from postgres import create_database

KILLS = int(os.environ.get("BESEDA_TORTURE") or 50) // 5
"""Of each engine: 20 in all with the usual ROUNDS."""
NAMES = "SELECT name FROM domains"


@dataclass(frozen=True, slots=True)
class Community:
    """A data folder, and the address of a PostgreSQL unless the database is in it; Alena is there."""

    data: Path
    database: str

    def config(self) -> Config:
        return load_config(environment={}, overrides={"server.data": self.data, "server.database": self.database})

    def settings(self) -> dict[str, str]:
        return QUICK_HASHES | {"BESEDA_SERVER_DATABASE": self.database}

    async def prepare(self) -> None:
        async with open_core(self.config()) as parts:
            await parts.core.accounts.add(Application("Alena", PASSWORD))

    def start(self) -> Process:
        return Process("serve", "--data", str(self.data), "--listen", "127.0.0.1:0", settings=self.settings())

    def begin_backup(self, file: Path) -> "subprocess.Popen[bytes]":
        command = [*BESEDA, "backup", str(file), "--json", "--data", str(self.data)]
        return subprocess.Popen(
            command, env=environment(self.settings()), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    async def names(self) -> list[str]:
        """The domains that are there."""
        if not self.database:
            with contextlib.closing(sqlite3.connect(self.data / "beseda.db")) as database:
                return [name for (name,) in database.execute(NAMES)]
        connection = await asyncpg.connect(self.database)
        try:
            return [row[0] for row in await connection.fetch(NAMES)]
        finally:
            await connection.close()

    def check(self, clients: list[Client]) -> None:
        """All that was acknowledged is there, and nothing twice."""
        names = asyncio.run(self.names())
        acknowledged = [name for client in clients for name in client.acknowledged]
        assert len(set(names)) == len(names)
        assert set(acknowledged) <= set(names)
        assert len(names) - len(acknowledged) <= CLIENTS


@pytest.mark.long
@pytest.mark.torture
@pytest.mark.timeout(300 + 30 * KILLS)
@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_what_has_a_name_is_whole(engine: str, postgres: str, tmp_path: Path) -> None:
    """Now the one is killed, now the other; a server that is killed does not spoil a backup that goes on."""
    community = Community(tmp_path / "data", asyncio.run(create_database(postgres)) if engine == "postgres" else "")
    asyncio.run(community.prepare())
    folder, dice = tmp_path / "backups", random.Random(14)
    folder.mkdir()
    clients, token, verified = [Client(number) for number in range(CLIENTS)], "", 0
    for number in range(KILLS):
        file = folder / f"{number}.jsonl.gz"
        server = community.start()
        try:
            token = token or sign_in(server)
            backup = community.begin_backup(file)
            kill_while_writing(server, clients, token, after=30)
        finally:
            server.kill()
        if number % 2:
            with contextlib.suppress(subprocess.TimeoutExpired):
                backup.wait(timeout=dice.uniform(0.0, 2.0))
            backup.kill()
        out, complaints = backup.communicate(timeout=120)
        if backup.returncode == 0:
            assert json.loads(out)["verified"], complaints
        assert file.exists() >= (backup.returncode == 0)
        verified += file.exists()
        community.check(clients)
    assert verified >= KILLS // 2
    asyncio.run(put_back(Places(folder, postgres), sorted(folder.glob("*.jsonl.gz"))))


async def put_back(places: Places, files: list[Path]) -> None:
    """Every backup that there is into both engines, which then hold the same."""
    for file in files:
        contents = {examine(file).content}
        for engine in ("sqlite", "postgres"):
            place = await places.empty(engine)
            config = config_of(place, places.folder / f"{file.name}.{engine}")
            assert (await restore(config, file)).verified
            again = await back_up(config, config.server.data / "again.jsonl.gz")
            assert again.verified
            contents.add(again.content)
            if isinstance(place, PostgresPlace):
                await PostgresPlace(places.server, "postgres").run(f"DROP DATABASE {place.name}")
        assert len(contents) == 1
