"""A running server: the core with everything that listens, looks and keeps house around it."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial

from beseda.adapters import heap
from beseda.adapters.secrets import SystemEntropy
from beseda.adapters.sql.engine import Database
from beseda.api.addresses import Network, read_network
from beseda.api.base import Face, WebOptions
from beseda.api.chatcz.routes import ChatczFace
from beseda.api.hub import Hub
from beseda.api.live.routes import LiveFace
from beseda.api.spaces.channel import Channels
from beseda.api.spaces.routes import SpacesFace
from beseda.api.spaceweb.routes import SpacewebFace
from beseda.api.web.assets import assets
from beseda.api.web.house import House
from beseda.api.web.routes import WebFace
from beseda.core.leases import Lease
from beseda.core.ports import Clock
from beseda.server.asgi import App
from beseda.server.background import repeat
from beseda.server.bootstrap import Parts, open_core
from beseda.server.buses import gauges_of
from beseda.server.clocks import looking_after
from beseda.server.config import Config, read_limits, split_address
from beseda.server.config_domains import domain_features
from beseda.server.connections import ConnectionLimits, Connections
from beseda.server.health import database_trouble, running
from beseda.server.listener import Application, Listener
from beseda.server.listening import open_listening
from beseda.server.metrics import Metrics
from beseda.server.name_server import bind_dns, serve_dns
from beseda.server.operating import Operating
from beseda.server.ops import OpsApp
from beseda.server.proxies import UntrustedProxies
from beseda.server.reports import Reports
from beseda.server.services import Chore, Service, Services
from beseda.server.storage import Absent
from beseda.server.worker import Worker

LOOK_FOR_OTHERS_S = 0.1
"""How often a commit of another process is looked for."""
HOUSEKEEPING_S = 10.0
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Beseda:
    """A running server. Made by `run_beseda`; `urls` are the members', the operator's and the admin's."""

    def __init__(
        self,
        parts: Parts,
        channels: Channels,
        services: Services,
        metrics: Metrics,
        urls: tuple[str, str, str],
        dns: tuple[str, ...] = (),
    ) -> None:
        self.parts = parts
        self.channels = channels
        self.services = services
        self.metrics = metrics
        self.url, self.ops_url, self.admin_url = urls
        self.dns = dns
        """Where zones are answered for."""
        self._stopping = False

    async def housekeeping(self) -> None:
        """What time itself brings about: sessions that end, members who are gone, lines that are old."""
        await self.services.housekeeping()

    async def look_for_others(self) -> None:
        """What other processes on the same database have done; to be called every moment."""
        await self.services.look_for_others()

    async def problems(self) -> dict[str, str]:
        """What keeps the server from taking work, by part."""
        if self._stopping:
            return {"server": "is stopping"}
        trouble = await database_trouble(self.parts.store, self.parts.database)
        return {"database": trouble} if trouble else {}

    async def stop(self, drain_s: float) -> None:
        """Finish the requests under way; meanwhile the operator's listener says that no more are wanted."""
        self._stopping = True
        await self.services.stop(drain_s)


