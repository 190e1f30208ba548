"""All repositories over one connection."""

from beseda.adapters.sql.accounts import SqlAccounts
from beseda.adapters.sql.announcements import SqlAnnouncements
from beseda.adapters.sql.apps import SqlApps
from beseda.adapters.sql.discussion import SqlDiscussion
from beseda.adapters.sql.domains import SqlDomains
from beseda.adapters.sql.history import SqlHistory
from beseda.adapters.sql.ignoring import SqlIgnoring
from beseda.adapters.sql.journal import SqlJournal, SqlLeases
from beseda.adapters.sql.karma import SqlKarma
from beseda.adapters.sql.ledger import SqlLedger
from beseda.adapters.sql.limits import SqlLimits
from beseda.adapters.sql.mail import SqlMail
from beseda.adapters.sql.messages import SqlMessages
from beseda.adapters.sql.moderation import SqlModeration
from beseda.adapters.sql.notes import SqlNotes
from beseda.adapters.sql.notifications import SqlNotifications
from beseda.adapters.sql.operators import SqlOperators
from beseda.adapters.sql.ownership import SqlOwnership
from beseda.adapters.sql.pictures import SqlPictures
from beseda.adapters.sql.refusals import SqlRefusals
from beseda.adapters.sql.rooms import SqlRooms
from beseda.adapters.sql.samples import SqlSamples
from beseda.adapters.sql.search import SqlSearch
from beseda.adapters.sql.second_factor import SqlSecondFactors
from beseda.adapters.sql.sessions import SqlSessions
from beseda.adapters.sql.sign_ins import SqlSignIns
from beseda.adapters.sql.statements import Connection
from beseda.adapters.sql.subdomains import SqlSubdomains
from beseda.adapters.sql.tokens import SqlTokens
from beseda.adapters.sql.updates import SqlUpdates
from beseda.adapters.sql.zone_keys import SqlZoneKeys
from beseda.adapters.sql.zones import SqlZones


class SqlRepositories:
    """The repositories over one connection."""

    __slots__ = (
        "accounts",
        "announcements",
        "apps",
        "discussion",
        "domains",
        "history",
        "ignoring",
        "journal",
        "karma",
        "leases",
        "ledger",
        "limits",
        "mail",
        "messages",
        "moderation",
        "notes",
        "notifications",
        "operators",
        "ownership",
        "pictures",
        "refusals",
        "rooms",
        "samples",
        "search",
        "second_factors",
        "sessions",
        "sign_ins",
        "subdomains",
        "tokens",
        "updates",
        "zone_keys",
        "zones",
    )

    def __init__(self, connection: Connection) -> None:
        self.accounts = SqlAccounts(connection)
        self.sessions = SqlSessions(connection)
        self.sign_ins = SqlSignIns(connection)
        self.second_factors = SqlSecondFactors(connection)
        self.limits = SqlLimits(connection)
        self.apps = SqlApps(connection)
        self.tokens = SqlTokens(connection)
        self.history = SqlHistory(connection)
        self.ignoring = SqlIgnoring(connection)
        self.journal = SqlJournal(connection)
        self.karma = SqlKarma(connection)
        self.leases = SqlLeases(connection)
        self.mail = SqlMail(connection)
        self.notes = SqlNotes(connection)
        self.notifications = SqlNotifications(connection)
        self.operators = SqlOperators(connection)
        self.announcements = SqlAnnouncements(connection)
        self.refusals = SqlRefusals(connection)
        self.updates = SqlUpdates(connection)
        self.rooms = SqlRooms(connection)
        self.messages = SqlMessages(connection)
        self.samples = SqlSamples(connection)
        self.search = SqlSearch(connection)
        self.pictures = SqlPictures(connection)
        self.discussion = SqlDiscussion(connection)
        self.moderation = SqlModeration(connection)
        self.domains = SqlDomains(connection)
        self.ownership = SqlOwnership(connection)
        self.ledger = SqlLedger(connection)
        self.zones = SqlZones(connection)
        self.subdomains = SqlSubdomains(connection)
        self.zone_keys = SqlZoneKeys(connection)


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
    def second_factors(self) -> SqlSecondFactors:
        return self._repositories.second_factors

    @property
    def limits(self) -> SqlLimits:
        return self._repositories.limits

    @property
    def apps(self) -> SqlApps:
        return self._repositories.apps

    @property
    def tokens(self) -> SqlTokens:
        return self._repositories.tokens

    @property
    def rooms(self) -> SqlRooms:
        return self._repositories.rooms

    @property
    def samples(self) -> SqlSamples:
        return self._repositories.samples

    @property
    def search(self) -> SqlSearch:
        return self._repositories.search

    @property
    def history(self) -> SqlHistory:
        return self._repositories.history

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
    def announcements(self) -> SqlAnnouncements:
        return self._repositories.announcements

    @property
    def refusals(self) -> SqlRefusals:
        return self._repositories.refusals

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

    @property
    def journal(self) -> SqlJournal:
        return self._repositories.journal

    @property
    def leases(self) -> SqlLeases:
        return self._repositories.leases

    @property
    def zone_keys(self) -> SqlZoneKeys:
        return self._repositories.zone_keys

    @property
    def zones(self) -> SqlZones:
        return self._repositories.zones

    @property
    def ownership(self) -> SqlOwnership:
        return self._repositories.ownership

    @property
    def subdomains(self) -> SqlSubdomains:
        return self._repositories.subdomains
