"""`beseda domain requests`, `approve`, `deny`, `hand-over`: whose names become, where an operator decides."""

from typing import Annotated

import typer

from beseda.domain.domains import Domain
from beseda.domain.operators import OperatorRole
from beseda.domain.ownership import REASON_MAX, DomainRequest
from beseda.server.bootstrap import Parts
from beseda.server.cli.arguments import DryRun, Nick, find_member
from beseda.server.cli.command import deed
from beseda.server.cli.domains import Name, domains, record, weigh
from beseda.server.cli.output import Record, moment

Number = Annotated[int, typer.Argument(metavar="REQUEST", help="A request's number.", show_default=False)]


def _check_reason(reason: str) -> str:
    if len(reason) > REASON_MAX or not reason.isprintable():
        raise typer.BadParameter(f"a reason is one line of at most {REASON_MAX} characters")
    return reason


async def _told(parts: Parts, request: DomainRequest) -> Record:
    nick = (await parts.core.presence.get(request.account_id)).account.nick
    state = {"denied": moment(request.denied_at), "reason": request.reason} if request.denied_at else {}
    return {
        "number": request.id,
        "name": request.name.readable,
        "ascii": request.name.ascii,
        "nick": nick,
        "asked": moment(request.asked_at),
        **state,
    }


@deed(domains, "requests", OperatorRole.OBSERVER, changes=False)
async def requests(
    parts: Parts,
    denied: Annotated[bool, typer.Option("--denied", help="Those that were denied in the last week.")] = False,
) -> list[Record]:
    """Names that members ask for, the oldest first."""
    return [await _told(parts, each) for each in await parts.core.ownership.requests(denied=denied)]


@deed(domains, "approve", OperatorRole.OWNER, tried=True)
async def approve(parts: Parts, number: Number) -> Record:
    """Give a member the name that he asked for; who else asked for it hears that it is taken."""
    return await record(parts, await parts.core.domains.approve(number))


@deed(domains, "deny", OperatorRole.OWNER, tried=True)
async def deny(
    parts: Parts,
    number: Number,
    reason: Annotated[str, typer.Option(callback=_check_reason, help="What the member is told.")] = "",
) -> Record:
    """Deny a member the name that he asked for. For a week he is told so, then he may ask again."""
    return await _told(parts, await parts.core.ownership.deny(number, reason))


@deed(domains, "hand-over", OperatorRole.OWNER, light=False)
async def hand_over(parts: Parts, name: Name, nick: Nick, dry_run: DryRun = False) -> Record:
    """Put a member's domain on another's account, with its records. Its keys are worthless then."""
    account = await find_member(parts.core, nick)
    if dry_run:
        return {**await weigh(parts, name), "to": account.nick}
    domain: Domain = await parts.core.handovers.hand_over(name, account.id)
    return await record(parts, domain)
