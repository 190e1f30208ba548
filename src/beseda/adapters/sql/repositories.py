"""All repositories over one connection."""

from beseda.adapters.sql.accounts import SqlAccounts
from beseda.adapters.sql.apps import SqlApps
from beseda.adapters.sql.discussion import SqlDiscussion
from beseda.adapters.sql.domains import SqlDomains
from beseda.adapters.sql.ignoring import SqlIgnoring
from beseda.adapters.sql.karma import SqlKarma
from beseda.adapters.sql.ledger import SqlLedger
from beseda.adapters.sql.limits import SqlLimits
from beseda.adapters.sql.mail import SqlMail
from beseda.adapters.sql.messages import SqlMessages
from beseda.adapters.sql.moderation import SqlModeration
from beseda.adapters.sql.notes import SqlNotes
from beseda.adapters.sql.notifications import SqlNotifications
from beseda.adapters.sql.operators import SqlOperators
from beseda.adapters.sql.pictures import SqlPictures
from beseda.adapters.sql.rooms import SqlRooms
from beseda.adapters.sql.sessions import SqlSessions
from beseda.adapters.sql.sign_ins import SqlSignIns
from beseda.adapters.sql.statements import Connection
from beseda.adapters.sql.updates import SqlUpdates


class SqlRepositories:
    """The repositories over one connection."""

    __slots__ = (
        "accounts",
        "apps",
        "discussion",
        "domains",
        "ignoring",
        "karma",
        "ledger",
        "limits",
        "mail",
        "messages",
        "moderation",
        "notes",
        "notifications",
        "operators",
        "pictures",
        "rooms",
        "sessions",
        "sign_ins",
        "updates",
    )

    def __init__(self, connection: Connection) -> None:
        self.accounts = SqlAccounts(connection)
        self.sessions = SqlSessions(connection)
        self.sign_ins = SqlSignIns(connection)
        self.limits = SqlLimits(connection)
        self.apps = SqlApps(connection)
        self.ignoring = SqlIgnoring(connection)
        self.karma = SqlKarma(connection)
        self.mail = SqlMail(connection)
        self.notes = SqlNotes(connection)
        self.notifications = SqlNotifications(connection)
        self.operators = SqlOperators(connection)
        self.updates = SqlUpdates(connection)
        self.rooms = SqlRooms(connection)
        self.messages = SqlMessages(connection)
        self.pictures = SqlPictures(connection)
        self.discussion = SqlDiscussion(connection)
        self.moderation = SqlModeration(connection)
        self.domains = SqlDomains(connection)
        self.ledger = SqlLedger(connection)


class Delegating:
    """Somebody else's repositories under their own names."""

    __slots__ = ("_repositories",)

    def __init__(self, repositories: SqlRepositories) -> None:
        self._repositories = repositories

    @property
    def accounts(self) -> SqlAccounts:
        return self._repositories.accounts

    @property
    def sessions(self) -> SqlSessions:
        return self._repositories.sessions

    @property
    def sign_ins(self) -> SqlSignIns:
        return self._repositories.sign_ins

    @property
    def limits(self) -> SqlLimits:
        return self._repositories.limits

    @property
    def apps(self) -> SqlApps:
        return self._repositories.apps

    @property
    def rooms(self) -> SqlRooms:
        return self._repositories.rooms

    @property
    def ignoring(self) -> SqlIgnoring:
        return self._repositories.ignoring

    @property
    def karma(self) -> SqlKarma:
        return self._repositories.karma

    @property
    def mail(self) -> SqlMail:
        return self._repositories.mail

    @property
    def notes(self) -> SqlNotes:
        return self._repositories.notes

    @property
    def notifications(self) -> SqlNotifications:
        return self._repositories.notifications

    @property
    def operators(self) -> SqlOperators:
        return self._repositories.operators

    @property
    def updates(self) -> SqlUpdates:
        return self._repositories.updates

    @property
    def discussion(self) -> SqlDiscussion:
        return self._repositories.discussion

    @property
    def pictures(self) -> SqlPictures:
        return self._repositories.pictures

    @property
    def messages(self) -> SqlMessages:
        return self._repositories.messages

    @property
    def moderation(self) -> SqlModeration:
        return self._repositories.moderation

    @property
    def domains(self) -> SqlDomains:
        return self._repositories.domains

    @property
    def ledger(self) -> SqlLedger:
        return self._repositories.ledger
