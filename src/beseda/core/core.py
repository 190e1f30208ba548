"""All that members and operators can do, behind one name."""

from dataclasses import dataclass

from beseda.core.accounts import Accounts
from beseda.core.announcements import Announcements
from beseda.core.apps import Apps
from beseda.core.auth import Auth
from beseda.core.billing import Billing
from beseda.core.captcha import Captcha
from beseda.core.cards import Cards
from beseda.core.counters import Counters
from beseda.core.deletions import Deletions
from beseda.core.discussion import Discussion
from beseda.core.domains import Domains
from beseda.core.handovers import Handovers
from beseda.core.hearing import Hearing
from beseda.core.history import History
from beseda.core.ignoring import Ignoring
from beseda.core.karma import Karma
from beseda.core.mail import Mail
from beseda.core.mailbox import Mailbox
from beseda.core.messages import Messages
from beseda.core.moderation import Moderation
from beseda.core.notes import Notes
from beseda.core.notifications import Notifications
from beseda.core.operators import Operators
from beseda.core.own_account import OwnAccount
from beseda.core.own_data import OwnData
from beseda.core.ownership import Ownership
from beseda.core.pictures import Pictures
from beseda.core.presence import PresenceBook
from beseda.core.reads import Reads
from beseda.core.records import Records
from beseda.core.refusals import Refusals
from beseda.core.reservations import Reservations
from beseda.core.room_settings import RoomSettings
from beseda.core.rooms import Rooms
from beseda.core.samples import Samples
from beseda.core.search import Search, SearchIndex
from beseda.core.second_factor import SecondFactors
from beseda.core.streams import Streams
from beseda.core.subdomains import Subdomains
from beseda.core.tokens import Tokens
from beseda.core.updates import Updates
from beseda.core.zone_files import ZoneFiles
from beseda.core.zone_keys import ZoneKeys
from beseda.core.zone_updates import ZoneUpdates
from beseda.core.zones import Zones


@dataclass(frozen=True, slots=True)
class Core:
    """What every protocol gets; see the modules for the deeds."""

    accounts: Accounts
    auth: Auth
    own_account: OwnAccount
    captcha: Captcha
    apps: Apps
    tokens: Tokens
    second_factors: SecondFactors
    own_data: OwnData
    rooms: Rooms
    settings: RoomSettings
    reservations: Reservations
    discussion: Discussion
    messages: Messages
    history: History
    search: Search
    search_index: SearchIndex
    reads: Reads
    cards: Cards
    ignoring: Ignoring
    karma: Karma
    notes: Notes
    pictures: Pictures
    mail: Mail
    mailbox: Mailbox
    counters: Counters
    notifications: Notifications
    moderation: Moderation
    streams: Streams
    hearing: Hearing
    updates: Updates
    presence: PresenceBook
    domains: Domains
    ownership: Ownership
    handovers: Handovers
    zones: Zones
    records: Records
    zone_files: ZoneFiles
    subdomains: Subdomains
    zone_keys: ZoneKeys
    zone_updates: ZoneUpdates
    billing: Billing
    operators: Operators
    announcements: Announcements
    refusals: Refusals
    samples: Samples
    deletions: Deletions
