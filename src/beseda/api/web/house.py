"""The house of all pages for people: a template, the reader's language and theme, and what stands on every page.

Whoever serves a page says which template and with which facts; nobody else knows a tag.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any

from beseda.api.base import Scope, cookies, header
from beseda.api.refusing import note_refusal
from beseda.api.web.assets import assets
from beseda.api.web.dates import date_of, time_element, zone_of
from beseda.api.web.line import HUES, Pen
from beseda.api.web.lines import KARMA, STARS, Sight
from beseda.api.web.refusals import refusal_text
from beseda.api.web.texts import LANGUAGES, PSEUDO, Texts, money, number, preferred, texts_of
from beseda.domain.accounts import Account, Look, Theme
from beseda.domain.errors import BesedaError

if TYPE_CHECKING:
    from jinja2 import Environment

LANGUAGE_COOKIE, THEME_COOKIE = "beseda_language", "beseda_theme"
"""What a reader chose who is no member, or has chosen nothing as one. They name no session: those of one begin with
`beseda-`."""
ZONE_COOKIE = "beseda_zone"
"""The browser's time zone, as page.js tells it."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How somebody reads: what he chose as a member, else in this browser, else what the browser says."""

    language: str
    theme: Theme
    chosen: str = ""
    """The language that was chosen, "" when the browser's counts."""
    zone: tzinfo | None = None
    """None when the browser has not told it yet."""


def reader_of(scope: Scope, account: Account | None) -> Reader:
    """Programs, which say nothing of languages, get Czech as they always did."""
    kept = cookies(scope)
    if account and account.look:
        look = known_look(account.look.language, account.look.theme)
    else:
        look = known_look(kept.get(LANGUAGE_COOKIE, ""), kept.get(THEME_COOKIE, ""))
    accept = (header(scope, b"accept-language") or b"").decode("latin-1")
    zone = zone_of(kept.get(ZONE_COOKIE, ""))
    return Reader(look.language or preferred(accept), look.theme, look.language, zone)


def known_look(language: str, theme: str) -> Look:
    """What is no language of ours or no theme is the default."""
    known = language in LANGUAGES or language == PSEUDO
    return Look(language if known else "", Theme(theme) if theme in list(Theme) else Theme.AUTO)


class House:
    """`features` are facts about this server that pages ask for, such as whether registration is open."""

    def __init__(self, features: Mapping[str, Any] | None = None) -> None:
        self.assets = assets()
        self._features = {"announcements": list, **(features or {})}

    @cached_property
    def _templates(self) -> "Environment":
        """Loaded with jinja2 for the first page; clients never see one."""
        from beseda.api.drawing import templates_of

        templates = templates_of("beseda.api.web")
        templates.globals |= {
            "asset": self.assets.address,
            "languages": LANGUAGES,
            "hue": hue,
            "modules": self.assets.modules,
            "sight": Sight,
            "STARS": STARS,
            "KARMA": KARMA,
            "features": self._features,
        }
        return templates

    def page(
        self, template: str, scope: Scope, account: Account | None, *, alert: str | BesedaError = "", **facts: Any
    ) -> bytes:
        """A whole page, in UTF-8. `alert` is a refusal, or a text of the catalogues."""
        reader = reader_of(scope, account)
        texts = texts_of(reader.language)
        if isinstance(alert, BesedaError):
            note_refusal(alert)
        told = refusal_text(alert, texts) if isinstance(alert, BesedaError) else alert and texts.gettext(alert)
        page = self._templates.get_template(template)
        return page.render(
            **_speaking(texts, reader), account=account, alert=told, path=scope.get("path", "/"), **facts
        ).encode()

    def part(self, template: str, scope: Scope, account: Account | None, **facts: Any) -> str:
        """What is no whole page, in HTML."""
        reader = reader_of(scope, account)
        return self._templates.get_template(template).render(**_speaking(texts_of(reader.language), reader), **facts)

    def language(self, scope: Scope, account: Account | None) -> str:
        return reader_of(scope, account).language

    def text(self, scope: Scope, account: Account | None, message: str | BesedaError) -> str:
        """A refusal, or a text of the catalogues, in the reader's language."""
        texts = texts_of(self.language(scope, account))
        return refusal_text(message, texts) if isinstance(message, BesedaError) else texts.gettext(message)


def hue(account: Account) -> int:
    """Which of the hues is a member's: the same everywhere, also in people.js."""
    return account.id % HUES


def _speaking(texts: Texts, reader: Reader) -> dict[str, Callable[..., object] | object]:
    """What templates speak with, in the reader's way."""
    return {
        "reader": reader,
        "_": lambda message, **facts: texts.gettext(message).format(**facts) if facts else texts.gettext(message),
        "ngettext": lambda one, many, n, **facts: texts.ngettext(one, many, n).format(
            n=number(n, reader.language), **facts
        ),
        "number": lambda n: number(n, reader.language),
        "money": lambda amount_minor: money(amount_minor, reader.language),
        "date": lambda at: date_of(at, texts),
        "time": lambda at: time_element(at, texts),
        "pen": lambda account: Pen(account, texts, reader.language, reader.zone),
    }
