"""No serial comes twice: after a backup was put back, on either engine, all are above whatever was served."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.core.accounts import Application
from beseda.core.core import Core
from beseda.core.domains import NewDomain
from beseda.core.zone_files import How, WrittenSet
from beseda.domain.zones import Deed, is_after, next_serial, serial_after_loss
from beseda.server.backup import back_up
from beseda.server.bootstrap import open_core
from beseda.server.config import Config
from beseda.server.restore import restore
from beseda.testing.clock import ManualClock
from contract.places import Places
from contract.test_dump import config_of

HOURS = st.integers(0, 24 * 365 * 2)
TODAY = datetime(2026, 11, 27, tzinfo=UTC)


@given(st.integers(2_015_010_100, 2_040_000_000), HOURS, HOURS, st.integers(0, 600))
def test_whoever_puts_the_same_back_twice_is_above_both(serial: int, hours: int, more: int, changes: int) -> None:
    """Each time as many changes follow as a member may make; `serial` is that of the backup."""
    first, second = TODAY + timedelta(hours=hours), TODAY + timedelta(hours=hours + more + 1)
    served = serial_after_loss(serial, TODAY, first)
    assert is_after(served, serial)
    assert is_after(served, next_serial(serial, first))
    for _ in range(changes):
        served = next_serial(served, second)
    assert is_after(serial_after_loss(serial, TODAY, second), served)


@given(st.integers(0, 2**32 - 1), HOURS)
def test_what_is_raised_is_higher_for_whoever_has_it(serial: int, hours: int) -> None:
    raised = serial_after_loss(serial, TODAY, TODAY + timedelta(hours=hours))
    assert is_after(raised, serial)
    assert raised != 0


@asynccontextmanager
async def opened(config: Config, clock: ManualClock) -> AsyncIterator[Core]:
    async with open_core(config, clock=clock) as parts:
        yield parts.core


@pytest.mark.long
async def test_a_backup_that_is_put_back_serves_higher_serials(places: Places, engine: str, tmp_path: Path) -> None:
    clock, file = ManualClock(), tmp_path / "b.jsonl.gz"
    place = await places.empty(engine)
    await place.migrate()
    config = config_of(place, tmp_path / "a")
    async with opened(config, clock) as core:
        alena = await core.accounts.add(Application("Alena", "kratka zima 7"))
        for name in ("vzor.ru", "byl.ru"):
            await core.domains.give(alena.id, NewDomain(name))
        await core.domains.take("byl.ru")
        await back_up(config, file, now=clock.now())
        (backed_up,) = [head.serial for head in await core.zones.served()]
        for number in range(150):
            await core.zone_files.put(None, "vzor.ru", WrittenSet("www", "A", (f"192.0.2.{number}",)), How())
        for name in ("byl.ru", "novy.ru"):
            await core.domains.give(alena.id, NewDomain(name))
            await core.zone_files.put(None, name, WrittenSet("www", "A", ("192.0.2.1",)), How())
        served = {head.name: head.serial for head in await core.zones.served()}
    again = config_of(await places.empty(engine), tmp_path / "b")
    clock.move(60)
    await restore(again, file, now=clock.now())
    async with opened(again, clock) as core:
        alena = await core.accounts.find("Alena")
        for name in ("byl.ru", "novy.ru"):
            await core.domains.give(alena.id, NewDomain(name))
        heads = {head.name: head for head in await core.zones.served()}
        assert heads.keys() == served.keys()
        for name, serial in served.items():
            assert is_after(heads[name].serial, serial), name
        (step,) = await core.zones.steps_after(heads["vzor.ru"].id, backed_up) or []
        assert (step.deed, step.serial_to, step.removed, step.added) == (
            *(Deed.RESTORED, heads["vzor.ru"].serial, (), ()),
        )
        await core.zone_files.put(None, "vzor.ru", WrittenSet("www", "A", ("192.0.2.9",)), How())
        chain = await core.zones.steps_after(heads["vzor.ru"].id, backed_up) or ()
        assert [each.serial_from for each in chain] == [backed_up, step.serial_to]
