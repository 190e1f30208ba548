"""Language and look, and what makes the pages an application that can be installed."""

import json

from beseda.api.base import WebOptions, is_secure
from beseda.api.web.call import PageCall, Reply, see
from beseda.api.web.house import LANGUAGE_COOKIE, THEME_COOKIE, House, known_look
from beseda.api.web.own import TABS, saved_text
from beseda.core.core import Core
from beseda.domain.accounts import Theme

A_YEAR_S = 31_536_000
WORKER = "worker.js"


class Shell:
    def __init__(self, core: Core, options: WebOptions, house: House) -> None:
        self._core = core
        self._options = options
        self._house = house

    async def look(self, call: PageCall) -> Reply:
        """For a member it is one of the pages of his account."""
        account = call.caller.account
        tabs = TABS if account and account.registered else {}
        return Reply(self._house.page("look.html", call.scope, account, tabs=tabs, saved=saved_text(call)))

    async def set_look(self, call: PageCall) -> Reply:
        """`language` ("" is the browser's) and `theme`; what is no such is the default.

        A member's are kept with the account; also in this browser, for its pages when he is signed out.
        """
        look = known_look(call.form.get("language") or "", call.form.get("theme") or "")
        is_member = call.caller.account is not None and call.caller.account.registered
        if is_member:
            await self._core.own_account.set_look(call.caller, look)
        return see(
            "/-/look?saved=look" if is_member else "/-/look",
            self._kept(call, LANGUAGE_COOKIE, look.language),
            self._kept(call, THEME_COOKIE, "" if look.theme is Theme.AUTO else look.theme.value),
        )

    def _kept(self, call: PageCall, name: str, value: str) -> tuple[bytes, bytes]:
        secure = "; Secure" if is_secure(call.scope, self._options) else ""
        age = A_YEAR_S if value else 0
        cookie = f"{name}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}"
        return b"set-cookie", cookie.encode()

    async def offline(self, call: PageCall) -> Reply:
        return Reply(self._house.page("offline.html", call.scope, None))

    async def manifest(self, call: PageCall) -> Reply:
        asset = self._house.assets.address
        icons = [
            {
                "src": asset(f"icon-{size}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": "any maskable",
            }
            for size in (192, 512)
        ]
        manifest = {
            "name": "Beseda",
            "short_name": "Beseda",
            "id": "/",
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "lang": self._house.language(call.scope, call.caller.account),
            "background_color": "#fbfaf7",
            "theme_color": "#0b5cad",
            "icons": icons,
        }
        return Reply(json.dumps(manifest, ensure_ascii=False).encode(), content_type=b"application/manifest+json")

    async def worker(self, call: PageCall) -> Reply:
        """The service worker, which keeps the shell for when there is no connection; it may look after all pages."""
        assets = self._house.assets
        kept = [assets.address(name) for name in ("beseda.css", "forms.css", "page.js", "icon.svg")]
        head = f"const VERSION = {json.dumps(assets.hash)};\nconst KEPT = {json.dumps(['/-/offline', *kept])};\n"
        body = head.encode() + assets.files[WORKER].body
        return Reply(body, ((b"service-worker-allowed", b"/"),), content_type=b"text/javascript; charset=utf-8")
