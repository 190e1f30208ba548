"""Names that browsers and scanners ask for by themselves: a GET of one opens no room, whoever sends it.

Rooms that have such a name are entered as any, and a form opens one: only to have asked for the address means nothing.
"""

import re

from beseda.domain.rooms import name_key

_BROWSERS = (
    r"(apple-touch-icon|favicon|mstile|android-chrome|safari-pinned-tab)[-\w]*(\.\w+)?",
    r"(sw|service-?worker|worker|ngsw(-worker)?|firebase-messaging-sw|onesignalsdkworker)\.js",
    r"manifest\.json|apple-app-site-association|assetlinks\.json|autodiscover|wpad\.dat",
)
_CRAWLERS = (r"(robots|humans|security|ads|app-ads|sellers|llms|llms-full|dnt-policy)\.(txt|json)",)
_SCANNERS = (
    r"admin|administrator|adminer|wp|wp-.+|xmlrpc|phpmyadmin.*|pma|phpinfo|cgi-bin|server-(status|info)|actuator|owa|ecp",
    r"boaform|hnap1|_ignition|_profiler|node_modules|id_rsa|dockerfile|docker-compose|(composer|package|config)\.json",
)
_FILES = (
    r"php[0-9]?|phtml|phar|aspx?|ashx|asmx|jspx?|cgi|html?|xhtml|xml|rss|webmanifest|ico|png|jpe?g|gif|svg|webp|avif|bmp",
    r"env|ini|conf|cfg|ya?ml|bak|sql|sqlite3?|tar|t?gz|bz2|zip|rar|7z|pem|crt|swp",
)
_UNASKED = re.compile(rf"\..*|{'|'.join((*_BROWSERS, *_CRAWLERS, *_SCANNERS))}|.+\.({'|'.join(_FILES)})", re.DOTALL)


def is_unasked(name: str) -> bool:
    """Whether nobody who asks for this name means a room; names are compared as rooms' are."""
    return _UNASKED.fullmatch(name_key(name)) is not None
