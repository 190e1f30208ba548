"""Names that browsers and scanners ask for by themselves: a GET of one opens no room, whoever sends it.

Rooms that have such a name are entered as any, and a form opens one: only to have asked for the address means nothing.
"""

import re

from beseda.domain.rooms import name_key

_BROWSERS = (
    r"(apple-touch-icon|favicon|mstile|android-chrome|safari-pinned-tab)[-\w]*(\.\w+)?",
    r"apple-app-site-association|autodiscover|change-password|wpad\.dat",
)
_CRAWLERS = (r"(robots|humans|security|ads|app-ads|sellers|llms|llms-full|dnt-policy)\.txt",)
_SCRIPTS = (
    r"(app|main|index|server|scripts?|bundle|chunk|common|vendors?|runtime|polyfills?)([-._][-.\w]+)?\.[cm]?[jt]sx?",
    r"(config|settings|env|environment)([-._][-.\w]+)?\.[cm]?[jt]sx?",
    r"((ngsw-|firebase-messaging-|onesignalsdk)?(sw|worker)|service[-_]?worker)([-._][-.\w]+)?\.[cm]?js",
    r".+\.(min|bundle|chunk|config|module|esm|umd)\.[cm]?js",
)
"""A word and `.js` is what people call a room about it, unless scripts are called so everywhere."""
_SCANNERS = (
    r"admin|administrator|adminer|(php|my|mysql|db)-?myadmin.*|(my|mysql|db)-?admin|pma|phpinfo|wp|wp-.+",
    r"cgi-bin|server-(status|info)|actuator|((jmx|web|admin)-)?console|manager|jenkins|hudson|solr|graphi?ql|telescope",
    r"owa|ecp|ews|adfs|remote|swagger(-ui)?|openapi|api-docs|boaform|goform|hnap1|_ignition|_profiler|node_modules|vendor",
    r"credentials|id_(rsa|dsa|ecdsa|ed25519)|authorized_keys|(docker|make|gem|proc|vagrant|jenkins)file|docker-compose",
    r"(index|default|main|home|login|admin|user|test|printenv|readme|changelog|license)\.(do|pl|md)",
)
_FILES = (
    r"php[0-9]?|phtml|phar|aspx?|ashx|asmx|axd|jspx?|jsf|cgi|cfm|action|py|rb|sh|bash|bat|cmd|ps1|exe|dll|class|jar|war",
    r"html?|xhtml|shtml|xml|rss|atom|json5?|jsonl|webmanifest|wsdl|wasm|map|txt|csv|pdf|docx?|xlsx?",
    r"css|less|scss|woff2?|ttf|otf|eot|ico|png|jpe?g|gif|svgz?|webp|avif|bmp|tiff?",
    r"mp[34]|m4[av]|webm|og[gv]|opus|wav|flac|avi|mov|mkv|m3u8",
    r"env|ini|conf|config|cfg|cnf|properties|toml|ya?ml|lock|bak|backup|old|orig|save|swp|tmp|log|sql|sqlite3?|db|mdb|dump",
    r"tar|t?gz|bz2|t?xz|zst|zip|rar|7z|iso|apk|pem|crt|cer|der|key|p12|pfx|jks|keystore|ppk|kdbx",
)
_NAMES = "|".join((*_BROWSERS, *_CRAWLERS, *_SCRIPTS, *_SCANNERS))
_UNASKED = rf"\..*|{_NAMES}|.+\.({'|'.join(_FILES)})"


def is_unasked(name: str) -> bool:
    """Whether nobody who asks for this name means a room; names are compared as rooms' are."""
    return re.fullmatch(_UNASKED, name_key(name), re.DOTALL) is not None
