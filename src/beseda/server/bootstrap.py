"""Wires the core: this module and beseda.py, which puts a server around it, alone know all concrete classes."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from beseda.adapters.captcha import CaptchaPictures
from beseda.adapters.idn import Idna2008
from beseda.adapters.passwords import Argon2Hasher
from beseda.adapters.phones import Phones
from beseda.adapters.pictures import PillowPictures
from beseda.adapters.secrets import SystemEntropy
from beseda.adapters.sql.engine import Database, SqlStore
from beseda.adapters.sql.sqlite import SqliteDatabase
from beseda.core.accounts import Accounts
from beseda.core.announcements import Announcements
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
from beseda.core.hearing import Hearing
from beseda.core.hints import HintCodec
from beseda.core.history import History
from beseda.core.identities import Identities
from beseda.core.ignoring import Ignoring
from beseda.core.karma import Karma
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
from beseda.core.own_data import OwnData
from beseda.core.pictures import Pictures
from beseda.core.ports import Bus, Clock, Keyring
from beseda.core.presence import PresenceBook
from beseda.core.reads import Reads
from beseda.core.refusals import Refusals
from beseda.core.reservations import Reservations
from beseda.core.room_settings import RoomSettings
from beseda.core.rooms import Rooms
from beseda.core.samples import Samples
from beseda.core.search import Search, SearchIndex
from beseda.core.second_factor import SecondFactors
from beseda.core.shared_limits import SharedLimiter
from beseda.core.sign_ins import SignIns
from beseda.core.streams import Streams
from beseda.core.tokens import Tokens
from beseda.core.updates import Updates
from beseda.server.asgi import RESERVED_ROOM_NAMES, TOKEN_PROTOCOLS
from beseda.server.buses import make_bus
from beseda.server.clocks import open_clock
from beseda.server.config import Config, read_limits
from beseda.server.logs import LogJournal, log_failure
from beseda.server.passwords import common_passwords
from beseda.server.storage import Absent, load_keyring, open_database
from beseda.server.upgrade import prepare_migration
from beseda.server.worker import Worker
from beseda.server.zones import make_zones


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
    url: str
    """Where members reach the server, as far as the configuration says."""


@contextlib.asynccontextmanager
async def open_core(
    config: Config,
    *,
    clock: Clock | None = None,
    absent: Absent = Absent.MAKE,
    wrap: Callable[[Database], Database] | None = None,
    worker: Worker | None = None,
) -> AsyncIterator[Parts]:
    """`wrap` puts something between the core and the database.

    Raises ConfigError, NoDatabase, SchemaRefused, StoreUnavailable.
    """
    await prepare_migration(config)
    database, migrated = await open_database(config, absent)
    if worker is not None and isinstance(database, SqliteDatabase):
        database.queue(worker.queue)
    if wrap is not None:
        database = wrap(database)
    try:
        keyring = await load_keyring(config, database.reader)
        hints = await make_bus(config, database, keyring, worker)
        parts = _wire(config, database, keyring, hints, clock or await open_clock(config, database), migrated=migrated)
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
    feed, entropy = Feed(log_failure), SystemEntropy()
    limiter, store = Limiter(clock, read_limits(config.server.limits)), SqlStore(database, feed.publish)
    given, url = config.accounts, config.server.base_url or f"http://{config.server.listen}"
    hasher = Argon2Hasher(memory_kib=given.hash_memory_kib, passes=given.hash_passes, queue_max=given.hash_queue)
    timeout, idle = config.rooms.presence_timeout_s, config.rooms.idle_timeout_s
    attendance, pictures, painter = Attendance(), PillowPictures(), CaptchaPictures()
    presence = PresenceBook(store, clock, timedelta(seconds=timeout), timedelta(seconds=idle), attendance)
    limits = SharedLimiter(store, clock, keyring, limiter)
    captcha = Captcha(store, clock, keyring, limiter, painter)
    people = _make_people(config, store, clock, entropy, keyring, hasher, limits, presence, captcha)
    auth = people.auth
    rooms = Rooms(store, clock, limits, RESERVED_ROOM_NAMES, attendance, config.rooms.history_lines)
    ignoring, billing = Ignoring(store, clock), Billing(store, clock, entropy)
    streams = Streams(store, clock, ignoring, attendance, hints[0])
    nodes = Nodes(store, clock, feed, streams, *hints)
    updates, counters, search_index = Updates(store, clock), Counters(store), SearchIndex(store)
    mail = Mail(store, clock, limiter)
    feed.subscribe(limits.note, auth.forget, presence.forget, ignoring.note, nodes.forget, lines=False)
    feed.subscribe(counters.note, billing.note, mail.note, updates.note, lines=False)
    feed.subscribe(rooms.list.note, streams.note, search_index.note)
    feed.subscribe(nodes.note, own=True)
    core = Core(
        **people._asdict(),
        captcha=captcha,
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
        mail=mail,
        mailbox=Mailbox(store, clock, limiter),
        counters=counters,
        notifications=Notifications(store, clock, limiter),
        notes=Notes(store, clock),
        pictures=Pictures(store, clock, limiter, pictures),
        karma=Karma(store, clock, limits),
        streams=streams,
        hearing=Hearing(store),
        updates=updates,
        presence=presence,
        **make_zones(config, store, clock, limiter, entropy, keyring)._asdict(),
        billing=billing,
        refusals=Refusals(store, clock, entropy),
        operators=Operators(store, clock, entropy, keyring, auth, people.second_factors),
        announcements=Announcements(store, clock),
        samples=Samples(store, clock),
        deletions=Deletions(store, clock, auth, people.second_factors),
        own_data=OwnData(store, auth, limiter),
    )
    return Parts(core, feed, nodes, store, database, hasher, pictures, painter, clock, migrated, keyring, limiter, url)


class _People(NamedTuple):
    """The deeds about who is who, by their names in the core."""

    accounts: Accounts
    auth: Auth
    own_account: OwnAccount
    apps: Apps
    tokens: Tokens
    second_factors: SecondFactors


def _make_people(
    config: Config,
    store: SqlStore,
    clock: Clock,
    entropy: SystemEntropy,
    keyring: Keyring,
    hasher: Argon2Hasher,
    limits: SharedLimiter,
    presence: PresenceBook,
    captcha: Captcha,
) -> _People:
    given, journal, names = config.accounts, LogJournal(), Idna2008()
    identities = Identities(names, Phones(given.phone_region))
    sign_ins = SignIns(store, clock, keyring, limits, captcha, at_once=given.sign_ins_per_address)
    auth = Auth(store, clock, entropy, keyring, hasher, limits, presence, journal, sign_ins, identities)
    accounts = Accounts(
        *(store, clock, entropy, keyring, hasher, limits, auth, identities),
        registration=given.registration,
        password_min=given.password_min,
        common_passwords=common_passwords,
    )
    return _People(
        accounts,
        auth,
        OwnAccount(store, clock, auth, identities),
        Apps(store, clock, entropy, keyring, limits, auth, journal),
        Tokens(store, clock, auth, journal, names, TOKEN_PROTOCOLS),
        SecondFactors(store, clock, entropy, keyring, limits, auth, sign_ins, journal),
    )
