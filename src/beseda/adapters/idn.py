"""Internationalised domain names by the `idna` library, whose tables are loaded when there is a name to read."""

from functools import lru_cache

from beseda.domain.domains import DomainName
from beseda.domain.errors import DomainNameInvalid
from beseda.domain.text import one_line

NAME_MAX = 255
"""Names that are longer are none, but for spaces around them."""


def _read(name: str) -> DomainName:
    import idna

    try:
        encoded = idna.encode(name.strip(), uts46=True, transitional=False)
        ascii_name = encoded.decode("ascii").lower().removesuffix(".")
        return DomainName(ascii_name, idna.decode(ascii_name))
    except (idna.IDNAError, UnicodeError) as error:
        raise DomainNameInvalid(name=name[:253]) from error


_domain_name = lru_cache(maxsize=1024)(_read)


class Idna2008:
    """IDNA 2008 with the mapping of UTS 46, as browsers do it (RFC 5891)."""

    def domain_name(self, name: str) -> DomainName:
        """A-labels and U-labels of a name in either form; case, width and one final dot do not matter."""
        return _domain_name(name) if len(name) <= NAME_MAX else _read(name)

    def part(self, text: str) -> str:
        """The mapping of UTS 46 without its refusals: what no name has is in no name."""
        import idna

        text = one_line(text)
        try:
            return idna.uts46_remap(text, std3_rules=False)
        except idna.IDNAError:
            return text
