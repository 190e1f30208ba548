"""Every refusal that Beseda knows, as facts.

BesedaError
├── AuthError          who are you?
│   ├── NotSignedIn, WrongCredentials, EmptyCredentials, NoSuchLogin, AlreadySignedIn
│   ├── AccountBlocked, AccountFrozen
│   ├── WrongProof, CrossSite
│   ├── AppTokenNotFound, AppTokenExpired
│   ├── CaptchaNeeded, CaptchaWrong
│   ├── PasswordLinkInvalid
│   └── SecondFactorNeeded, SecondFactorWrong, SecondFactorExpired, SecondFactorPresent, SecondFactorMissing
├── RegistrationError  may you become a member?
│   ├── RegistrationClosed, InviteInvalid
│   ├── NickInvalid, NickTaken, EmailInvalid, EmailTaken, PhoneInvalid, PhoneTaken
│   ├── SexInvalid, BirthDateInvalid
│   └── PasswordUnreadable, PasswordTooShort, PasswordTooLong, PasswordTooCommon
├── NotFound           is there such a thing, for you?
│   ├── AccountNotFound, RoomNotFound, DomainNotFound, AppNotFound, NotInRoom, LineNotFound, KickNotFound
│   ├── ContactNotFound, LetterNotFound, ChallengeNotFound, TokenNotFound
│   ├── DomainRequestNotFound, DomainOfferNotFound
│   └── SubdomainNotFound, RecordNotFound, ZoneStateNotFound, ZoneKeyNotFound
├── Refused            you may not, as things are
│   ├── RegisteredOnly, NotRoomAdmin
│   ├── RoomLocked, RoomPasswordWrong, RoomNameInvalid, RoomNameTaken, RoomDescriptionTooLong, KarmaTooLow
│   ├── AppNameInvalid, InviteUsesInvalid, TokenInvalid, TokenTooNarrow
│   ├── KickedOut, Silenced, LinksRefused, MessageEmpty, MessageTooLong, CommandUnknown, CommandIncomplete, NickNotHere
│   ├── LetterToOneself, LetterRepeated, NotLetterSender, LetterTooOld, ReceiverIgnored, IgnoredByReceiver
│   ├── RankTooLow, RoomReserved, ReservationRefused, PictureInvalid
│   ├── DomainNameInvalid, DomainTaken, ZoneNotServed, DomainListRefused
│   ├── DomainUnproven, DomainRequested, DomainDenied, DomainRequestsFull
│   ├── DomainPresent, DomainRepeated, DirectoryInvalid, SubdomainPresent, RedirectInvalid
│   ├── RecordRefused, RecordMismatch, ZoneFull, ZoneFileInvalid, RecordsRefused, ZoneMoved
│   ├── ZoneKeyRefused, ZoneKeyTaken, OutOfScope, PrerequisiteFailed
│   └── BalanceTooLow, AmountInvalid, AlreadyMoved
└── Busy               try again later: TooOften, Overloaded, StoreUnavailable, ResolverSilent;
                       after a look: OutcomeUnknown

Leaves state the fact, carry its data and keep their `code` for ever. A protocol maps each leaf to its own form; a test
fails for a leaf that a protocol forgot.
"""

from beseda.domain.errors.base import *
from beseda.domain.errors.busy import *
from beseda.domain.errors.missing import *
from beseda.domain.errors.ownership import *
from beseda.domain.errors.people import *
from beseda.domain.errors.refused import *
from beseda.domain.errors.zone_keys import *
from beseda.domain.errors.zones import *
