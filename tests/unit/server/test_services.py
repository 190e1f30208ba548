"""What runs while a server does: how it is stopped."""

import pytest

from beseda.core.leases import Lease
from beseda.domain.errors import StoreUnavailable
from beseda.server.services import Service, Services
from unit.core.world import World


def test_one_that_cannot_stop_holds_up_no_other() -> None:
    """The requests under way are finished, and the lease given up, though the database took no marks any more."""
    stopped: list[str] = []

    async def fail(drain_s: float) -> None:
        raise StoreUnavailable

    async def stop(drain_s: float) -> None:
        stopped.append(f"after {drain_s:g}")

    def let_go() -> None:
        raise RuntimeError("a fault")

    with World() as world:

        async def held() -> None:
            parts = world.parts
            lease = Lease(parts.store, parts.clock, "housekeeping")
            ours = Service(let_go=let_go, stop=fail), Service(let_go=lambda: stopped.append("let go"), stop=stop)
            services = Services(parts.clock, ours, lease)
            assert await lease.is_mine()
            with pytest.raises(RuntimeError, match="a fault"):
                await services.stop(7)
            assert stopped == ["let go", "after 7"]
            assert (await parts.store.view.leases.find("housekeeping"))[0] == ""

        world.run(held())
