# Written by tools/twins.py from src/beseda/client/_async/spaceweb.py: change that, then `make twins`.
"""SpaceWeb's JSON-RPC: sign-in, any object and method, and typed helpers for domains, DNS and money."""

import time
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from beseda.client._envelope import is_read, make_id, read_answer
from beseda.client._platform import Lock
from beseda.client._sync.http import Http
from beseda.client._sync.service import Service
from beseda.client._sync.spaceweb_dns import Dns
from beseda.client._sync.spaceweb_domains import Domains
from beseda.client._sync.spaceweb_pay import Pay
from beseda.client._sync.spaceweb_zone import Zone
from beseda.client.errors import Invalid, NotFound, NotUnderstood, Refused, SessionEnded, SignInRefused
from beseda.client.manners import Manners
from beseda.client.secrets import Secret
from beseda.wire.spaceweb.description import DISCOVER, Description, Unfit, check
from beseda.wire.spaceweb.envelope import DEFAULT_METHOD, SIGN_IN_OBJECT, VERSION, Code, Request, encode_request

SPACEWEB_URL = "https://api.sweb.ru"
HEADERS = {"Accept": "application/json", "Content-Type": "application/json; charset=utf-8"}


class SpaceWeb(Service):
    """SpaceWeb, or a Beseda: its address and `/rpc`, or a host of its own that speaks nothing else.

    `token` is one that `getToken` gave before; else there is `sign_in`. `user` is sent with each call if given: the
    service refuses the call when the token is somebody else's. `checks` says whether calls are compared with what the
    service says of its methods (`rpc.discover`) before they are made; None asks every service but the original one,
    which has no such thing.
    """

    def __init__(
        self,
        url: str = SPACEWEB_URL,
        *,
        token: str = "",
        user: str = "",
        checks: bool | None = None,
        manners: Manners | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        super().__init__(url, manners)
        self._http = Http(self._url, self._manners, transport, HEADERS)
        self._token = Secret(token)
        self._user = user
        self._checks = self._http.url != SPACEWEB_URL if checks is None else checks
        self._login = ""
        self._password = Secret("")
        self._refused: dict[str, tuple[Secret, SignInRefused]] = {}
        self._renewing = Lock()
        self._described: dict[str, Description | None] = {}
        self.domains = Domains(self)
        """The domains on the account."""
        self.pay = Pay(self)
        """The account's money."""

    def _who(self) -> str:
        return self._login

    def close(self) -> None:
        """Close the connections. The token stays good."""
        self._http.close()

    @property
    def token(self) -> str:
        """The token that is sent, "" when there is none: a secret, to be kept as one."""
        return self._token.reveal()

    def dns(self, domain: str) -> Dns:
        """The records of a domain on the account, named in Punycode or Unicode."""
        return Dns(self, domain)

    def zone(self, domain: str) -> Zone:
        """The same on a Beseda, whose record sets need no places."""
        return Zone(self, domain)

    def sign_in(self, login: str, password: str) -> None:
        """Get a token (`getToken`); it is renewed with the same password when the session ends.

        A password that was refused is not sent again for that login. Raises SignInRefused, TooOften.
        """
        before = self._login, self._password
        self._login, self._password = login, Secret(password)
        try:
            self.renew()
        except BaseException:
            self._login, self._password = before
            raise

    @property
    def can_renew(self) -> bool:
        """Whether there is a password to get another token with, which has not been refused."""
        return bool(self._password) and self._known_refusal() is None

    def _known_refusal(self) -> SignInRefused | None:
        refused = self._refused.get(self._login)
        return refused[1] if refused and refused[0].reveal() == self._password.reveal() else None

    def renew(self) -> None:
        """Get another token with the password that was given. Raises SignInRefused, TooOften."""
        if known := self._known_refusal():
            raise known
        try:
            params = {"login": self._login, "password": self._password.reveal()}
            token = self._ask(SIGN_IN_OBJECT, "getToken", params, secret=True)
        except SignInRefused as refused:
            self._refused[self._login] = (self._password, refused)
            raise
        if not isinstance(token, str) or not token:
            raise NotUnderstood("expected a token as `result`", where="notAuthorized.getToken")
        self._token = Secret(token)

    def call(self, target: str, method: str = DEFAULT_METHOD, /, **params: Any) -> Any:
        """The result of any method of any object: `call("domains/dns", "info", domain="example.org")`.

        `target` is the path of the object. An extendedResult of code 1 is returned as `ExtendedResult`. Raises Refused
        (ResultRefused for an extendedResult of code 0; Invalid before anything is sent, when the call does not fit what
        the service says of its methods), SessionEnded, Unknown, NotAsked, NotUnderstood.
        """
        if self._checks and method != DISCOVER:
            self._check(target, method, params)
        return self.perform(target, method, **params)

    def perform(self, target: str, method: str, /, **params: Any) -> Any:
        """The same, without a look at what the service says of its methods."""
        used = self._token
        try:
            return self._ask(target, method, params)
        except SessionEnded:
            with self._renewing:
                if self._token is used:
                    if not self.can_renew:
                        raise
                    self.renew()
            return self._ask(target, method, params)

    def describe(self, target: str) -> Description | None:
        """What an object says of its methods (`rpc.discover`), asked for once; None when it says nothing."""
        if target not in self._described:
            try:
                told = self.perform(target, DISCOVER)
                self._described[target] = msgspec.convert(told, Description)
            except (NotFound, Invalid, msgspec.ValidationError):
                self._described[target] = None
        return self._described[target]

    def _check(self, target: str, method: str, params: dict[str, Any]) -> None:
        if (described := self.describe(target)) is None:
            return
        try:
            check(described, method, params)
        except Unfit as unfit:
            if unfit.field:
                raise Invalid(Code.WRONG_PARAMS, str(unfit), field=unfit.field) from None
            raise NotFound(Code.NOT_FOUND, str(unfit)) from None

    def _ask(self, target: str, method: str, params: dict[str, Any], *, secret: bool = False) -> Any:
        request = Request(VERSION, method, params, make_id(time.time()), self._user)
        public = target == SIGN_IN_OBJECT
        headers = {} if public or not self._token else {"Authorization": f"Bearer {self._token.reveal()}"}
        answer = self._http.ask(
            "POST",
            f"/{quote(target.strip('/'))}/",
            safe=is_read(method),
            where=f"{target}.{method}",
            content=encode_request(request),
            headers=headers,
            secret=secret,
        )
        try:
            return read_answer(answer, request.id)
        except Refused as refused:
            if method == "getToken" and public and refused.code in (Code.CREDENTIALS, Code.REFUSED):
                raise SignInRefused(refused.code, refused.message) from None
            raise
