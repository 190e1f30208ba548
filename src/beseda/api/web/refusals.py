"""What a refusal says to people: in every language, on pages and in scripts. Never its code."""

from beseda.api.web.texts import Texts
from beseda.api.words import N_
from beseda.domain import errors
from beseda.domain.errors import BesedaError, leaves

TEXTS: dict[type[BesedaError], str] = {
    errors.NotSignedIn: N_("You are not signed in."),
    errors.WrongCredentials: N_("The name or the password is not right."),
    errors.EmptyCredentials: N_("Please fill in the name and the password."),
    errors.NoSuchLogin: N_("The name or the password is not right."),
    errors.AlreadySignedIn: N_("You are signed in already."),
    errors.AccountBlocked: N_("The account is blocked."),
    errors.AccountFrozen: N_("The account is frozen."),
    errors.WrongProof: N_("This came without its proof. Please go back and try again."),
    errors.CrossSite: N_("This came from a page of another site."),
    errors.CaptchaNeeded: N_("Please copy the digits of the picture too."),
    errors.CaptchaWrong: N_("The digits were not right. Please try these new ones."),
    errors.SecondFactorNeeded: N_("Please tell the code of your second factor too."),
    errors.SecondFactorWrong: N_("This code is not right, or was used already. Your authenticator soon shows another."),
    errors.SecondFactorExpired: N_("That took too long. Please begin again with your password."),
    errors.SecondFactorPresent: N_("You have a second factor already."),
    errors.SecondFactorMissing: N_("You have no second factor."),
    errors.PasswordLinkInvalid: N_("This link is good no more. Please ask for another."),
    errors.RegistrationClosed: N_("Registration is closed."),
    errors.InviteInvalid: N_("This invitation code is not valid."),
    errors.NickInvalid: N_("This nick cannot be used. It has 3 to 15 letters, digits or spaces; a guest's 3 to 8."),
    errors.NickTaken: N_("Somebody has this nick already."),
    errors.EmailInvalid: N_("This is no e-mail address."),
    errors.EmailTaken: N_("Somebody uses this e-mail address already."),
    errors.PhoneInvalid: N_("This is no phone number. It begins with + and the code of its country."),
    errors.PhoneTaken: N_("Somebody uses this phone number already."),
    errors.SexInvalid: N_("Please choose a man, a woman, or nothing."),
    errors.BirthDateInvalid: N_("Nobody alive was born on such a day."),
    errors.PasswordUnreadable: N_("The password has characters that could not be read."),
    errors.PasswordTooShort: N_("The password is too short."),
    errors.PasswordTooLong: N_("The password is too long."),
    errors.PasswordTooCommon: N_("This password is one of those that are tried first."),
    errors.AccountNotFound: N_("There is no such member."),
    errors.RoomNotFound: N_("There is no such room."),
    errors.NotInRoom: N_("You are not in the room any more."),
    errors.LineNotFound: N_("There is no such line."),
    errors.KickNotFound: N_("Nobody of that name is kept out."),
    errors.ContactNotFound: N_("You have no letters with this member."),
    errors.LetterNotFound: N_("There is no such letter."),
    errors.RegisteredOnly: N_("Only members may do this."),
    errors.NotRoomAdmin: N_("Only an admin of the room may do this."),
    errors.RoomLocked: N_("The room is locked."),
    errors.RoomPasswordWrong: N_("The password of the room is not right."),
    errors.RoomNameInvalid: N_("There can be no room of this name."),
    errors.RoomNameTaken: N_("There is a room of this name already."),
    errors.RoomDescriptionTooLong: N_("The description is too long."),
    errors.KarmaTooLow: N_("You have not enough karma for this."),
    errors.KickedOut: N_("You were taken out of this room. Please come back later."),
    errors.Silenced: N_("An admin deleted your texts; for a minute you cannot write."),
    errors.LinksRefused: N_("You cannot send links here."),
    errors.MessageEmpty: N_("There is no text."),
    errors.MessageTooLong: N_("The text is too long."),
    errors.LetterToOneself: N_("You cannot write letters to yourself."),
    errors.LetterRepeated: N_("You have just sent this letter."),
    errors.NotLetterSender: N_("Only who sent it may do this."),
    errors.LetterTooOld: N_("It is too late to change this letter."),
    errors.ReceiverIgnored: N_("You ignore this member."),
    errors.IgnoredByReceiver: N_("This member wants no letters from you."),
    errors.CommandUnknown: N_("There is no such command. /help lists them."),
    errors.CommandIncomplete: N_("The command lacks something: a nick, a text or a reason. /help lists them."),
    errors.NickNotHere: N_("Nobody of this nick is here."),
    errors.RankTooLow: N_("You may not do this to that member."),
    errors.RoomReserved: N_("Only its admins may open this reserved room."),
    errors.ReservationRefused: N_("The room cannot be reserved."),
    errors.PictureInvalid: N_("This picture cannot be used. A JPEG, PNG, GIF or WebP of up to 512 KiB can."),
    errors.TokenInvalid: N_(
        "There can be no such token. Please look at its name, rooms and domains; nobody has more than 50 tokens."
    ),
    errors.TokenNotFound: N_("There is no such token any more."),
    errors.AppNotFound: N_("There is no such application any more."),
    errors.TokenTooNarrow: N_("You came in by a personal token that is not for this."),
    errors.DomainNotFound: N_("You have no such domain."),
    errors.DomainNameInvalid: N_("This is no name of a domain that can be had here."),
    errors.ZoneNotServed: N_("No names of this kind can be had here."),
    errors.DomainTaken: N_("Somebody else has this domain, or one above it."),
    errors.DomainPresent: N_("You have this domain already."),
    errors.DomainUnproven: N_("It has yet to be shown that this domain is yours."),
    errors.DomainRequested: N_("Whoever runs this place has yet to decide on this domain."),
    errors.DomainDenied: N_("Whoever runs this place decided against it. After a week you can ask again."),
    errors.DomainRequestsFull: N_("You wait for too many domains. Please withdraw one first."),
    errors.DomainOfferNotFound: N_("This domain is not offered, or no longer."),
    errors.ResolverSilent: N_("The DNS does not answer, so nobody can tell whose it is. Please try again in a moment."),
    errors.ZoneKeyNotFound: N_("There is no such key any more."),
    errors.ZoneKeyTaken: N_("The domain has a key of this name already."),
    errors.ZoneKeyRefused: N_(
        "There can be no such key. Please look at its name, and at the names and types of records; a domain has at most"
        " 50 keys."
    ),
    errors.TooOften: N_("Too many attempts. Please try again in a moment."),
    errors.Overloaded: N_("The server has its hands full. Please try again in a moment."),
    errors.StoreUnavailable: N_("The server cannot keep anything just now. Please try again in a moment."),
    errors.OutcomeUnknown: N_("The server cannot tell whether this was kept. Please look before you do it again."),
}
OTHERWISE = N_("That did not work. Please look at what you have filled in.")
"""For what no page does."""
EXTRA = {
    "too_many_rooms": N_("You are in too many rooms at once. Please leave one first."),
}
"""Refusals of the live protocol alone."""


def refusal_text(refusal: BesedaError, texts: Texts) -> str:
    """Why not, in words."""
    return texts.gettext(TEXTS.get(type(refusal), OTHERWISE))


def by_code(texts: Texts) -> dict[str, str]:
    """All refusals in words, for scripts; `otherwise` for a code that is not here."""
    told = {leaf.code: texts.gettext(TEXTS[leaf]) for leaf in leaves() if leaf in TEXTS}
    return told | {code: texts.gettext(text) for code, text in EXTRA.items()} | {"otherwise": texts.gettext(OTHERWISE)}