@contextlib.asynccontextmanager
async def run_beseda(
    config: Config,
    *,
    clock: Clock | None = None,
    housekeeping: bool = True,
    absent: Absent = Absent.MAKE,
    wrap: Callable[[Database], Database] | None = None,
    around: Callable[[App, Connections], Application] = lambda app, connections: app,
    worker: Worker | None = None,
) -> AsyncIterator[Beseda]:
    """A server from here on, drained and stopped at the end; `wrap` is as for `open_core`.

    `around` puts something between the connections and the application; `worker` says which this is of several.

    Raises ConfigError, also for an address that cannot be listened on, NoDatabase, SchemaRefused,
    StoreUnavailable.
    """
    networks = tuple(map(read_network, config.server.trusted_proxies))
    async with contextlib.AsyncExitStack() as stack:
        listen = partial(_listen, worker.listening if worker else {})
        listener = listen("server.listen", config.server.listen, _limits(config, networks))
        stack.push_async_callback(listener.stop, 0)
        ops = None
        if config.server.ops_listen:
            ops = listen("server.ops_listen", config.server.ops_listen, ConnectionLimits())
            stack.push_async_callback(ops.stop, 0)
        sockets = stack.enter_context(bind_dns(config.dns))
        parts = await stack.enter_async_context(open_core(config, clock=clock, absent=absent, wrap=wrap, worker=worker))
        metrics = Metrics()
        _watch(metrics, parts, listener)
        operating = Operating(config, parts, metrics, listener, listen, worker)
        untrusted = UntrustedProxies(networks)
        options = WebOptions(config.server.base_url, frozenset(config.compat.origins), config.compat.sid_in_links)
        live = LiveFace(parts.core, parts.clock, Hub(), options)
        channels = Channels(parts.core, parts.clock, Hub())
        inner = _make_app(config, parts, live, channels, options, metrics, networks, untrusted)
        app = around(inner, listener.connections)
        listed = (
            *_services(config, parts, live, channels, listener, app, ops),
            *serve_dns(config.dns, parts, sockets, metrics),
        )
        told = untrusted.warnings, parts.nodes.slowed, operating.worries, operating.admin
        ops_app = OpsApp(metrics, lambda: beseda.problems(), *told)
        if worker is not None:
            ops_app.reports = Reports(worker, metrics, ops_app.state)
            listed = (*listed, ops_app.reports.service)
        lease = Lease(parts.store, parts.clock, "housekeeping")
        services = Services(parts.clock, operating.among(listed), lease)
        urls = (listener.url, ops_url := ops.url if ops else "", operating.url or ops_url)
        beseda = Beseda(parts, channels, services, metrics, urls, sockets.addresses)
        operating.problems = beseda.problems
        await services.start(parts.feed)
        if ops is not None:
            await ops.start(ops_app)
            stack.enter_context(running(config.server.data, ops.url))
        async with _background(beseda, housekeeping):
            yield beseda
            await beseda.stop(config.server.drain_s)


def _services(
    config: Config,
    parts: Parts,
    live: LiveFace,
    channels: Channels,
    listener: Listener,
    app: Application,
    ops: Listener | None,
) -> Iterator[Service]:
    """All that runs while the server does, the first to be told of what others did first."""
    core = parts.core
    forget_journal = Chore(parts.nodes.forget_old, MINUTE, alone=True)
    yield looking_after(parts.clock)
    yield Service(start=parts.nodes.start, looks=parts.nodes.look, chores=(forget_journal,))
    announcements = core.announcements
    yield Service(hears=announcements.note, looks=announcements.look, start=announcements.look)
    yield Service(
        hears=live.connections.note,
        looks=live.connections.look,
        chores=(Chore(live.connections.renew),),
        let_go=live.hang_up,
    )
    yield Service(looks=core.streams.catch_up, chores=(Chore(core.streams.drop_unread),))
    yield Service(
        hears=channels.note,
        looks=channels.look,
        chores=(Chore(channels.connections.renew),),
        let_go=channels.hang_up,
    )
    yield Service(looks=core.updates.catch_up, chores=(Chore(core.updates.forget_old, MINUTE, alone=True),))
    yield Service(looks=live.feeds.rooms.look)
    yield Service(looks=core.search_index.look)
    yield Service(looks=core.reads.flush, stop=lambda drain_s: core.reads.settle())
    yield Service(
        chores=(
            Chore(core.presence.keep),
            Chore(core.auth.uses.keep),
            Chore(core.presence.sweep, alone=True),
            Chore(core.auth.end_unused, alone=True),
            Chore(core.tokens.end_old, alone=True),
            Chore(core.karma.rank_daily, alone=True),
            Chore(lambda: core.messages.forget_old(config.rooms.keep_days), HOUR, alone=True),
            Chore(core.notifications.forget_old, HOUR, alone=True),
            Chore(core.auth.forget_old, HOUR, alone=True),
            Chore(core.domains.forget_removed, HOUR, alone=True),
        )
    )
    yield Service(let_go=parts.pictures.end)
    yield Service(let_go=parts.painter.end)
    yield Service(start=lambda: listener.start(app), stop=listener.stop)
    yield Service(start=assets().compress, chores=(Chore(assets().compress_more),))
    yield Service(chores=(Chore(_give_memory_back, MINUTE),))
    if ops is not None:
        yield Service(stop=ops.stop)


