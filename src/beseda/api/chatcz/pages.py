"""Answers that are pages. How they look is the matter of the house that the server puts in."""

from math import ceil
from typing import Any, Protocol

from beseda.api.base import PAGE_HEADERS, Scope
from beseda.api.chatcz.call import Reply, SiteCall
from beseda.api.chatcz.errors import PAGE_TEXTS, Refusal, RequestRefused, answer_to
from beseda.core.caller import Caller
from beseda.domain.accounts import Account
from beseda.domain.errors import BesedaError, NotSignedIn, TooOften

HTML = b"text/html; charset=utf-8"


class House(Protocol):
    """Makes pages of templates, in the reader's language; an alert is a refusal, or one of the house's texts."""

    def page(
        self, template: str, scope: Scope, account: Account | None, *, alert: str | BesedaError = "", **facts: Any
    ) -> bytes: ...

    def part(self, template: str, scope: Scope, account: Account | None, **facts: Any) -> str:
        """What is no whole page, in HTML."""
        ...

    def language(self, scope: Scope, account: Account | None) -> str: ...


class Pages:
    def __init__(self, house: House) -> None:
        self.house = house

    def page(
        self,
        template: str,
        call: SiteCall,
        status: int = 200,
        *,
        alert: str | BesedaError = "",
        caller: Caller | None = None,
        **facts: Any,
    ) -> Reply:
        """A whole page for who calls, or for whom the call has made of him."""
        account = (caller or call.caller).account
        body = self.house.page(template, call.scope, account, alert=alert, **facts)
        reply = Reply(body, PAGE_HEADERS, status, status, HTML)
        if isinstance(alert, TooOften):
            return reply.with_header(b"retry-after", str(max(ceil(alert.retry_after_s), 1)))
        return reply

    def refuse(self, call: SiteCall, error: Refusal, template: str = "error.html", **facts: Any) -> Reply:
        """The page that says why not."""
        status, message = answer_to(error)
        told = PAGE_TEXTS.get((status, message))
        alert = told or (error if isinstance(error, BesedaError) else message)
        if isinstance(error, NotSignedIn):
            return self.sign_in_form(call, status, alert=alert, to=call.room_name)
        reply = self.page(template, call, status, alert=alert, **facts)
        if isinstance(error, RequestRefused) and error.allow:
            return reply.with_header(b"allow", error.allow)
        return reply

    def sign_in_form(self, call: SiteCall, status: int = 200, *, alert: str | BesedaError = "", **facts: Any) -> Reply:
        """`to` is the room that is asked for; `login`, `guest` and `sex` are what was filled in, `refused` a status."""
        empty = {"to": "", "login": "", "guest": "", "sex": "", "challenge": "", "ticket": "", "frozen": False}
        return self.page("login.html", call, status, alert=alert, caller=Caller(call.caller.address), **(empty | facts))


def see(location: str) -> Reply:
    """Go and get that page (RFC 9110, 15.4.4)."""
    return Reply(b"", (), 303, 303, HTML).with_header(b"location", location)
