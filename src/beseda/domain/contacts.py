"""How members are reached: e-mail addresses and phone numbers, which sign in as well as nicks do."""

import re
import unicodedata
from dataclasses import dataclass

from beseda.domain.domains import DomainName
from beseda.domain.errors import EmailInvalid
from beseda.domain.text import folded, is_plain

EMAIL_MAX = 254
_EMAIL = re.compile(r"[^@\s<>\"(),:;\\]{1,64}@[^@\s<>\"(),:;\\.]+(\.[^@\s<>\"(),:;\\.]+)+")
_BEGIN = re.compile(r"\( *(?:00|\+)|00")
"""How the code of a country begins, in brackets or not."""
_PHONE_CHARS = re.compile(r"\+?[\d ().\-/]+")


@dataclass(frozen=True, slots=True)
class Email:
    """An address as its owner wrote it, and the form in which it is compared."""

    address: str
    key: str


def check_email(email: str) -> str:
    """The address as it is kept, or EmailInvalid. Only its shape is looked at."""
    email = unicodedata.normalize("NFC", email).strip()
    if len(email) > EMAIL_MAX or not is_plain(email) or not _EMAIL.fullmatch(email):
        raise EmailInvalid
    return email


def email_domain(email: str) -> str:
    """What stands behind the @."""
    return email.rpartition("@")[2]


def email_key(email: str, domain: DomainName | None) -> str:
    """The form in which addresses are compared: the domain by its A-labels (RFC 5891), which `domain` holds.

    None is for what can be nobody's domain. Such addresses were let in once, and are compared letter by letter.
    """
    if domain is None:
        return folded(email)
    return f"{folded(email.rpartition('@')[0])}@{domain.ascii}"


def email_spelling(email: str) -> str:
    """The key of an address that another member has in another spelling: this very one, but for case.

    No two such members can register today, but some could before domains were compared by their A-labels.
    """
    return f"<{unicodedata.normalize('NFKC', email.strip()).lower()}>"


def phone_text(phone: str) -> str:
    """What was written as a phone number, ready to be parsed; "" for what is none.

    What nobody sees (marks of direction, soft hyphens) is passed over, every hyphen and space is one, a leading 00 is
    a +, and the code of the country may stand in brackets.
    """
    text = "".join(map(_phone_char, unicodedata.normalize("NFKC", phone[:100]))).strip()
    if begin := _BEGIN.match(text):
        text = "+" + text[begin.end() :]
    return text if _PHONE_CHARS.fullmatch(text) else ""


def _phone_char(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cf":
        return ""
    return "-" if category == "Pd" or char == "\u2212" else " " if char.isspace() else char


def old_phone_key(phone: str) -> str:
    """The form in which numbers were kept before countries were looked at: `+` and digits, "" for none.

    A Russian trunk 8 becomes +7. Who registered with such a number goes on signing in with it.
    """
    digits = re.sub(r"[ ().-]", "", phone_text(phone))
    if re.fullmatch(r"8[0-9]{10}", digits):
        digits = "+7" + digits[1:]
    digits = "+" + digits.removeprefix("+")
    return digits if re.fullmatch(r"\+[1-9][0-9]{6,14}", digits) else ""
