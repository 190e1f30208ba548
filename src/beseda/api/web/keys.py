"""The keys of one domain, by which programs sign what they ask the name server; and the tokens that reach it."""

from base64 import b64encode

from beseda.api.web.call import Handler, PageCall, Reply, see
from beseda.api.web.own import OwnPages, query_of
from beseda.api.web.zone_frame import TABS, home_of, zone_of
from beseda.domain.domains import Domain
from beseda.domain.errors import BesedaError, RecordRefused, TokenTooNarrow, ZoneKeyRefused
from beseda.domain.tokens import Token
from beseda.domain.zone_keys import Algorithm, KeyScope, ZoneKey

PATH = "/-/domains/{name}/keys"
BEGUN = {
    "certificates": {"name": "certbot", "update": "1", "names": "_acme-challenge.*", "types": "TXT"},
    "addresses": {"name": "address", "update": "1", "names": "@", "types": "A, AAAA"},
    "transfer": {"name": "secondary", "transfer": "1"},
}
"""What keys are mostly made for: how the form begins, by `?for=`."""
FIELDS = ("name", "update", "transfer", "names", "types", "algorithm")
EXAMPLES = (
    ("www", "A", "192.0.2.80"),
    ("@", "A", "192.0.2.80"),
    ("www", "AAAA", "2001:db8::80"),
    ("@", "AAAA", "2001:db8::80"),
    ("_acme-challenge", "TXT", '"..."'),
)
"""Records as somebody may want to add them: the first that a key covers is shown."""


class KeyPages(OwnPages):
    def routes(self) -> dict[str, dict[str, Handler]]:
        return {PATH: {"GET": self.shown(self._show), "POST": self.done(self._show, self._change)}}

    async def _show(
        self, call: PageCall, refusal: BesedaError | None = None, *, made: tuple[ZoneKey, bytes] | None = None
    ) -> Reply:
        """`made` is a key that has just been made, with its secret: it is told this once."""
        domain = await self._domain(call)
        home = home_of(domain.name.ascii)
        return self._page(
            "keys.html",
            call,
            refusal,
            tabs={home + suffix: text for suffix, text in TABS.items()},
            domain=domain,
            keys=await self._core.zone_keys.list_own(call.caller, domain.name.ascii),
            tokens=await self._tokens(call, domain),
            made=made and _recipe(*made),
            form=_filled_in(call, refused=refusal is not None),
            algorithms=list(Algorithm),
        )

    async def _domain(self, call: PageCall) -> Domain:
        return await self._core.domains.get(call.caller, zone_of(call))

    async def _tokens(self, call: PageCall, domain: Domain) -> list[Token]:
        """The personal tokens that reach the domain; whoever came in by one sees none."""
        try:
            found = await self._core.tokens.list_own(call.caller)
        except TokenTooNarrow:
            return []
        return [each for each in found if _reaches(each, domain)]

    async def _change(self, call: PageCall) -> Reply:
        """`revoke` is the name of a key that is to be worthless; otherwise one is made."""
        domain, form = await self._domain(call), call.form
        await self._core.own_account.prove(call.caller, form.get_secret("password") or "")
        if label := form.get("revoke"):
            await self._core.zone_keys.remove(call.caller, domain.name.ascii, label)
            return see(f"{PATH.format(name=domain.name.ascii)}?saved=key-removed")
        algorithm = form.get("algorithm") or Algorithm.SHA256
        if algorithm not in list(Algorithm):
            raise ZoneKeyRefused(detail="no such algorithm")
        scope = KeyScope(
            update=bool(form.get("update")),
            transfer=bool(form.get("transfer")),
            names=_words(form.get("names")),
            types=_words(form.get("types")),
        )
        try:
            made = await self._core.zone_keys.add(
                call.caller, domain.name.ascii, form.get("name") or "", scope, Algorithm(algorithm)
            )
        except RecordRefused as refusal:  # of a type that is none
            raise ZoneKeyRefused(detail=refusal.detail) from refusal
        return await self._show(call, made=made)


def _words(text: str | None) -> tuple[str, ...]:
    """Apart by commas or spaces, as those of tokens."""
    return tuple((text or "").replace(",", " ").split())


def _reaches(token: Token, domain: Domain) -> bool:
    scope = token.scope
    return scope.reaches_zone(domain.name.ascii) and any(map(scope.reaches_protocol, ("spaceweb", "dns")))


def _filled_in(call: PageCall, *, refused: bool) -> dict[str, str]:
    """What the form shows: what was refused, or what a link begins it with, or a key that may change records."""
    if refused and not call.form.get("revoke"):
        return {name: call.form.get(name) or "" for name in FIELDS}
    begun = BEGUN.get(query_of(call).get("for") or "", {"update": "1"})
    return {name: begun.get(name, "") for name in FIELDS}


def _recipe(key: ZoneKey, secret: bytes) -> dict[str, object]:
    """What programs are told of a key, and which of them it is good for."""
    return {
        "key": key,
        "secret": b64encode(secret).decode(),
        "example": next((each for each in EXAMPLES if key.scope.covers(*each[:2])), None),
        "certificates": key.scope.covers("_acme-challenge", "TXT"),
    }
