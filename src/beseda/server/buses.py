"""The bus that the configuration names, and what is counted of nodes."""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from beseda.adapters.bus.local import LocalBus
from beseda.adapters.bus.workers import WorkersBus
from beseda.adapters.hints import JsonHintCodec
from beseda.adapters.sql.engine import Database
from beseda.core.hints import HintCodec
from beseda.core.nodes import Nodes
from beseda.core.ports import Bus, Keyring
from beseda.server.config import Config
from beseda.server.storage import is_postgres
from beseda.server.worker import Worker

if TYPE_CHECKING:
    from beseda.adapters.sql.postgres import PostgresDatabase


async def make_bus(
    config: Config, database: Database, keyring: Keyring, worker: Worker | None
) -> tuple[Bus, HintCodec]:
    """The bus, not connected yet, and what seals its hints. Raises StoreUnavailable."""
    identity = await database.identity()
    codec = JsonHintCodec(keyring, identity)
    if config.server.bus:
        from beseda.adapters.bus.nats import NatsBus

        servers = [server.strip() for server in config.server.bus.split(",")]
        return NatsBus(servers, keyring.seal("bus", identity)[:16]), codec
    if is_postgres(config):
        from beseda.adapters.bus.postgres import PostgresBus

        return PostgresBus(cast("PostgresDatabase", database).primary.connect), codec
    if worker is not None:
        return WorkersBus(worker.hints.mine, [*worker.hints.others.values()], database.others_wrote), codec
    return LocalBus(database.others_wrote), codec


def gauges_of(nodes: Nodes) -> dict[str, tuple[str, Callable[[], float]]]:
    """See Metrics.gauges."""
    bus = nodes.bus
    return {
        "beseda_bus_up": ("Whether hints of other nodes come at once", lambda: int(not bus.trouble)),
        "beseda_bus_losses_total": ("How often they ceased to", lambda: bus.losses),
        "beseda_hints_sent_total": ("Hints to other nodes", lambda: nodes.sent),
        "beseda_hints_heard_total": ("Hints of other nodes", lambda: nodes.heard),
        "beseda_hints_refused_total": ("Hints that nobody of this database has sealed", lambda: nodes.refused),
        "beseda_events_of_others_total": ("Events read from the journal", lambda: nodes.events),
    }
