"""What members are known by beside their nicks, and what somebody who signs in may mean."""

from beseda.core.ports import NameCodec, PhoneNumbers
from beseda.domain.accounts import LoginKeys, login_keys
from beseda.domain.contacts import EMAIL_MAX, Email, check_email, email_domain, email_key
from beseda.domain.domains import DomainName, check_shape
from beseda.domain.errors import DomainNameInvalid, EmailInvalid, PhoneInvalid


class Identities:
    def __init__(self, names: NameCodec, phones: PhoneNumbers) -> None:
        self._names = names
        self._phones = phones

    def email(self, written: str) -> Email:
        """Raises EmailInvalid."""
        address = check_email(written)
        domain = self._domain(address)
        if domain is None:
            raise EmailInvalid
        return Email(address, email_key(address, domain))

    def phone(self, written: str) -> str:
        """`+` and digits. Raises PhoneInvalid, also for a number that does not say its country where none is set."""
        return self._phones.number(written)

    def login_keys(self, login: str) -> LoginKeys:
        """What may be meant. Raises NoSuchLogin."""
        return login_keys(login, self._domain(login), self._phone_if_any(login))

    def _domain(self, email: str) -> DomainName | None:
        if "@" not in email or len(email) > EMAIL_MAX:
            return None
        try:
            name = self._names.domain_name(email_domain(email))
            check_shape(name)
        except DomainNameInvalid:
            return None
        return name

    def _phone_if_any(self, login: str) -> str | None:
        try:
            return self.phone(login)
        except PhoneInvalid:
            return None
