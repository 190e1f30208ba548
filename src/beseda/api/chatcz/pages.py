"""Pages of the site from their templates."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from beseda.api.base import PAGE_HEADERS
from beseda.api.chatcz.call import Reply
from beseda.api.chatcz.errors import ON_PAGES, Refusal, RequestRefused, answer_to
from beseda.core.caller import Caller
from beseda.domain.errors import NotSignedIn
from beseda.domain.rooms import Lock

HTML = b"text/html; charset=utf-8"
LOCK_LABELS = {
    Lock.OPEN: "",
    Lock.ANONYMOUS: "jen pro přihlášené",
    Lock.MINORS: "od 18 let",
    Lock.ALL: "zamčená",
}


class Pages:
    def __init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("beseda.api.chatcz"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["lock_labels"] = LOCK_LABELS

    def render(self, template: str, **facts: object) -> str:
        return self._templates.get_template(template).render(**facts)

    def page(self, template: str, caller: Caller, status: int = 200, *, alert: str = "", **facts: object) -> Reply:
        """A whole page for this caller."""
        text = self.render(template, account=caller.account, alert=alert, **facts)
        return Reply(text.encode(), PAGE_HEADERS, status, status, HTML)

    def refuse(self, caller: Caller, error: Refusal) -> Reply:
        """The page that says why not."""
        status, message = answer_to(error)
        template = "login.html" if isinstance(error, NotSignedIn) else "base.html"
        reply = self.page(template, caller, status, alert=ON_PAGES.get((status, message), message))
        if isinstance(error, RequestRefused) and error.allow:
            return reply.with_header(b"allow", error.allow)
        return reply


def see(location: str) -> Reply:
    """Go and get that page (RFC 9110, 15.4.4)."""
    return Reply(b"", (), 303, 303, HTML).with_header(b"location", location)
