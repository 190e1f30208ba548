"""Wires everything together: the only module that knows all concrete classes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from beseda.adapters.captcha import CaptchaPictures
from beseda.adapters.clock import SystemClock
from beseda.adapters.idn import Idna2008
from beseda.adapters.passwords import Argon2Hasher
from beseda.adapters.phones import Phones
from beseda.adapters.pictures import PillowPictures
from beseda.adapters.secrets import SystemEntropy
from beseda.adapters.sql.engine import Database, SqlStore
from beseda.api.addresses import Network, read_network
from beseda.api.base import Face, WebOptions
from beseda.api.chatcz.routes import ChatczFace
from beseda.api.hub import Hub
from beseda.api.live.routes import LiveFace
from beseda.api.spaces.channel import Channels
from beseda.api.spaces.routes import SpacesFace
from beseda.api.spaceweb.routes import SpacewebFace
from beseda.api.web.house import House
from beseda.api.web.routes import WebFace
from beseda.core.accounts import Accounts
from beseda.core.apps import Apps
from beseda.core.attendance import Attendance
from beseda.core.auth import Auth
from beseda.core.billing import Billing
from beseda.core.captcha import Captcha
from beseda.core.cards import Cards
from beseda.core.core import Core
from beseda.core.counters import Counters
from beseda.core.deletions import Deletions
from beseda.core.discussion import Discussion
from beseda.core.feed import Feed
from beseda.core.hints import HintCodec
from beseda.core.history import History
from beseda.core.identities import Identities
from beseda.core.ignoring import Ignoring
from beseda.core.karma import Karma
from beseda.core.leases import Lease
from beseda.core.limits import Limiter
from beseda.core.mail import Mail
from beseda.core.mailbox import Mailbox
from beseda.core.messages import Messages
from beseda.core.moderation import Moderation
from beseda.core.nodes import Nodes
from beseda.core.notes import Notes
from beseda.core.notifications import Notifications
from beseda.core.operators import Operators
from beseda.core.own_account import OwnAccount
from beseda.core.pictures import Pictures
from beseda.core.ports import Bus, Clock, Keyring
from beseda.core.presence import PresenceBook
from beseda.core.reads import Reads
from beseda.core.reservations import Reservations
from beseda.core.room_settings import RoomSettings
from beseda.core.rooms import Rooms
from beseda.core.search import Search, SearchIndex
from beseda.core.shared_limits import SharedLimiter
from beseda.core.sign_ins import SignIns
from beseda.core.streams import Streams
from beseda.core.tokens import Tokens
from beseda.core.updates import Updates
from beseda.server.asgi import RESERVED_ROOM_NAMES, TOKEN_PROTOCOLS, App
from beseda.server.background import repeat
from beseda.server.buses import gauges_of, make_bus
from beseda.server.config import Config, ConfigError, read_limits, settings, split_address
from beseda.server.connections import ConnectionLimits, Connections
from beseda.server.health import database_trouble, running
from beseda.server.listener import Application, Listener, ListenRefused
from beseda.server.logs import LogJournal, log_failure
from beseda.server.metrics import Metrics
from beseda.server.name_server import bind_dns, serve_dns
from beseda.server.operating import Operating
from beseda.server.ops import OpsApp
from beseda.server.passwords import common_passwords
from beseda.server.proxies import UntrustedProxies
from beseda.server.services import Chore, Service, Services
from beseda.server.storage import Absent, load_keyring, open_database
from beseda.server.systemd import passed_socket
from beseda.server.upgrade import prepare_migration
from beseda.server.zones import make_zones

LOOK_FOR_OTHERS_S = 0.1
"""How often a commit of another process is looked for."""
HOUSEKEEPING_S = 10.0
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Parts:
    """A core on an open database, without a server around it: what the command line works with."""

    core: Core
    feed: Feed
    nodes: Nodes
    store: SqlStore
    database: Database
    hasher: Argon2Hasher
    pictures: PillowPictures
    painter: CaptchaPictures
    clock: Clock
    migrated: bool
    keyring: Keyring
    limiter: Limiter


@contextlib.asynccontextmanager
async def open_core(
    config: Config,
    *,
    clock: Clock | None = None,
    absent: Absent = Absent.MAKE,
    wrap: Callable[[Database], Database] | None = None,
) -> AsyncIterator[Parts]:
    """`wrap` puts something between the core and the database.

    Raises ConfigError, NoDatabase, SchemaRefused, StoreUnavailable.
    """
    await prepare_migration(config)
    database, migrated = await open_database(config, absent)
    if wrap is not None:
        database = wrap(database)
    try:
        keyring = await load_keyring(config, database.reader)
        hints = await make_bus(config, database, keyring)
        parts = _wire(config, database, keyring, hints, clock or SystemClock(), migrated=migrated)
    except BaseException:
        await database.close()
        raise
    try:
        yield parts
    finally:
        await parts.nodes.stop()
        await parts.store.close()
        parts.hasher.close()
        await parts.pictures.close()
        await parts.painter.close()


def _wire(
    config: Config, database: Database, keyring: Keyring, hints: tuple[Bus, HintCodec], clock: Clock, *, migrated: bool
) -> Parts:
    feed, entropy, journal = Feed(log_failure), SystemEntropy(), LogJournal()
    limiter = Limiter(clock, read_limits(config.server.limits))
    store = SqlStore(database, feed.publish)
    given = config.accounts
    hasher = Argon2Hasher(memory_kib=given.hash_memory_kib, passes=given.hash_passes, queue_max=given.hash_queue)
    timeout, idle = config.rooms.presence_timeout_s, config.rooms.idle_timeout_s
    pictures, painter = PillowPictures(), CaptchaPictures()
    attendance = Attendance()
    presence = PresenceBook(store, clock, timedelta(seconds=timeout), timedelta(seconds=idle), attendance)
    limits = SharedLimiter(store, clock, keyring, limiter)
    captcha = Captcha(store, clock, keyring, limiter, painter)
    identities = Identities(Idna2008(), Phones(given.phone_region))
    sign_ins = SignIns(store, clock, keyring, limits, captcha, at_once=given.sign_ins_per_address)
    auth = Auth(store, clock, entropy, keyring, hasher, limits, presence, journal, sign_ins, identities)
    rooms = Rooms(store, clock, limits, RESERVED_ROOM_NAMES, attendance, config.rooms.history_lines)
    ignoring = Ignoring(store, clock)
    streams = Streams(store, clock, ignoring, attendance, hints[0])
    nodes = Nodes(store, clock, feed, streams, *hints)
    updates, counters, search_index = Updates(store, clock), Counters(store), SearchIndex(store)
    people = auth.forget, presence.forget, ignoring.note, nodes.forget
    for note in (*people, rooms.list.note, streams.note, counters.note, updates.note, search_index.note):
        feed.subscribe(note)
    feed.subscribe(nodes.note, own=True)
    accounts = Accounts(
        *(store, clock, entropy, keyring, hasher, limits, auth, identities),
        registration=given.registration,
        password_min=given.password_min,
        common_passwords=common_passwords(),
    )
    core = Core(
        accounts=accounts,
        auth=auth,
        own_account=OwnAccount(store, clock, auth, identities),
        captcha=captcha,
        apps=Apps(store, clock, entropy, keyring, limits, auth, journal),
        tokens=Tokens(store, clock, auth, journal, TOKEN_PROTOCOLS),
        rooms=rooms,
        settings=RoomSettings(store, clock),
        reservations=Reservations(store, clock, RESERVED_ROOM_NAMES),
        discussion=Discussion(store, clock, limiter),
        messages=Messages(store, clock, limits, attendance),
        history=History(store, streams),
        search=Search(store, limiter, streams),
        search_index=search_index,
        reads=Reads(store, clock, streams),
        cards=Cards(store, clock, presence),
        moderation=Moderation(store, clock, limiter),
        ignoring=ignoring,
        mail=Mail(store, clock, limiter),
        mailbox=Mailbox(store, clock, limiter),
        counters=counters,
        notifications=Notifications(store, clock, limiter),
        notes=Notes(store, clock),
        pictures=Pictures(store, clock, limiter, pictures),
        karma=Karma(store, clock, limits),
        streams=streams,
        updates=updates,
        presence=presence,
        **make_zones(config, store, clock, limiter, entropy, keyring)._asdict(),
        billing=Billing(store, clock, entropy),
        operators=Operators(store, clock, entropy, keyring),
        deletions=Deletions(store, clock, auth),
    )
    return Parts(core, feed, nodes, store, database, hasher, pictures, painter, clock, migrated, keyring, limiter)


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
) -> AsyncIterator[Beseda]:
    """A server from here on, drained and stopped at the end; `wrap` is as for `open_core`.

    `around` puts something between the connections and the application.

    Raises ConfigError, also for an address that cannot be listened on, NoDatabase, SchemaRefused,
    StoreUnavailable.
    """
    networks = tuple(map(read_network, config.server.trusted_proxies))
    limits = ConnectionLimits(
        config.server.max_connections,
        config.server.max_connections_per_address,
        networks,
        read_limits(config.server.limits)["socket_frame"],
        config.server.keep_alive_s,
    )
    async with contextlib.AsyncExitStack() as stack:
        listener = _listen("server.listen", config.server.listen, limits)
        stack.push_async_callback(listener.stop, 0)
        ops = None
        if config.server.ops_listen:
            ops = _listen("server.ops_listen", config.server.ops_listen, ConnectionLimits())
            stack.push_async_callback(ops.stop, 0)
        sockets = stack.enter_context(bind_dns(config.dns))
        parts = await stack.enter_async_context(open_core(config, clock=clock, absent=absent, wrap=wrap))
        metrics = Metrics()
        _watch(metrics, parts, listener)
        operating = Operating(config, parts, metrics, _listen)
        untrusted = UntrustedProxies(networks)
        options = WebOptions(config.server.base_url, frozenset(config.compat.origins), config.compat.sid_in_links)
        live = LiveFace(parts.core, parts.store, parts.clock, Hub(), options)
        channels = Channels(parts.core, parts.store, parts.clock, Hub())
        inner = _make_app(config, parts, live, channels, options, metrics, networks, untrusted)
        app = around(inner, listener.connections)
        listed = (
            *_services(config, parts, live, channels, listener, app, ops),
            *serve_dns(config.dns, parts, sockets, metrics),
        )
        lease = Lease(parts.store, parts.clock, "housekeeping")
        services = Services(parts.clock, operating.among(listed), lease)
        urls = (listener.url, ops_url := ops.url if ops else "", operating.url or ops_url)
        beseda = Beseda(parts, channels, services, metrics, urls, sockets.addresses)
        await services.start(parts.feed)
        if ops is not None:
            told = beseda.problems, untrusted.warnings, parts.nodes.slowed, operating.worries, operating.admin
            await ops.start(OpsApp(metrics, *told))
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
    yield Service(start=parts.nodes.start, looks=parts.nodes.look, chores=(forget_journal,))
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
    if ops is not None:
        yield Service(stop=ops.stop)


def _listen(key: str, address: str, limits: ConnectionLimits) -> Listener:
    """ConfigError names the setting whose address is taken: two servers on one machine must differ in both."""
    try:
        return Listener(*split_address(key, address), limits, passed_socket(key))
    except ListenRefused as error:
        raise ConfigError(f"{key}: {error}. {settings()[key].environment_name} names another") from error


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
    house = House({"registration": config.accounts.registration, "password_min": config.accounts.password_min})
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
        options=options,
    )


def _watch(metrics: Metrics, parts: Parts, listener: Listener) -> None:
    connections, store = listener.connections, parts.store
    metrics.gauges |= {
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