async def _give_memory_back() -> None:
    """What pages took while they were compiled, and large answers while they were made."""
    heap.give_back()


def _limits(config: Config, networks: tuple[Network, ...]) -> ConnectionLimits:
    return ConnectionLimits(
        config.server.max_connections,
        config.server.max_connections_per_address,
        networks,
        read_limits(config.server.limits)["socket_frame"],
        config.server.keep_alive_s,
    )


def _listen(inherited: Mapping[str, socket.socket], key: str, address: str, limits: ConnectionLimits) -> Listener:
    """Raises ConfigError."""
    return Listener(*split_address(key, address), limits, inherited.get(key) or open_listening(key, address))


def _make_app(
    config: Config,
    parts: Parts,
    live: LiveFace,
    channels: Channels,
    options: WebOptions,
    metrics: Metrics,
    networks: tuple[Network, ...],
    untrusted: UntrustedProxies,
) -> App:
    core, clock = parts.core, parts.clock
    house = House(
        {
            "registration": config.accounts.registration,
            "password_min": config.accounts.password_min,
            "announcements": core.announcements.shown,
        }
        | domain_features(config)
    )
    chatcz = ChatczFace(core, clock, options, house)
    spaces = SpacesFace(core, channels, clock, options, config.accounts.oauth)
    spaceweb = SpacewebFace(
        core,
        clock,
        SystemEntropy(),
        registration_price=config.domains.registration_price,
        renewal_price=config.domains.renewal_price,
    )
    faces: list[tuple[list[str], Face]] = [
        (config.hosts.chatcz, chatcz),
        (config.hosts.spaces, spaces),
        (config.hosts.spaceweb, spaceweb),
    ]
    return App(
        chatcz=chatcz,
        spaces=spaces,
        spaceweb=spaceweb,
        web=WebFace(core, clock, options, house),
        live=live,
        hosts={name: face for names, face in faces for name in names},
        proxies=networks,
        untrusted=untrusted,
        metrics=metrics,
        log_all=config.log.level == "debug",
        refused=core.refusals.note,
        options=options,
    )


def _watch(metrics: Metrics, parts: Parts, listener: Listener) -> None:
    connections, store = listener.connections, parts.store
    metrics.gauges |= {
        "beseda_workers": ("Processes that serve members", lambda: 1),
        "beseda_open_connections": ("Open connections", lambda: len(connections.open)),
        "beseda_refused_connections_total": ("Connections over a limit", lambda: connections.refused),
        "beseda_idle_connections_closed_total": ("Idle ones closed for others", lambda: connections.made_room),
        "beseda_timed_out_connections_total": ("Connections that missed a deadline", lambda: connections.timed_out),
        "beseda_open_sockets": ("Open WebSockets", lambda: connections.sockets),
        "beseda_too_slow_sockets_total": ("WebSockets closed as they did not read", lambda: connections.too_slow),
        "beseda_flooding_sockets_total": ("WebSockets closed as they sent too much", lambda: connections.flooding),
        "beseda_commits_total": ("Durable commits", lambda: store.commits),
        "beseda_units_total": ("Deeds in those commits; units / commits is the batch size", lambda: store.units),
        "beseda_feed_failures_total": ("Events that a part of the server failed to take", lambda: parts.feed.failures),
        "beseda_hashing_queue": ("Sign-ins that wait for hashing or are in it", lambda: parts.hasher.waiting),
        "beseda_picture_queue": ("Uploads that wait for decoding or are in it", lambda: parts.pictures.waiting),
        **gauges_of(parts.nodes),
        "beseda_lost_pictures_total": ("Uploads that took a decoder too long, or down", lambda: parts.pictures.lost),
    }


@contextlib.asynccontextmanager
async def _background(beseda: Beseda, housekeeping: bool) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(repeat(beseda.look_for_others, LOOK_FOR_OTHERS_S))]
    if housekeeping:
        tasks.append(asyncio.create_task(repeat(beseda.housekeeping, HOUSEKEEPING_S)))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
