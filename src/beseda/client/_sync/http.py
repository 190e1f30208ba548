# Written by tools/twins.py from src/beseda/client/_async/http.py: change that, then `make twins`.
"""One way to ask by HTTP: bounded in time and size, tried again only where that can do no harm, with typed errors."""

import time
from collections.abc import Mapping
from functools import cached_property
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from beseda.client._answers import Answer, MaskedUrl, hide_cookies, is_gone_elsewhere, typed_errors
from beseda.client._platform import deadline, sleep
from beseda.client._urls import base_url
from beseda.client.errors import NotAsked, NotUnderstood, Unknown
from beseda.client.manners import Limiter, Manners

ANSWER_MAX_BYTES = 16 << 20
LATER = frozenset({502, 503, 504})
"""What stands between says these, or a service that is starting."""
REDIRECTS_MAX = 5

hide_cookies()


class Http:
    """Asks one service. `transport` is what httpx calls a transport: one method that answers a request.

    Only where the session is a cookie are cookies kept: elsewhere they would go where the service's clients send none.
    """

    def __init__(
        self,
        url: str,
        manners: Manners | None,
        transport: httpx.BaseTransport | None,
        headers: Mapping[str, str] | None = None,
        *,
        keeps_cookies: bool = False,
    ) -> None:
        self.url = base_url(url)
        self.manners = manners or Manners()
        self._limiter = Limiter(self.manners)
        self._transport = transport
        self._headers = {"User-Agent": self.manners.user_agent, **(headers or {})}
        self._cookies = CookieJar(None if keeps_cookies else DefaultCookiePolicy(allowed_domains=()))

    @cached_property
    def _client(self) -> httpx.Client:
        """Made when it is first needed: to read the authorities for TLS takes 60 ms."""
        return httpx.Client(
            transport=self._transport,
            timeout=self.manners.timeout_s,
            headers=self._headers,
            cookies=self._cookies,
            follow_redirects=False,
        )

    def close(self) -> None:
        if "_client" in vars(self):
            self._client.close()

    def forget_cookies(self) -> None:
        self._client.cookies.clear()

    def ask(
        self,
        verb: str,
        path: str,
        *,
        safe: bool,
        where: str = "",
        content: bytes | None = None,
        form: Mapping[str, Any] | None = None,
        files: Any = None,
        headers: Mapping[str, str] | None = None,
        hold_s: float = 0.0,
        secret: bool = False,
        follow: bool = False,
        masked: bool = False,
    ) -> Answer:
        """The answer, whatever its status.

        `safe` says that asking twice does no harm. `where` names the call in errors. `hold_s` is how long the service
        may hold the call. `secret` keeps the answer out of errors, `masked` the address out of logs; `follow` goes
        where the answer leads, if that is the same service. Raises NotAsked, Unknown, NotUnderstood.
        """
        where = where or path
        for attempt in range(self.manners.retries + 1):
            request = self._client.build_request(
                verb, self._absolute(path), content=content, data=form, files=files, headers=headers
            )
            if masked:
                request.url = MaskedUrl(request.url)
            last = attempt == self.manners.retries
            try:
                answer = self._once(request, where, hold_s, secret)
            except NotAsked:
                if last:
                    raise
            except Unknown:
                if last or not safe:
                    raise
            else:
                if follow and answer.location:
                    return self._go_on(answer, where, secret)
                if answer.status not in LATER or last or not safe:
                    return answer
            sleep(self.manners.pause_s(attempt))
        raise AssertionError("unreachable")

    def _absolute(self, path: str) -> str:
        return path if path.startswith(("http://", "https://")) else self.url + path

    def _go_on(self, answer: Answer, where: str, secret: bool) -> Answer:
        """Where an answer leads, on the same service alone: it gets the same cookies."""
        for _ in range(REDIRECTS_MAX):
            if is_gone_elsewhere(answer):
                raise NotUnderstood("expected an answer, not a way to another service", where=where)
            answer = self._once(self._client.build_request("GET", answer.location), where, 0.0, secret)
            if not answer.location:
                return answer
        raise NotUnderstood("expected an answer, not so many ways elsewhere", where=where)

    def _once(self, request: httpx.Request, where: str, hold_s: float, secret: bool) -> Answer:
        if (pause_s := self._limiter.pause_s(time.monotonic())) > 0:
            sleep(pause_s)
        limit_s = self.manners.timeout_s
        timeouts = httpx.Timeout(limit_s, read=limit_s + hold_s)
        request.extensions["timeout"] = timeouts.as_dict()
        whole_s = 2 * limit_s + hold_s
        with typed_errors(where):
            with deadline(whole_s):
                return self._receive(request, where, time.monotonic() + whole_s, secret)

    def _receive(self, request: httpx.Request, where: str, until_s: float, secret: bool) -> Answer:
        response = self._client.send(request, stream=True)
        try:
            chunks: list[bytes] = []
            size = 0
            for chunk in response.iter_bytes():
                chunks.append(chunk)
                size += len(chunk)
                if size > ANSWER_MAX_BYTES:
                    raise NotUnderstood(f"expected at most {ANSWER_MAX_BYTES >> 20} MiB", where=where)
                if time.monotonic() > until_s:
                    raise Unknown(f"the answer to {where} takes too long")
        finally:
            response.close()
        return Answer(response.status_code, response.headers, b"".join(chunks), str(response.url), where, secret)
