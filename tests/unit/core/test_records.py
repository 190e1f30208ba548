"""Records one by one: what is told of all of them is made once, and never of what is old."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from beseda.core.domains import NewDomain
from beseda.core.records import Meant, Wanted
from beseda.domain.errors import DomainNotFound
from beseda.domain.records import Row
from unit.core.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World({"server.data": tmp_path}) as world:
        yield world


async def test_what_is_told_of_a_zone_is_made_once_until_it_changes(world: World) -> None:
    alena, brana = await world.member_in("Alena"), await world.member_in("Brana")
    records = world.core.records
    made: list[int] = []

    def tell(rows: list[Row]) -> bytes:
        made.append(len(rows))
        return " ".join(f"{row.name} {row.data.text}" for row in rows).encode()

    async def told(name: str = "vzor.ru") -> bytes:
        return await records.told(alena, name, tell)

    await world.core.domains.add(alena, NewDomain("vzor.ru"))
    assert (await told(), await told(), await told("www.vzor.ru")) == (b"", b"", b"")
    await records.add(alena, "vzor.ru", Wanted("www", "A", "192.0.2.1"))
    assert (await told(), await told()) == (b"www 192.0.2.1", b"www 192.0.2.1")
    await records.edit(alena, "vzor.ru", "A", 0, lambda row: Wanted(None, "A", "192.0.2.2"))
    assert (await told(), made) == (b"www 192.0.2.2", [0, 1, 1])
    with pytest.raises(DomainNotFound):
        await records.told(brana, "vzor.ru", tell)
    await records.remove(alena, "vzor.ru", "A", 0, Meant())
    assert (await told(), made) == (b"", [0, 1, 1, 0])


async def test_of_a_zone_that_changes_while_it_is_read_nothing_is_kept(world: World, tmp_path: Path) -> None:
    """What another process commits meanwhile is told whoever asks next."""
    alena = await world.member_in("Alena")
    serials: list[int] = []
    await world.core.domains.add(alena, NewDomain("vzor.ru"))

    def tell(_rows: list[Row]) -> bytes:
        with contextlib.closing(sqlite3.connect(tmp_path / "beseda.db")) as another, another:
            if len(serials) < 2:
                another.execute("UPDATE zones SET serial = serial + 1")
            serials.append(another.execute("SELECT serial FROM zones").fetchone()[0])
        return str(serials[-1]).encode()

    told = [await world.core.records.told(alena, "vzor.ru", tell) for _ in range(4)]
    assert told == [str(each).encode() for each in (*serials, serials[2])]
    assert serials[0] < serials[1] == serials[2]
