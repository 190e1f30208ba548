"""Days and times in the reader's way.

Into a `time` element goes universal time, and times.js shows it in the reader's own zone. What is seen before scripts
are there is in that zone too once the browser has told it, by a cookie.
"""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache

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
WEEKDAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
DAY = N_("{weekday}, {month} {day}")
_ZONE = re.compile(r"[A-Z][A-Za-z]*([/_+-][A-Za-z0-9]+){0,5}")


def date_of(at: datetime, texts: Texts) -> str:
    """`26 November 2026`."""
    month = texts.gettext(MONTHS[at.month - 1])
    return texts.gettext(DATE).format(day=at.day, month=month, year=at.year)


def time_element(at: datetime, texts: Texts) -> Markup:
    """Day and time to the minute, with the exact moment for scripts."""
    at = at.astimezone(UTC)
    moment = at.isoformat(timespec="seconds").replace("+00:00", "Z")
    return Markup('<time datetime="{}">{}, {:%H:%M} UTC</time>').format(moment, date_of(at, texts), at)


@cache
def zone_of(name: str) -> tzinfo | None:
    """The time zone of a name, None when there is no such one here."""
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name) if _ZONE.fullmatch(name) else None
    except (KeyError, ValueError, OSError):
        return None


def clock(at: datetime, language: str) -> str:
    """`20:01`, as times.js writes it: in English by the half of the day."""
    return (
        f"{at:%H:%M}"
        if language in ("cs", "ru")
        else f"{at.hour % 12 or 12:02}:{at:%M} {'AM' if at.hour < 12 else 'PM'}"
    )


def day(at: date, today: date, texts: Texts) -> str:
    """`Thursday, November 26`, or today and yesterday in words."""
    if at == today:
        return texts.gettext(N_("Today"))
    if at == today - timedelta(days=1):
        return texts.gettext(N_("Yesterday"))
    weekday, month = (texts.gettext(name) for name in (WEEKDAYS[at.weekday()], MONTHS[at.month - 1]))
    return texts.gettext(DAY).format(weekday=weekday, month=month, day=at.day)


def moment(at: datetime) -> str:
    """`2026-11-26T20:01:00.000Z`, as scripts write it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
