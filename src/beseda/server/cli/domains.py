"""`beseda domain`: members' domains."""

from typing import Annotated

import typer

from beseda.core.domains import NewDomain
from beseda.domain.domains import Domain, Renewal
from beseda.domain.operators import OperatorRole
from beseda.server.bootstrap import Parts
from beseda.server.cli.arguments import Nick, find_member
from beseda.server.cli.command import deed
from beseda.server.cli.output import Record, moment

domains = typer.Typer(help="Members' domains.")
Name = Annotated[str, typer.Argument(metavar="DOMAIN", help="In letters or as xn--.", show_default=False)]


async def record(parts: Parts, domain: Domain) -> Record:
    """A domain as the command line tells it."""
    owner = (await parts.core.presence.look(domain.account_id)).account
    return {
        "name": domain.name.readable,
        "ascii": domain.name.ascii,
        "nick": owner.nick,
        "renewal": domain.renewal.value,
        "directory": domain.directory,
        "created": moment(domain.created_at),
    }


@deed(domains, "add", OperatorRole.OWNER)
async def add(
    parts: Parts,
    nick: Nick,
    name: Name,
    renewal: Annotated[Renewal, typer.Option(help="How it is renewed.")] = Renewal.MANUAL,
    directory: Annotated[str, typer.Option(help="Where its site lives.")] = "",
) -> Record:
    """Put a domain on a member's account."""
    account = await find_member(parts.core, nick)
    return await record(parts, await parts.core.domains.give(account.id, NewDomain(name, renewal, directory)))


@deed(domains, "list", OperatorRole.OBSERVER, changes=False)
async def list_of(parts: Parts, nick: Nick) -> list[Record]:
    """A member's domains by name."""
    account = await find_member(parts.core, nick)
    found: list[Record] = []
    while page := await parts.core.domains.list_of(account.id, offset=len(found)):
        found += [await record(parts, domain) for domain in page]
    return found


@deed(domains, "show", OperatorRole.OBSERVER, changes=False)
async def show(parts: Parts, name: Name) -> Record:
    """A domain and whose it is."""
    return await record(parts, await parts.core.domains.find(name))


@deed(domains, "remove", OperatorRole.OWNER)
async def remove(parts: Parts, name: Name) -> Record:
    """Take a domain off the account that it is on."""
    return await record(parts, await parts.core.domains.take(name))
