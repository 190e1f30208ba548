"""Days and times in the reader's way.

The server knows no reader's time zone: it writes universal time into a `time` element, and times.js shows it in the
reader's own.
"""

from datetime import UTC, datetime

from markupsafe import Markup

from beseda.api.web.texts import Texts
from beseda.api.words import N_

MONTHS = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)
"""As they stand in a date."""
DATE = N_("{day} {month} {year}")


def date_of(at: datetime, texts: Texts) -> str:
    """`26 November 2026`."""
    month = texts.gettext(MONTHS[at.month - 1])
    return texts.gettext(DATE).format(day=at.day, month=month, year=at.year)


def time_element(at: datetime, texts: Texts) -> Markup:
    """Day and time to the minute, with the exact moment for scripts."""
    at = at.astimezone(UTC)
    moment = at.isoformat(timespec="seconds").replace("+00:00", "Z")
    return Markup('<time datetime="{}">{}, {:%H:%M} UTC</time>').format(moment, date_of(at, texts), at)
