"""What arguments stand for: members, rooms, applications, by name or by number."""

import getpass
import sys
from collections.abc import Callable
from contextvars import ContextVar
from typing import Annotated, TypeVar

import typer

from beseda.core.core import Core
from beseda.domain.accounts import Account
from beseda.domain.errors import AccountNotFound, AppNotFound, BesedaError, RoomNotFound
from beseda.domain.ids import RoomId
from beseda.domain.rooms import RoomView
from beseda.domain.sessions import App
from beseda.server.cli.output import explain

T = TypeVar("T")
R = TypeVar("R")
Nick = Annotated[str, typer.Argument(metavar="NICK", help="A member's nick or number.", show_default=False)]
RoomName = Annotated[str, typer.Argument(metavar="ROOM", help="A room's name or number.", show_default=False)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
AppName = Annotated[str, typer.Argument(metavar="APP", help="An application's number or name.", show_default=False)]


def rule(check: Callable[[T], R], told: str = "") -> Callable[[T], R]:
    """A rule of the domain for an option or an argument: what it refuses is wrong usage, before anything is opened.

    `told` says what is wrong where the refusal itself speaks of something else.
    """

    def checked(value: T) -> R:
        try:
            return check(value)
        except BesedaError as refusal:
            raise typer.BadParameter(told or str((explain(refusal) or {}).get("message"))) from None

    return checked


async def find_member(core: Core, who: str) -> Account:
    """Raises AccountNotFound, which tells who was meant."""
    try:
        return await core.accounts.find(who)
    except AccountNotFound:
        raise AccountNotFound(account=who) from None


async def find_room(core: Core, which: str) -> RoomView:
    """Raises RoomNotFound, which tells what was meant."""
    room = await core.rooms.find_by_name(which)
    try:
        return await core.rooms.view(room.id if room else RoomId(_number(which)))
    except RoomNotFound:
        raise RoomNotFound(room=which) from None


async def find_app(core: Core, which: str) -> App:
    """Names may be given twice: then only the number will do. Raises AppNotFound."""
    apps = await core.apps.list_all()
    found = [app for app in apps if app.id == _number(which)] or [app for app in apps if app.name == which]
    if len(found) > 1:
        raise typer.BadParameter(f"{len(found)} applications are called {which!r}: give the number")
    if not found:
        raise AppNotFound(app=which)
    return found[0]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


PASSWORD: ContextVar[str | None] = ContextVar("password", default=None)
"""One that came with a call rather than on standard input."""


def read_password() -> str:
    """What came with the call, else one line of standard input, exactly as typed."""
    if (given := PASSWORD.get()) is not None:
        return given
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    try:
        return sys.stdin.buffer.readline().decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise typer.BadParameter("the password on standard input is not UTF-8") from None
