"""Phone numbers by the `phonenumbers` library (Google's libphonenumber), which is loaded for the first of them."""

import re
from typing import TYPE_CHECKING

from beseda.domain.contacts import phone_text
from beseda.domain.errors import PhoneInvalid

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber


class Phones:
    """Numbers that could be: of a length that the country has. Ranges are opened faster than servers are updated."""

    def __init__(self, region: str = "") -> None:
        """`region` is the country (ISO 3166, two letters) of numbers that name none; "" refuses them."""
        self._region = region.upper() or None

    def number(self, phone: str) -> str:
        """E.164: `+` and digits, without the trunk prefix that people write in brackets. Raises PhoneInvalid."""
        text = phone_text(phone)
        if not text or (self._region is None and not text.startswith("+")):
            raise PhoneInvalid
        from phonenumbers import PhoneNumberFormat, format_number, is_valid_number

        found = [number for each in (text, re.sub(r"\( *0 *\)", "", text)) if (number := self._parse(each))]
        if not found:
            raise PhoneInvalid
        return format_number(next(filter(is_valid_number, found), found[0]), PhoneNumberFormat.E164)

    def _parse(self, text: str) -> "PhoneNumber | None":
        from phonenumbers import NumberParseException, ValidationResult, is_possible_number_with_reason, parse

        try:
            number = parse(text, self._region)
        except NumberParseException:
            return None
        return number if is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE else None


def check_region(region: str) -> None:
    """Nothing, or ValueError for what is no country with phone numbers; "" is none."""
    if region:
        from phonenumbers import SUPPORTED_REGIONS

        if region.upper() not in SUPPORTED_REGIONS:
            raise ValueError(f"{region!r} is no country such as CZ")
