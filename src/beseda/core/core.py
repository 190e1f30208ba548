"""All that members and operators can do, behind one name."""

from dataclasses import dataclass

from beseda.core.accounts import Accounts
from beseda.core.apps import Apps
from beseda.core.auth import Auth
from beseda.core.billing import Billing
from beseda.core.captcha import Captcha
from beseda.core.counters import Counters
from beseda.core.deletions import Deletions
from beseda.core.discussion import Discussion
from beseda.core.domains import Domains
from beseda.core.ignoring import Ignoring
from beseda.core.karma import Karma
from beseda.core.mail import Mail
from beseda.core.mailbox import Mailbox
from beseda.core.messages import Messages
from beseda.core.moderation import Moderation
from beseda.core.notes import Notes
from beseda.core.notifications import Notifications
from beseda.core.operators import Operators
from beseda.core.pictures import Pictures
from beseda.core.presence import PresenceBook
from beseda.core.reservations import Reservations
from beseda.core.rooms import Rooms
from beseda.core.streams import Streams
from beseda.core.updates import Updates


@dataclass(frozen=True, slots=True)
class Core:
    """What every protocol gets; see the modules for the deeds."""

    accounts: Accounts
    auth: Auth
    captcha: Captcha
    apps: Apps
    rooms: Rooms
    reservations: Reservations
    discussion: Discussion
    messages: Messages
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
    updates: Updates
    presence: PresenceBook
    domains: Domains
    billing: Billing
    operators: Operators
    deletions: Deletions
