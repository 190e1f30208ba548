"""What the core needs from outside: a clock, randomness, keyed hashes, password hashing, names, storage.

Storage is reached in two ways. `store.view` reads what is committed. `async with store.unit() as unit` is one deed:
units of one database run one after another, each sees all that came before it, and leaving the block returns when the
unit is durable (several units share a commit). An exception takes back what the unit wrote. A unit awaits nothing but
its own repositories.
"""

from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from beseda.core.ports.karma import Karma
from beseda.core.ports.mail import Mail, NewUpdate, Notifications, Updates
from beseda.core.ports.nodes import Bus, EventJournal, JournalPage, Leases
from beseda.core.ports.operating import Announcements, Operators, Refusals, Samples
from beseda.core.ports.ownership import Ownership
from beseda.core.ports.people import (
    Accounts,
    Apps,
    Ignoring,
    Limits,
    NewAccount,
    Notes,
    Pictures,
    SecondFactors,
    Sessions,
    SignIns,
    Tokens,
)
from beseda.core.ports.places import Rooms
from beseda.core.ports.talk import Discussion, History, Messages, Moderation, PlainText, Search
from beseda.core.ports.trade import Domains, Ledger, Subdomains
from beseda.core.ports.zone_keys import ZoneKeys
from beseda.core.ports.zones import RecordCodec, Zones
from beseda.domain.domains import DomainName
from beseda.domain.events import Event
from beseda.domain.ids import AccountId
from beseda.domain.messages import Line

__all__ = [
    "Accounts",
    "Apps",
    "Bus",
    "CaptchaPainter",
    "Clock",
    "Discussion",
    "Domains",
    "Entropy",
    "EventJournal",
    "History",
    "Ignoring",
    "Journal",
    "JournalPage",
    "Karma",
    "Keyring",
    "Leases",
    "Ledger",
    "Mail",
    "Messages",
    "Moderation",
    "NameCodec",
    "NewAccount",
    "Notes",
    "Notifications",
    "Operators",
    "Ownership",
    "PasswordHasher",
    "PhoneNumbers",
    "PictureMaker",
    "Pictures",
    "PlainText",
    "RecordCodec",
    "Refusals",
    "Repositories",
    "Rooms",
    "Samples",
    "Search",
    "SecondFactors",
    "Sessions",
    "SignIns",
    "Store",
    "Subdomains",
    "Tokens",
    "Unit",
    "Updates",
    "ZoneKeys",
    "Zones",
]


class Clock(Protocol):
    def now(self) -> datetime:
        """The wall clock, aware UTC, whole milliseconds."""
        ...

    def monotonic_s(self) -> float:
        """Seconds on a clock that never goes back."""
        ...


class Entropy(Protocol):
    """Cryptographic randomness."""

    def digits(self, count: int) -> str: ...

    def text(self, count: int, alphabet: str) -> str: ...

    def secret(self) -> str:
        """256 bits as URL-safe text."""
        ...

    def uuid4(self) -> str: ...


class Keyring(Protocol):
    """Keyed hashes under the server's own key: what a stolen database alone does not allow to compute."""

    def seal(self, purpose: str, value: str) -> str:
        """The form in which a credential is stored and looked up: 64 hexadecimal characters."""
        ...


class Journal(Protocol):
    """Where operators look for what matters to security: who proved who he is, and who did not."""

    def note(self, event: str, **facts: str | int) -> None:
        """Facts hold no secrets, and no name that somebody only claims: that may be a password in the wrong field."""
        ...


class PasswordHasher(Protocol):
    """Slow hashing off the event loop, in a bounded pool. Raises Overloaded when too many wait."""

    async def hash(self, password: str) -> str: ...

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """None takes as long as a hash and is never right."""
        ...

    def outdated(self, password_hash: str) -> bool: ...


class PictureMaker(Protocol):
    """What members upload, off the event loop."""

    async def make_small(self, content: bytes) -> bytes:
        """A small JPEG of the same picture and nothing else. Raises PictureInvalid, Overloaded."""
        ...


class CaptchaPainter(Protocol):
    """Pictures that people read and programs do not, off the event loop."""

    async def paint(self, text: str) -> bytes:
        """A PNG. Raises Overloaded."""
        ...


class NameCodec(Protocol):
    """Internationalised domain names."""

    def domain_name(self, name: str) -> DomainName:
        """Both forms of what a person or a program wrote (RFC 5891, UTS 46), or DomainNameInvalid."""
        ...

    def part(self, text: str) -> str:
        """What somebody wrote of a name, in the form in which names hold it; they hold no other text."""
        ...


class PhoneNumbers(Protocol):
    """Numbers of the world's telephones."""

    def number(self, phone: str) -> str:
        """`+` and digits (E.164) of what a person wrote, or PhoneInvalid."""
        ...


class Repositories(Protocol):
    @property
    def accounts(self) -> Accounts: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def sign_ins(self) -> SignIns: ...
    @property
    def second_factors(self) -> SecondFactors: ...
    @property
    def limits(self) -> Limits: ...
    @property
    def apps(self) -> Apps: ...
    @property
    def tokens(self) -> Tokens: ...
    @property
    def pictures(self) -> Pictures: ...
    @property
    def notes(self) -> Notes: ...
    @property
    def mail(self) -> Mail: ...
    @property
    def notifications(self) -> Notifications: ...
    @property
    def operators(self) -> Operators: ...
    @property
    def announcements(self) -> Announcements: ...
    @property
    def refusals(self) -> Refusals: ...
    @property
    def samples(self) -> Samples: ...
    @property
    def updates(self) -> Updates: ...
    @property
    def karma(self) -> Karma: ...
    @property
    def ignoring(self) -> Ignoring: ...
    @property
    def rooms(self) -> Rooms: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def history(self) -> History: ...
    @property
    def search(self) -> Search: ...
    @property
    def discussion(self) -> Discussion: ...
    @property
    def moderation(self) -> Moderation: ...
    @property
    def domains(self) -> Domains: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def journal(self) -> EventJournal: ...
    @property
    def leases(self) -> Leases: ...
    @property
    def zones(self) -> Zones: ...
    @property
    def ownership(self) -> Ownership: ...
    @property
    def subdomains(self) -> Subdomains: ...
    @property
    def zone_keys(self) -> ZoneKeys: ...


class Unit(Repositories, Protocol):
    """One deed in the making."""

    def record(self, event: Event) -> None:
        """Tell the feed once the unit is durable, and other nodes' feeds by the journal."""
        ...

    def tell(self, update: NewUpdate) -> None:
        """Keep what a member's own clients are told; written with all others when the unit is done."""
        ...

    def tell_nothing(self, account_id: AccountId) -> None:
        """Nobody is left to be told what was to be told to this member."""
        ...


class Store(Protocol):
    @property
    def view(self) -> Repositories: ...

    @property
    def node(self) -> str:
        """Under which name this process writes to the journal: another one after a commit of unknown outcome."""
        ...

    def unit(self, *, gathered: bool = False) -> AbstractAsyncContextManager[Unit]:
        """One deed, or several that were `gathered` already: then its commit waits for no others."""
        ...

    async def append_text(self, text: PlainText) -> Line | None:
        """A plain text becomes a line, durable, told to the feed: the short way for what comes most.

        None, and nothing is done, when anything is to be decided: its author is not inside, is silenced or muted, or
        has not written in this hour of the clock; or the key was used before. Then it is a unit's matter.
        """
        ...
