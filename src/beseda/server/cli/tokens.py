"""`beseda token`: personal tokens of members, for their programs and bots."""

from typing import Annotated

import typer

from beseda.domain.ids import TokenId
from beseda.domain.operators import OperatorRole
from beseda.domain.tokens import Token, check_days, check_token_name
from beseda.server.bootstrap import Parts
from beseda.server.cli.arguments import Nick, find_member, find_room, rule
from beseda.server.cli.command import deed
from beseda.server.cli.output import Record, moment

tokens = typer.Typer(help="Personal tokens of members, for their programs and bots.")
Words = list[str]


def record(token: Token) -> dict[str, object]:
    """A token as the command line tells it."""
    scope = token.scope
    reach = [*sorted(scope.protocols), *(f"room {room}" for room in sorted(scope.rooms))]
    reach += [*sorted(scope.zones), *sorted(scope.names), *sorted(scope.types)]
    kinds = [kind for kind, is_so in (("bot", scope.bot), ("read-only", scope.read_only)) if is_so]
    return {
        "id": token.id,
        "name": token.name,
        "created": moment(token.created_at),
        "expires": moment(token.expires_at) if token.expires_at else "never",
        "used": moment(token.used_at) if token.used_at else "never",
        "scope": ", ".join([*kinds, *reach]) or "everything",
    }


@deed(tokens, "add")
async def add(
    parts: Parts,
    nick: Nick,
    name: Annotated[
        str, typer.Argument(metavar="NAME", callback=rule(check_token_name), help="Any name.", show_default=False)
    ],
    days: Annotated[
        int | None, typer.Option(callback=rule(check_days), help="For how many days it is good.", show_default=False)
    ] = None,
    bot: Annotated[bool, typer.Option("--bot", help="Never idle in rooms while its socket is open.")] = False,
    read_only: Annotated[bool, typer.Option("--read-only", help="It changes nothing.")] = False,
    protocol: Annotated[Words | None, typer.Option(help="Only there; may be repeated.", show_default=False)] = None,
    room: Annotated[Words | None, typer.Option(help="Only that room; may be repeated.", show_default=False)] = None,
    zone: Annotated[Words | None, typer.Option(help="Only that zone; may be repeated.", show_default=False)] = None,
    record_name: Annotated[
        Words | None,
        typer.Option(
            metavar="NAME",
            help="Only records of that name: www, @, *.lab, _acme-challenge.*; may be repeated.",
            show_default=False,
        ),
    ] = None,
    record_type: Annotated[
        Words | None,
        typer.Option(metavar="TYPE", help="Only records of that type; may be repeated.", show_default=False),
    ] = None,
) -> Record:
    """Make a token for a member. It is told here and only here."""
    account = await find_member(parts.core, nick)
    rooms = [(await find_room(parts.core, each)).id for each in room or ()]
    scope = parts.core.tokens.scope(
        protocols=protocol or (),
        rooms=rooms,
        zones=zone or (),
        names=record_name or (),
        types=record_type or (),
        bot=bot,
        read_only=read_only,
    )
    token, secret = await parts.core.tokens.add(account.id, name, scope, days)
    return record(token) | {"token": secret}


@deed(tokens, "list", OperatorRole.MODERATOR, changes=False)
async def list_all(parts: Parts, nick: Nick) -> list[Record]:
    """A member's tokens."""
    account = await find_member(parts.core, nick)
    return [record(token) for token in await parts.core.tokens.list_of(account.id)]


@deed(tokens, "revoke", light=False, tried=True)
async def revoke(
    parts: Parts,
    number: Annotated[int, typer.Argument(metavar="TOKEN", help="A token's number.", show_default=False)],
) -> Record:
    """End a token, and all that was signed in with it."""
    return record(await parts.core.tokens.revoke(TokenId(number)))
