"""What a GET is for, from what real browsers and programs send."""

import pytest

from beseda.api.browsers import Visit, visit_of

CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8"
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
OLD_EDGE = "text/html, application/xhtml+xml, image/jxr, */*"
PICTURE = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
JAVA_8 = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
JAVA_21 = "text/html, image/gif, image/jpeg, */*; q=0.2"
GOES = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-fetch-site": "none", "sec-fetch-user": "?1"}


def fetch(mode: str, dest: str, **more: str) -> dict[str, str]:
    return {"sec-fetch-site": "same-origin", "sec-fetch-mode": mode, "sec-fetch-dest": dest} | more


@pytest.mark.parametrize(
    ("headers", "visit"),
    [
        ({}, Visit.PROGRAM),
        ({"accept": "*/*"}, Visit.PROGRAM),
        ({"accept": "*/*", "user-agent": "Mozilla/5.0 (Windows NT 6.1; WOW64) Chrome/47.0.2526.106"}, Visit.PROGRAM),
        ({"accept": JAVA_8}, Visit.PROGRAM),
        ({"accept": JAVA_21}, Visit.PROGRAM),
        ({"accept": "application/json"}, Visit.PROGRAM),
        ({"accept": "*/*, text/html"}, Visit.PROGRAM),
        ({"accept": "text/plain"}, Visit.PROGRAM),
        ({"accept": ""}, Visit.PROGRAM),
        ({"accept": ",,"}, Visit.PROGRAM),
        ({"accept": CHROME}, Visit.NAVIGATION),
        ({"accept": FIREFOX}, Visit.NAVIGATION),
        ({"accept": OLD_EDGE}, Visit.NAVIGATION),
        ({"accept": "text/html"}, Visit.NAVIGATION),
        ({"accept": "Text/HTML;q=0.9 , */*"}, Visit.NAVIGATION),
        ({"accept": PICTURE}, Visit.ASIDE),
        ({"accept": "text/css,*/*;q=0.1"}, Visit.ASIDE),
        ({"accept": "video/webm,video/ogg,*/*;q=0.5"}, Visit.ASIDE),
        (GOES, Visit.NAVIGATION),
        (GOES | {"accept": CHROME}, Visit.NAVIGATION),
        ({"sec-fetch-mode": "navigate"}, Visit.NAVIGATION),
        ({"sec-fetch-dest": "document"}, Visit.NAVIGATION),
        ({"sec-fetch-site": "same-origin"}, Visit.NAVIGATION),
        ({"sec-fetch-site": "same-origin", "accept": PICTURE}, Visit.ASIDE),
        (fetch("cors", "empty"), Visit.SCRIPT),
        (fetch("same-origin", "empty", accept="text/html"), Visit.SCRIPT),
        (fetch("no-cors", "image"), Visit.ASIDE),
        (fetch("no-cors", "script"), Visit.ASIDE),
        (fetch("cors", "manifest"), Visit.ASIDE),
        (fetch("same-origin", "serviceworker"), Visit.ASIDE),
        (fetch("navigate", "iframe", accept=CHROME), Visit.ASIDE),
        (fetch("navigate", "object"), Visit.ASIDE),
        (fetch("no-cors", "document"), Visit.ASIDE),
        (GOES | {"sec-purpose": "prefetch"}, Visit.ASIDE),
        (GOES | {"sec-purpose": "prefetch;prerender"}, Visit.ASIDE),
        (GOES | {"purpose": "prefetch"}, Visit.ASIDE),
        ({"accept": CHROME, "purpose": "Prefetch"}, Visit.ASIDE),
        ({"accept": FIREFOX, "x-moz": "prefetch"}, Visit.ASIDE),
        ({"accept": FIREFOX, "x-purpose": "preview"}, Visit.ASIDE),
        ({"accept": "*/*", "purpose": "prefetch"}, Visit.ASIDE),
        ({"accept": "*/*", "x-moz": "other", "x-other": "prefetch-pre"}, Visit.PROGRAM),
    ],
)
def test_table(headers: dict[str, str], visit: Visit) -> None:
    lines = [(name.encode(), value.encode()) for name, value in headers.items()]
    assert visit_of({"headers": lines}) is visit
    assert visit_of({"headers": lines[::-1]}) is visit
