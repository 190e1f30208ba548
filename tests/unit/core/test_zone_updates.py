"""Changes by the right of a key: counted, and refused once the key is gone."""

import pytest

from beseda.core.domains import NewDomain
from beseda.domain.errors import DomainNotFound, OutOfScope, TooOften
from beseda.domain.zone_keys import KeyScope
from beseda.domain.zone_updates import Action, Instruction, ZoneUpdate
from unit.core.world import World

ZONE = "vzor.ru"


def text(world: World, words: str, zone: str = ZONE) -> ZoneUpdate:
    data = world.core.zones.codec.data(zone, "x", "TXT", f'"{words}"')
    return ZoneUpdate(zone, (), (Instruction(Action.ADD, "x", "TXT", 60, data),))


def test_changes_are_counted_with_all_others_of_the_member() -> None:
    with World({"server.limits": {"dns_change": "3/60"}}) as world:

        async def scene() -> None:
            alena = await world.known("Alena")
            await world.core.domains.give(alena.id, NewDomain(ZONE))
            key, _ = await world.core.zone_keys.give(ZONE, "key", KeyScope())
            for number in range(3):
                await world.core.zone_updates.update(key, text(world, str(number)))
            with pytest.raises(TooOften):
                await world.core.zone_updates.update(key, text(world, "3"))
            world.clock.move(61)
            await world.core.zone_updates.update(key, text(world, "3"))

        world.run(scene())


def test_a_key_is_looked_at_again_in_the_change_itself() -> None:
    """Whoever removes one has removed it for requests that are under way, too."""
    with World() as world:

        async def scene() -> None:
            alena = await world.known("Alena")
            await world.core.domains.give(alena.id, NewDomain(ZONE))
            key, _ = await world.core.zone_keys.give(ZONE, "key", KeyScope())
            with pytest.raises(OutOfScope):
                await world.core.zone_updates.update(key, text(world, "x", "druhy.ru"))
            await world.core.zone_keys.take(ZONE, "key")
            with pytest.raises(OutOfScope):
                await world.core.zone_updates.update(key, text(world, "x"))
            await world.core.domains.take(ZONE)
            with pytest.raises(DomainNotFound):
                await world.core.zone_updates.update(key, text(world, "x"))

        world.run(scene())
