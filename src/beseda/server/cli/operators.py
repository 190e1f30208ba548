"""`beseda operator` and `beseda audit`: who may work over HTTP or in a browser, and what was done."""

from enum import StrEnum
from typing import Annotated

import typer

from beseda.domain.ids import MAX_ID, OperatorTokenId
from beseda.domain.operators import OperatorRole, OperatorToken
from beseda.domain.sessions import check_app_name
from beseda.server.bootstrap import Parts
from beseda.server.cli.arguments import Nick, find_member, rule
from beseda.server.cli.command import deed
from beseda.server.cli.output import Record, moment

operators = typer.Typer(help="Who may work over HTTP, by a token, or in a browser, as a member.")
audits = typer.Typer(help="What operators did.")
PAGE_MAX = 1_000


class RoleName(StrEnum):
    """As people write them."""

    OBSERVER = "observer"
    MODERATOR = "moderator"
    OWNER = "owner"


def record(token: OperatorToken) -> dict[str, object]:
    """A token as the command line tells it."""
    used = moment(token.used_at) if token.used_at else None
    role = token.role.name.lower()
    return {"id": token.id, "name": token.name, "role": role, "created": moment(token.created_at), "used": used}


@deed(operators, "add", OperatorRole.OWNER)
async def add(
    parts: Parts,
    name: Annotated[
        str, typer.Argument(metavar="NAME", callback=rule(check_app_name), help="Whose it is.", show_default=False)
    ],
    role: Annotated[RoleName, typer.Option(help="What it may; a higher one may all that a lower one may.")],
) -> Record:
    """Make a token for the admin's API. It is told here and only here."""
    token, secret = await parts.core.operators.add_token(name, OperatorRole[role.name])
    return record(token) | {"token": secret}


@deed(operators, "list", OperatorRole.OWNER, changes=False)
async def list_all(parts: Parts) -> list[Record]:
    """All tokens, and when each was last used."""
    return [record(token) for token in await parts.core.operators.list_tokens()]


@deed(operators, "revoke", OperatorRole.OWNER, light=False, tried=True)
async def revoke(
    parts: Parts, token: Annotated[int, typer.Argument(metavar="ID", min=1, max=MAX_ID, show_default=False)]
) -> Record:
    """End a token."""
    if not await parts.core.operators.revoke(OperatorTokenId(token)):
        raise typer.BadParameter(f"there is no token {token}")
    return {"id": token, "revoked": True}


@deed(operators, "grant", OperatorRole.OWNER, light=False, tried=True)
async def grant(
    parts: Parts,
    nick: Nick,
    role: Annotated[RoleName, typer.Option(help="What he may; a higher one may all that a lower one may.")],
) -> Record:
    """Let a member work on the admin's pages; if he has no second factor, they lead him to it first."""
    account = await find_member(parts.core, nick)
    await parts.core.operators.grant(account.id, OperatorRole[role.name])
    safe = await parts.core.operators.is_safe(account.id)
    return {"id": account.id, "nick": account.nick, "role": role.value, "second_factor": safe}


@deed(operators, "withdraw", OperatorRole.OWNER, light=False, tried=True)
async def withdraw(parts: Parts, nick: Nick) -> Record:
    """Let a member work on the admin's pages no longer."""
    account = await find_member(parts.core, nick)
    return {"id": account.id, "nick": account.nick, "withdrawn": await parts.core.operators.withdraw(account.id)}


@deed(operators, "members", OperatorRole.OWNER, changes=False)
async def list_members(parts: Parts) -> list[Record]:
    """Members who work on the admin's pages, since when, and whether they have the second factor that it takes."""
    return [
        {
            "id": each.account.id,
            "nick": each.account.nick,
            "role": each.role.name.lower(),
            "since": moment(each.since),
            "second_factor": await parts.core.operators.is_safe(each.account.id),
        }
        for each in await parts.core.operators.list_members()
    ]


@deed(audits, "list", OperatorRole.OWNER, changes=False)
async def list_audit(
    parts: Parts,
    limit: Annotated[int, typer.Option(min=1, max=PAGE_MAX, help="How many.")] = 100,
    before: Annotated[int, typer.Option(min=1, max=MAX_ID, help="Older than this entry.", show_default=False)] = MAX_ID,
) -> list[Record]:
    """What operators changed, or tried to, the newest first."""
    return [
        {
            "id": each.id,
            "at": moment(each.at),
            "who": each.who,
            "command": each.command,
            "arguments": each.arguments,
            "outcome": each.outcome,
        }
        for each in await parts.core.operators.audit(before=before, limit=limit)
    ]
