"""The pages behind the addresses of answers, for browsers: what the JSON of a page says, to be read by people.

A client that wants JSON says so (`asks_json`), or asks where there is nothing else; everybody else gets a plain page,
without a script. It is drawn from the answer of the same method, so it shows to the same caller the same things.
"""

from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING

from beseda.api.base import PAGE_HEADERS, Scope, Send, cookies, header, send_body
from beseda.api.forms import FormRefused
from beseda.api.spaces.codec import Answer, LinkBase, read_query_of
from beseda.wire.spaces.codes import SUCCESS

if TYPE_CHECKING:
    from jinja2 import Environment

HTML = b"text/html; charset=utf-8"
ALWAYS_JSON = frozenset({"ajax", "api", "neoapi"})
STATUSES = {
    "00002": HTTPStatus.NOT_FOUND,
    "00003": HTTPStatus.NOT_FOUND,
    "00020": HTTPStatus.NOT_FOUND,
    "02001": HTTPStatus.NOT_FOUND,
    "05002": HTTPStatus.NOT_FOUND,
    "01001": HTTPStatus.FORBIDDEN,
    "01006": HTTPStatus.FORBIDDEN,
    "00006": HTTPStatus.INTERNAL_SERVER_ERROR,
    "00007": HTTPStatus.TOO_MANY_REQUESTS,
    "00010": HTTPStatus.SERVICE_UNAVAILABLE,
}
"""How pages say by HTTP what answers say by their code; every other refusal is a bad request."""
TEXTS = {
    HTTPStatus.NOT_FOUND: "Такой страницы нет.",
    HTTPStatus.FORBIDDEN: "Эту страницу видит только тот, кто вошёл. Войдите через своё приложение.",
    HTTPStatus.TOO_MANY_REQUESTS: "Слишком часто. Попробуйте немного позже.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Сервер занят. Попробуйте немного позже.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Произошла ошибка. Попробуйте ещё раз.",
    HTTPStatus.BAD_REQUEST: "Страницу нельзя показать.",
}


def asks_json(scope: Scope) -> bool:
    """Whether a client of Spaces wants JSON, whatever the address: `X-Proxy: spaces`, or `json=1`."""
    if (header(scope, b"x-proxy") or b"").strip().lower() == b"spaces":
        return True
    if cookies(scope).get("json") == "1":
        return True
    try:
        return b"json" in scope["query_string"] and read_query_of(scope["query_string"]).get("json") == "1"
    except FormRefused:
        return False


def is_page(scope: Scope) -> bool:
    """Whether the answer to a request is for people."""
    root = scope["path"].lstrip("/").split("/", 1)[0]
    return root not in ALWAYS_JSON and not asks_json(scope)


class Pages:
    @cached_property
    def _templates(self) -> "Environment":
        """Loaded with jinja2 for the first browser."""
        from beseda.api.drawing import templates_of

        return templates_of("beseda.api.spaces")

    async def send(self, send: Send, method: str, answer: Answer, site: LinkBase) -> None:
        """The page of a method `page.…`, or the one that says why not."""
        if answer.code == SUCCESS:
            status, template, facts = HTTPStatus.OK, f"{method.removeprefix('page.')}.html", dict(answer.more)
        else:
            status = STATUSES.get(answer.code, HTTPStatus.BAD_REQUEST)
            template, facts = "refusal.html", {"text": TEXTS[status]}
        text = self._templates.get_template(template).render(site=site, **facts)
        await send_body(send, HTML, text.encode(), *PAGE_HEADERS, status=status)
