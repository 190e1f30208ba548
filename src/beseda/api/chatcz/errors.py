"""What each refusal is on the wire: the status (the numbers of HTTP) and its text.

Texts that the REST document or the gateways know are theirs, word for word; the others are Czech, for people.
"""

from beseda.api.refusing import note_refusal
from beseda.api.words import N_
from beseda.domain import errors
from beseda.domain.errors import BesedaError
from beseda.wire.chatcz import talk


class RequestRefused(Exception):
    """The request itself is wrong: `status` and `message` are the answer; `allow` names the methods there are."""

    def __init__(self, status: int, message: str, *, allow: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.allow = allow


BAD_REQUEST = (400, "Bad request")
NOT_FOUND = (404, "Not found")
METHOD_NOT_ALLOWED = (405, "Method not allowed")
UNASKED = (403, "Not asked for by anybody")
"""To parts of pages and guesses of browsers, at addresses that do something; for somebody a browser asks again."""
TOO_LARGE = (413, "Request too large")
CRASHED = (500, "Internal server error")
NOT_IN_ROOM = (404, talk.NOT_IN_ROOM)
"""COMPAT(gateways): they know by this text that they were thrown out."""

ON_PAGES = {
    BAD_REQUEST: "Požadavek je vadný.",
    NOT_FOUND: "Taková stránka tu není.",
    METHOD_NOT_ALLOWED: "Takhle se tato adresa nepoužívá.",
    UNASKED: "Sem musíte přijít sami.",
    TOO_LARGE: "Požadavek je příliš dlouhý.",
    CRASHED: "Na serveru se něco pokazilo.",
    NOT_IN_ROOM: "V místnosti už nejste.",
}
"""What people read in place of texts for programs."""
PAGE_TEXTS = {
    BAD_REQUEST: N_("The request is faulty."),
    NOT_FOUND: N_("There is no such page."),
    METHOD_NOT_ALLOWED: N_("This address is not used so."),
    UNASKED: N_("You have to come here yourself."),
    TOO_LARGE: N_("The request is too long."),
    CRASHED: N_("Something went wrong on the server."),
    NOT_IN_ROOM: N_("You are not in the room any more."),
}
"""The same on pages: texts of the house's, in whatever language."""

ERRORS: dict[type[BesedaError], tuple[int, str]] = {
    errors.NotSignedIn: (403, "Nejste přihlášeni."),
    errors.WrongCredentials: (403, "Jméno nebo heslo není správné."),
    errors.EmptyCredentials: (400, "Vyplňte jméno i heslo."),
    errors.NoSuchLogin: (403, "Jméno nebo heslo není správné."),
    errors.AlreadySignedIn: (409, "Už jste přihlášeni."),
    errors.AccountBlocked: (403, "Účet je zablokovaný."),
    errors.AccountFrozen: (403, "Účet je uspaný."),
    errors.WrongProof: (403, "Požadavek nemá správný kontrolní kód."),
    errors.CrossSite: (403, "Požadavek přišel z cizí stránky."),
    errors.AppTokenNotFound: NOT_FOUND,
    errors.AppTokenExpired: (403, "New token not validated in 60 seconds"),
    errors.CaptchaNeeded: (403, "Opište prosím i číslice z obrázku."),
    errors.CaptchaWrong: (403, "Číslice jste opsali špatně. Zkuste prosím ty nové."),
    errors.SecondFactorNeeded: (403, "Účet má druhý faktor: zadejte i jeho kód, nebo místo hesla osobní token."),
    errors.SecondFactorWrong: (403, "Kód druhého faktoru není správný."),
    errors.SecondFactorExpired: (403, "Kód druhého faktoru přišel pozdě. Přihlaste se prosím znovu."),
    errors.SecondFactorPresent: (409, "Druhý faktor už máte."),
    errors.SecondFactorMissing: (403, "Druhý faktor nemáte."),
    errors.PasswordLinkInvalid: (403, "Odkaz už neplatí."),
    errors.RegistrationClosed: (403, "Registrace je uzavřená."),
    errors.InviteInvalid: (403, "Pozvánka neplatí."),
    errors.NickInvalid: (400, "Takový nick není možný. Bez registrace má 3 až 8 znaků: písmena, číslice, mezery."),
    errors.NickTaken: (409, "Tento nick už někdo má."),
    errors.EmailInvalid: (400, "E-mail není platný."),
    errors.EmailTaken: (409, "Tento e-mail už někdo má."),
    errors.PhoneInvalid: (400, "Telefonní číslo není platné."),
    errors.PhoneTaken: (409, "Toto telefonní číslo už někdo má."),
    errors.SexInvalid: (400, "Pohlaví je m nebo f."),
    errors.BirthDateInvalid: (400, "Datum narození není platné."),
    errors.PasswordUnreadable: (400, "Heslo nelze přečíst. Pošlete ho v UTF-8."),
    errors.PasswordTooShort: (400, "Heslo je příliš krátké."),
    errors.PasswordTooLong: (400, "Heslo je příliš dlouhé."),
    errors.PasswordTooCommon: (400, "Heslo je příliš známé."),
    errors.AccountNotFound: NOT_FOUND,
    errors.RoomNotFound: NOT_FOUND,
    errors.DomainNotFound: NOT_FOUND,
    errors.SubdomainNotFound: NOT_FOUND,
    errors.RecordNotFound: NOT_FOUND,
    errors.ZoneStateNotFound: NOT_FOUND,
    errors.AppNotFound: NOT_FOUND,
    errors.NotInRoom: NOT_IN_ROOM,
    errors.LineNotFound: (404, "Takový řádek tu není."),
    errors.KickNotFound: (404, "Nikdo takový vyhozený není."),
    errors.ContactNotFound: NOT_FOUND,
    errors.LetterNotFound: NOT_FOUND,
    errors.ChallengeNotFound: NOT_FOUND,
    errors.RegisteredOnly: (403, "To mohou jen registrovaní."),
    errors.NotRoomAdmin: (403, "To může jen správce místnosti."),
    errors.RoomLocked: (403, "Místnost je zamčená."),
    errors.RoomPasswordWrong: (403, "Heslo místnosti neplatí."),
    errors.RoomNameInvalid: (404, "Místnost s takovým názvem být nemůže."),
    errors.RoomNameTaken: (409, "Místnost s tímto názvem už je."),
    errors.RoomDescriptionTooLong: (400, "Popis je příliš dlouhý."),
    errors.KarmaTooLow: (403, "Na to nemáte dost karmy."),
    errors.KickedOut: (403, "Z této místnosti jste byli vyhozeni. Vraťte se později."),
    errors.Silenced: (403, "Správce smazal vaše texty, minutu nemůžete psát."),
    errors.LinksRefused: (403, "Odkazy tu nemůžete posílat."),
    errors.MessageEmpty: (400, "Zpráva je prázdná."),
    errors.MessageTooLong: (400, "Zpráva je příliš dlouhá."),
    errors.LetterToOneself: (403, "Sami sobě zprávy neposílejte."),
    errors.LetterRepeated: (409, "Tuto zprávu jste právě poslali."),
    errors.NotLetterSender: (403, "To může jen odesílatel."),
    errors.LetterTooOld: (403, "Na změnu zprávy už je pozdě."),
    errors.ReceiverIgnored: (403, "Toho ignorujete."),
    errors.IgnoredByReceiver: (403, "Od vás zprávy nechce."),
    errors.CommandUnknown: (400, "Takový příkaz neznám. Přehled příkazů: /help"),
    errors.CommandIncomplete: (400, "Příkazu něco chybí: nick, text, nebo důvod. Přehled příkazů: /help"),
    errors.NickNotHere: (404, "Nikdo s takovým nickem tu není."),
    errors.RankTooLow: (403, "Na toho nemáte dost práv."),
    errors.RoomReserved: (403, "Tuto rezervovanou místnost mohou otevřít jen její správci."),
    errors.ReservationRefused: (403, "Místnost nelze rezervovat."),
    errors.PictureInvalid: (400, "Tento obrázek nelze použít. Stačí JPEG, PNG, GIF nebo WebP do 512 KiB."),
    errors.DomainNameInvalid: (400, "Název domény není platný."),
    errors.DomainTaken: (409, "Tuto doménu už někdo má."),
    errors.DomainPresent: (409, "Tuto doménu už máte."),
    errors.DomainUnproven: (403, "Že je doména vaše, není z DNS vidět."),
    errors.DomainRequested: (403, "O doméně rozhodne správce."),
    errors.DomainDenied: (403, "Správce doménu nepovolil."),
    errors.DomainRequestsFull: (403, "Čeká už příliš mnoho vašich žádostí."),
    errors.DomainRequestNotFound: NOT_FOUND,
    errors.DomainOfferNotFound: NOT_FOUND,
    errors.DomainRepeated: (400, "Doména je v seznamu dvakrát, pokaždé jinak."),
    errors.DirectoryInvalid: (400, "Neplatná složka."),
    errors.ZoneNotServed: (400, "V této zóně domény nejsou."),
    errors.SubdomainPresent: (409, "Tuto subdoménu už máte."),
    errors.RedirectInvalid: (400, "Neplatná adresa přesměrování."),
    errors.RecordRefused: (400, "Neplatný záznam DNS."),
    errors.ZoneKeyNotFound: NOT_FOUND,
    errors.ZoneKeyTaken: (409, "Klíč toho jména už zóna má."),
    errors.ZoneKeyRefused: (400, "Takový klíč vytvořit nelze."),
    errors.OutOfScope: (403, "K tomu klíč neopravňuje."),
    errors.PrerequisiteFailed: (409, "Zóna je v jiném stavu."),
    errors.RecordMismatch: (409, "Na tomto místě je jiný záznam."),
    errors.RecordsRefused: (400, "Neplatné záznamy DNS."),
    errors.ZoneMoved: (409, "Zóna se mezitím změnila."),
    errors.ZoneFull: (409, "Zóna je plná."),
    errors.ZoneFileInvalid: (400, "Neplatný soubor zóny."),
    errors.DomainListRefused: (400, "Seznam domén nelze přijmout."),
    errors.BalanceTooLow: (403, "Na účtu není dost peněz."),
    errors.AmountInvalid: (400, "Částka není platná."),
    errors.AlreadyMoved: (409, "Tato platba už proběhla jinak."),
    errors.InviteUsesInvalid: (400, "Tolikrát pozvánka platit nemůže."),
    errors.TokenNotFound: NOT_FOUND,
    errors.TokenInvalid: (400, "Takový přístupový token nelze vytvořit."),
    errors.TokenTooNarrow: (403, "K tomu tento přístupový token neopravňuje."),
    errors.AppNameInvalid: (400, "Název aplikace není platný."),
    errors.TooOften: (429, "Příliš mnoho pokusů. Zkuste to za chvíli."),
    errors.Overloaded: (503, "Server má plné ruce práce. Zkuste to za chvíli."),
    errors.ResolverSilent: (503, "DNS teď neodpovídá. Zkuste to za chvíli."),
    errors.StoreUnavailable: (503, "Server teď nemůže nic uložit. Zkuste to za chvíli."),
    errors.OutcomeUnknown: (503, "Server neví, jestli se to uložilo. Než to uděláte znovu, podívejte se."),
}


Refusal = BesedaError | RequestRefused


def answer_to(error: Refusal) -> tuple[int, str]:
    """The status and the text of an answer that refuses."""
    if isinstance(error, BesedaError):
        note_refusal(error)
    return (error.status, error.message) if isinstance(error, RequestRefused) else ERRORS[type(error)]
