"""Members and letters as the site's JSON and forms have them. No I/O."""

from beseda.api.chatcz.codec import sex_of, unescaped
from beseda.api.chatcz.errors import RequestRefused
from beseda.api.forms import Form
from beseda.domain.ids import AccountId
from beseda.domain.mail import Contact, Letter
from beseda.wire.chatcz import talk
from beseda.wire.chatcz.rest import http_date


def read_number(form: Form, name: str, default: int | None = None) -> int:
    """A whole number; without a default it must be there. Raises RequestRefused."""
    text = (form.get(name) or "").strip()
    if not text and default is not None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise RequestRefused(400, f"{name} data {'invalid' if text else 'missing'}")
    return int(text)


def read_account_id(form: Form) -> AccountId:
    """`userId`. Raises RequestRefused."""
    return AccountId(read_number(form, "userId"))


def encode_correspondent(contact: Contact) -> talk.Correspondent:
    """An item of /json/getMsgUserList: a gateway needs its `id`."""
    other = contact.other
    return talk.Correspondent(other.id, other.nick, not other.registered, sex_of(other), contact.unread)


def encode_letter(letter: Letter) -> talk.Letter:
    """An item of /json/getMessage: `from_lo` is true for the caller's own, `user_id_hi` is always the other's.

    COMPAT(gateways): the date is read as RFC 1123 in English, line breaks as `<br />`, and nothing is unescaped.
    """
    text = unescaped(letter.text).replace("\n", "<br />")
    return talk.Letter(not letter.received, letter.other_id, http_date(letter.at), text)
