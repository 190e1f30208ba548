"""What a GET is for, by what browsers say of it themselves: somebody goes to an address, or a page or a guess does.

Browsers tell it in Sec-Fetch-* (Fetch Metadata), by plain HTTP only in Accept (Fetch Standard, 3.1.2 "Accept"):
`text/html` comes first where a page is wanted, a picture's or a style's type where a part of one is. Gateways and
other programs send `*/*` or no Accept at all.
"""

from enum import Enum, auto

from beseda.api.base import Scope

JAVA = ("text/html", "image/gif", "image/jpeg")
"""What an Accept begins with that Java's HttpURLConnection sends by itself: a program, whatever it names first."""
PARTS = ("image/", "audio/", "video/", "font/", "text/css", "text/javascript", "application/javascript")
GUESSES = {b"sec-purpose": b"pre", b"purpose": b"pre", b"x-purpose": b"pre", b"x-moz": b"prefetch"}
"""Headers of what is fetched in case somebody goes there: prefetch, prerender, preview."""


class Visit(Enum):
    PROGRAM = auto()
    """No browser: a gateway, a bot, curl."""
    NAVIGATION = auto()
    """Somebody goes there, or follows a link."""
    SCRIPT = auto()
    """A script of a page asks."""
    ASIDE = auto()
    """A part of a page, such as an icon or a picture, or a guess at where somebody will go: nobody meant anything."""


def visit_of(scope: Scope) -> Visit:
    """What a request is for."""
    fetch: dict[bytes, bytes] = {}
    accept = ""
    for name, value in scope["headers"]:
        if name in GUESSES and GUESSES[name] in value.lower():
            return Visit.ASIDE
        if name.startswith(b"sec-fetch-"):
            fetch[name[10:]] = value
        elif name == b"accept" and not accept:
            accept = value.decode("latin-1")
    if b"mode" in fetch or b"dest" in fetch:
        return _by_fetch(fetch.get(b"mode", b""), fetch.get(b"dest", b""))
    return _by_accept(accept, is_browser=bool(fetch))


def _by_fetch(mode: bytes, dest: bytes) -> Visit:
    if dest == b"empty":
        return Visit.SCRIPT
    goes = mode in (b"navigate", b"") and dest in (b"document", b"")
    return Visit.NAVIGATION if goes else Visit.ASIDE


def _by_accept(accept: str, *, is_browser: bool) -> Visit:
    types = tuple(part.partition(";")[0].strip().lower() for part in accept.split(",", len(JAVA)))
    if types[0].startswith(PARTS):
        return Visit.ASIDE
    if is_browser or (types[0] == "text/html" and types[: len(JAVA)] != JAVA):
        return Visit.NAVIGATION
    return Visit.PROGRAM
