"""`beseda announcement`: what is said to everybody."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from beseda.domain.announcements import SHOWN_FOR, SHOWN_MAX, Announcement, is_shown
from beseda.domain.ids import MAX_ID, AnnouncementId
from beseda.domain.messages import check_text
from beseda.domain.operators import OperatorRole
from beseda.server.bootstrap import Parts
from beseda.server.cli.arguments import DryRun, rule
from beseda.server.cli.command import deed
from beseda.server.cli.output import Record, moment
from beseda.server.periods import read_period

announcements = typer.Typer(help="What is said to everybody.")
NO_TIME = "is no time such as 90m, 24h, 7d or 2026-12-24T18:00 (UTC)"


def _read_until(text: str) -> str:
    """Wrong usage, before anything is opened, unless it is a length of time or a moment."""
    try:
        _shown_for(text, datetime.now(UTC))
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"{text!r} {NO_TIME}") from None
    return text


def _shown_for(text: str, now: datetime) -> timedelta:
    """How long from now on; a day for "". Raises ValueError, OverflowError."""
    if not text:
        return SHOWN_FOR
    if text[-1] in "smhd":
        return read_period(text) or SHOWN_FOR
    until = datetime.fromisoformat(text)
    return (until if until.tzinfo else until.replace(tzinfo=UTC)) - now


def record(parts: Parts, announcement: Announcement) -> dict[str, object]:
    """An announcement as the command line tells it."""
    return {
        "id": announcement.id,
        "at": moment(announcement.at),
        "until": moment(announcement.until),
        "shown": is_shown(announcement, parts.clock.now()),
        "text": announcement.text,
    }


@deed(announcements, "add", OperatorRole.MODERATOR, light=False)
async def add(
    parts: Parts,
    text: Annotated[
        str, typer.Argument(metavar="TEXT", callback=rule(check_text), help="One line of it.", show_default=False)
    ],
    until: Annotated[
        str, typer.Option(callback=_read_until, help="How long pages show it: 90m, 7d, 2026-12-24T18:00 (UTC); a day.")
    ] = "",
    now: Annotated[bool, typer.Option("--now", help="Only say it in rooms: pages do not show it.")] = False,
    dry_run: DryRun = False,
) -> Record:
    """Say something to everybody: at once in all rooms where somebody is, and on all pages for a while.

    Pages show it also to those who are not signed in.
    """
    if now and until:
        raise typer.BadParameter("what is only said now has no end", param_hint="--until")
    shown_for = timedelta(0) if now else _shown_for(until, parts.clock.now())
    if not timedelta(0) <= shown_for <= SHOWN_MAX or (until and not shown_for):
        raise typer.BadParameter(f"it ends between now and in {SHOWN_MAX.days} days", param_hint="--until")
    if dry_run:
        return {"rooms": await parts.core.announcements.audience(), "until": moment(parts.clock.now() + shown_for)}
    announcement, rooms = await parts.core.announcements.add(text, shown_for)
    return record(parts, announcement) | {"rooms": rooms}


@deed(announcements, "list", OperatorRole.OBSERVER, changes=False)
async def list_all(
    parts: Parts,
    over: Annotated[bool, typer.Option("--over", help="Also those that are over.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many.")] = 100,
    before: Annotated[int, typer.Option(min=1, max=MAX_ID, help="Older than this one.", show_default=False)] = MAX_ID,
) -> list[Record]:
    """What pages show now, the newest first."""
    found = await parts.core.announcements.list_all(over=over, before=before, limit=limit)
    return [record(parts, each) for each in found]


@deed(announcements, "end", OperatorRole.MODERATOR, tried=True)
async def end(
    parts: Parts, announcement: Annotated[int, typer.Argument(metavar="ID", min=1, max=MAX_ID, show_default=False)]
) -> Record:
    """Let pages show an announcement no longer. What was said in rooms stays said."""
    if not await parts.core.announcements.end(AnnouncementId(announcement)):
        raise typer.BadParameter(f"nothing that is shown has the number {announcement}")
    return {"id": announcement, "ended": True}
