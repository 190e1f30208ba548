"""`beseda room`: permanent rooms and their admins."""

from typing import Annotated

import typer

from beseda.core.caller import Caller
from beseda.domain.accounts import nick_order
from beseda.domain.operators import OperatorRole
from beseda.domain.reservations import check_web
from beseda.domain.rooms import RoomView
from beseda.server.bootstrap import Parts
from beseda.server.cli.arguments import DryRun, Nick, RoomName, find_member, find_room, rule
from beseda.server.cli.command import deed
from beseda.server.cli.output import Record

rooms = typer.Typer(help="Rooms.")
admins = typer.Typer(help="Permanent admins of permanent rooms.")
rooms.add_typer(admins, name="admin")
NO_PAGE = "is no address of a page that begins with http:// or https://"
OPERATOR = Caller("")
"""Nobody who is in a room."""


def record(room: RoomView) -> dict[str, object]:
    """A room as the command line tells it; `lock` is the one in force."""
    return {
        "id": room.id,
        "name": room.name,
        "permanent": room.permanent,
        "lock": room.lock.value or "open",
        "users": room.user_count,
        "description": room.description,
        "web": room.web,
    }


async def _full_record(parts: Parts, room: RoomView) -> Record:
    occupants, _ = await parts.core.rooms.occupants(OPERATOR, room.id)
    return record(await parts.core.rooms.view(room.id)) | {
        "admins": [admin.nick for admin in await parts.core.rooms.admins(room.id)],
        "occupants": [occupant.account.nick for occupant in occupants],
    }


@deed(rooms, "add", OperatorRole.MODERATOR)
async def add(
    parts: Parts,
    name: Annotated[str, typer.Argument(metavar="ROOM", help="Up to 50 characters.", show_default=False)],
    description: Annotated[str, typer.Option(help="Up to 300 characters.")] = "",
    web: Annotated[
        str, typer.Option(callback=rule(check_web, NO_PAGE), help="Address of the room's page elsewhere.")
    ] = "",
) -> Record:
    """Add a permanent room."""
    room = await parts.core.rooms.add(name, description=description, web=web)
    return record(await parts.core.rooms.view(room.id))


@deed(rooms, "list", OperatorRole.OBSERVER, changes=False)
async def list_all(parts: Parts) -> list[Record]:
    """All rooms in the order that members see."""
    return [record(view) for view in (await parts.core.rooms.list.get()).views]


@deed(rooms, "show", OperatorRole.OBSERVER, changes=False)
async def show(parts: Parts, room: RoomName) -> Record:
    """A room, its permanent admins and who is in it."""
    return await _full_record(parts, await find_room(parts.core, room))


@deed(rooms, "permanent", OperatorRole.MODERATOR)
async def permanent(
    parts: Parts,
    room: RoomName,
    off: Annotated[bool, typer.Option("--off", help="Temporary again: it vanishes when empty, even now.")] = False,
    dry_run: DryRun = False,
) -> Record:
    """Keep a room that its members opened, also when it is empty."""
    found = await find_room(parts.core, room)
    if not dry_run:
        await parts.core.rooms.set_permanent(found.id, not off)
    vanished = off and not found.user_count
    return record(found) | {"permanent": not off, "vanished": vanished}


@deed(rooms, "rename", OperatorRole.MODERATOR, light=False, tried=True)
async def rename(
    parts: Parts,
    room: RoomName,
    name: Annotated[str, typer.Argument(metavar="NEW", help="Up to 50 characters.", show_default=False)],
) -> Record:
    """Give a room another name; the old one is free."""
    found = await find_room(parts.core, room)
    return record(found) | {"name": await parts.core.reservations.rename(found.id, name), "before": found.name}


@deed(rooms, "delete", OperatorRole.MODERATOR, grave=True)
async def delete(
    parts: Parts,
    room: RoomName,
    reason: Annotated[str, typer.Option(help="Those inside are told.")],
    dry_run: DryRun = False,
) -> Record:
    """Send everybody out of a room and delete it. Nobody can read its lines any more."""
    found = await find_room(parts.core, room)
    if dry_run:
        lines = await parts.core.reservations.count_lines(found.id)
        return {**await _full_record(parts, found), "lines": lines, "deleted": False}
    await parts.core.reservations.delete(found.id, reason)
    return record(found) | {"deleted": True}


@deed(rooms, "owner", OperatorRole.OWNER, light=False, tried=True)
async def owner(parts: Parts, room: RoomName, nick: Nick) -> Record:
    """Make a member the main admin of a room, as if he had reserved it: in place of whoever was."""
    found, account = await find_room(parts.core, room), await find_member(parts.core, nick)
    await parts.core.reservations.give(found.id, account.id)
    return {**await _full_record(parts, found), "owner": account.nick}


@deed(admins, "add", OperatorRole.MODERATOR, tried=True)
async def add_admin(parts: Parts, room: RoomName, nick: Nick) -> Record:
    """Make a member a permanent admin of a permanent room."""
    return await _set_admin(parts, room, nick, admin=True)


@deed(admins, "remove", OperatorRole.MODERATOR, tried=True)
async def remove_admin(parts: Parts, room: RoomName, nick: Nick) -> Record:
    """Take a member's role as a permanent admin."""
    return await _set_admin(parts, room, nick, admin=False)


async def _set_admin(parts: Parts, room: str, nick: str, *, admin: bool) -> Record:
    found, account = await find_room(parts.core, room), await find_member(parts.core, nick)
    await parts.core.rooms.set_admin(found.id, account.id, admin)
    admins = {each.id: each for each in await parts.core.rooms.admins(found.id)} | {account.id: account}
    if not admin:
        del admins[account.id]
    return {
        **await _full_record(parts, found),
        "admins": [each.nick for each in sorted(admins.values(), key=nick_order)],
    }
