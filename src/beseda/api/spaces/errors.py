"""What Spaces answers to every refusal."""

from beseda.api.base import BodyTooLarge
from beseda.api.forms import FormRefused
from beseda.domain import errors
from beseda.domain.errors import BesedaError
from beseda.wire.spaces.codes import BAD_REQUEST, UNKNOWN_ERROR, UNKNOWN_METHOD


class SpacesCallRefused(Exception):
    """The request is none that can be carried out. Only leaves are raised."""


class UnknownMethod(SpacesCallRefused):
    """No such section or method, or none was named."""


class WrongVerb(SpacesCallRefused):
    """The method is not asked for by this HTTP method."""


class NotMeant(SpacesCallRefused):
    """A read that leaves a trace, asked for by a HEAD, as a part of a page, or in case somebody goes there."""


Refusal = BesedaError | SpacesCallRefused | FormRefused | BodyTooLarge

ERRORS: dict[type[BesedaError], str] = {
    errors.NotSignedIn: "01001",
    errors.WrongCredentials: "01003",
    errors.EmptyCredentials: "01002",
    errors.NoSuchLogin: "00003",
    errors.AlreadySignedIn: "01007",
    errors.AccountBlocked: "00025",
    errors.AccountFrozen: "00026",
    errors.WrongProof: "00008",
    errors.CrossSite: "01006",
    errors.AppTokenNotFound: "01004",
    errors.AppTokenExpired: "01004",
    errors.CaptchaNeeded: "00001",
    errors.CaptchaWrong: "00004",
    errors.SecondFactorNeeded: "01006",
    errors.SecondFactorWrong: "03008",
    errors.SecondFactorExpired: "01004",
    errors.SecondFactorPresent: "00037",
    errors.SecondFactorMissing: "00011",
    errors.PasswordLinkInvalid: "03006",
    errors.RegistrationClosed: "00011",
    errors.InviteInvalid: "03008",
    errors.NickInvalid: "03001",
    errors.NickTaken: "03003",
    errors.EmailInvalid: "00023",
    errors.EmailTaken: "03003",
    errors.PhoneInvalid: "00024",
    errors.PhoneTaken: "03003",
    errors.SexInvalid: "00012",
    errors.BirthDateInvalid: "00012",
    errors.PasswordUnreadable: "00012",
    errors.PasswordTooShort: "00012",
    errors.PasswordTooLong: "00012",
    errors.PasswordTooCommon: "00012",
    errors.AccountNotFound: "00003",
    errors.RoomNotFound: "05002",
    errors.DomainNotFound: "00020",
    errors.SubdomainNotFound: "00020",
    errors.RecordNotFound: "00020",
    errors.ZoneStateNotFound: "00020",
    errors.AppNotFound: "00027",
    errors.NotInRoom: "05006",
    errors.LineNotFound: "05012",
    errors.TokenNotFound: "00002",
    errors.TokenInvalid: "00012",
    errors.TokenTooNarrow: "05006",
    errors.KickNotFound: "05002",
    errors.ContactNotFound: "02001",
    errors.LetterNotFound: "02007",
    errors.ChallengeNotFound: "00020",
    errors.RegisteredOnly: "00011",
    errors.NotRoomAdmin: "05006",
    errors.RoomLocked: "05006",
    errors.RoomPasswordWrong: "05006",
    errors.RoomNameInvalid: "00012",
    errors.RoomNameTaken: "00012",
    errors.RoomDescriptionTooLong: "00016",
    errors.KarmaTooLow: "00032",
    errors.KickedOut: "05004",
    errors.Silenced: "05007",
    errors.LinksRefused: "05009",
    errors.MessageEmpty: "00005",
    errors.MessageTooLong: "00016",
    errors.LetterToOneself: "02009",
    errors.LetterRepeated: "02010",
    errors.NotLetterSender: "00031",
    errors.LetterTooOld: "02009",
    errors.ReceiverIgnored: "00014",
    errors.IgnoredByReceiver: "00015",
    errors.CommandUnknown: "05008",
    errors.CommandIncomplete: "05008",
    errors.NickNotHere: "00003",
    errors.RankTooLow: "05006",
    errors.RoomReserved: "05006",
    errors.ReservationRefused: "05006",
    errors.PictureInvalid: "00012",
    errors.DomainNameInvalid: "00012",
    errors.DomainTaken: "00012",
    errors.DomainPresent: "00037",
    errors.DomainUnproven: "00011",
    errors.DomainRequested: "00011",
    errors.DomainDenied: "00011",
    errors.DomainRequestsFull: "00011",
    errors.DomainRequestNotFound: "00020",
    errors.DomainOfferNotFound: "00020",
    errors.DomainRepeated: "00012",
    errors.DirectoryInvalid: "00012",
    errors.ZoneNotServed: "00011",
    errors.SubdomainPresent: "00037",
    errors.RedirectInvalid: "00012",
    errors.RecordRefused: "00012",
    errors.ZoneKeyNotFound: "00020",
    errors.ZoneKeyTaken: "00012",
    errors.ZoneKeyRefused: "00012",
    errors.OutOfScope: "00012",
    errors.PrerequisiteFailed: "00012",
    errors.RecordMismatch: "00012",
    errors.RecordsRefused: "00012",
    errors.ZoneMoved: "00012",
    errors.ZoneFull: "00012",
    errors.ZoneFileInvalid: "00012",
    errors.DomainListRefused: "00012",
    errors.BalanceTooLow: "13009",
    errors.AmountInvalid: "00012",
    errors.AlreadyMoved: "00012",
    errors.InviteUsesInvalid: "00012",
    errors.AppNameInvalid: "00012",
    errors.TooOften: "00007",
    errors.Overloaded: "00010",
    errors.ResolverSilent: "00010",
    errors.StoreUnavailable: "00010",
    errors.OutcomeUnknown: UNKNOWN_ERROR,
}
"""The answer code of each refusal of the core; its name stands in CODES."""


def code_of(refusal: Refusal) -> str:
    """The five digits."""
    if isinstance(refusal, BesedaError):
        return ERRORS[type(refusal)]
    return UNKNOWN_METHOD if isinstance(refusal, UnknownMethod) else BAD_REQUEST


NOT_WRITABLE: dict[type[BesedaError], str] = {
    errors.LetterToOneself: "Нельзя писать самому себе",
    errors.LetterTooOld: "Письмо уже нельзя изменить",
    errors.ReceiverIgnored: "Контакт в вашем чёрном списке",
    errors.IgnoredByReceiver: "Вы в чёрном списке контакта",
}
"""Why one may not write to somebody, or not any more, as the page says it."""


def not_writable(why: type[BesedaError]) -> dict[str, str]:
    """`can_write_error`, of whose members clients read `message`."""
    return {"code": ERRORS[why], "message": NOT_WRITABLE[why]}
