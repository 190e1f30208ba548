"""`beseda report`: what members reported, and what admins of rooms did."""

from typing import Annotated

import typer

from beseda.domain.ids import MAX_ID
from beseda.domain.moderation import Report
from beseda.domain.operators import OperatorRole
from beseda.server.bootstrap import Parts
from beseda.server.cli.arguments import RoomName, find_room
from beseda.server.cli.command import deed
from beseda.server.cli.output import Record, moment

reports = typer.Typer(help="Lines that members reported.")


async def record(parts: Parts, report: Report) -> dict[str, object]:
    """A report as the command line tells it."""
    return {
        "room": (await parts.core.rooms.view(report.room_id)).name,
        "line": report.seq,
        "author": report.author.nick,
        "text": report.text,
        "reporter": report.reporter.nick,
        "reason": report.reason,
        "at": moment(report.at),
    }


@deed(reports, "list", OperatorRole.MODERATOR, changes=False)
async def list_open(
    parts: Parts,
    room: Annotated[str, typer.Option(metavar="ROOM", help="Only those of one room.", show_default=False)] = "",
) -> list[Record]:
    """Reports that nobody has settled, the oldest of each room first."""
    rooms = [await find_room(parts.core, room)] if room else (await parts.core.rooms.list.get()).views
    return [
        await record(parts, report) for each in rooms for report in await parts.core.moderation.open_reports(each.id)
    ]


@deed(reports, "settle", OperatorRole.MODERATOR, tried=True)
async def settle(
    parts: Parts,
    room: RoomName,
    line: Annotated[int, typer.Argument(metavar="LINE", min=1, max=MAX_ID, help="Its number.", show_default=False)],
) -> Record:
    """End all reports of a line."""
    found = await find_room(parts.core, room)
    return {"room": found.name, "line": line, "settled": await parts.core.moderation.settle(found.id, line)}


@deed(reports, "log", OperatorRole.MODERATOR, changes=False)
async def list_log(
    parts: Parts,
    room: RoomName,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many.")] = 100,
    before: Annotated[int, typer.Option(min=1, max=MAX_ID, help="Older than this entry.", show_default=False)] = MAX_ID,
) -> list[Record]:
    """What the admins of a room did to whom, when and why, the newest first."""
    found = await find_room(parts.core, room)
    return [
        {
            "id": each.number,
            "at": moment(each.at),
            "admin": each.actor.nick if each.actor else None,
            "deed": each.deed,
            "member": each.target.nick if each.target else None,
            "reason": each.reason,
        }
        for each in await parts.core.moderation.deeds(found.id, before=before, limit=limit)
    ]
