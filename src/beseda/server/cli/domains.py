"""`beseda domain`: members' domains."""

from pathlib import Path
from typing import Annotated

import typer

from beseda.core.domains import NewDomain
from beseda.core.zone_files import How, Report
from beseda.domain.domains import Domain, Renewal
from beseda.domain.operators import OperatorRole
from beseda.domain.records import in_tree_order
from beseda.domain.zone_files import warnings
from beseda.server.bootstrap import Parts
from beseda.server.cli.arguments import DryRun, Nick, find_member
from beseda.server.cli.command import deed
from beseda.server.cli.keys import keys
from beseda.server.cli.output import Record, moment

domains = typer.Typer(help="Members' domains.")
zones = typer.Typer(help="What is published under them.")
domains.add_typer(zones, name="zone")
domains.add_typer(keys, name="key")
STDOUT = Path("-")
Name = Annotated[str, typer.Argument(metavar="DOMAIN", help="In letters or as xn--.", show_default=False)]


async def record(parts: Parts, domain: Domain) -> Record:
    """A domain as the command line tells it."""
    owner = (await parts.core.presence.get(domain.account_id)).account
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


@deed(domains, "remove", OperatorRole.OWNER, light=False)
async def remove(parts: Parts, name: Name, dry_run: DryRun = False) -> Record:
    """Take a domain off the account that it is on."""
    if dry_run:
        return await weigh(parts, name)
    return await record(parts, await parts.core.domains.take(name))


async def weigh(parts: Parts, name: str) -> Record:
    """A domain, and how much is in its zone, which a dry run spares."""
    domain = await parts.core.domains.find(name)
    _, sets = await parts.core.zone_files.read(None, name)
    keys = await parts.core.zone_keys.list_of(name)
    told = {"records": sum(len(each.data) for each in sets), "keys": len(keys)}
    return {**await record(parts, domain), **told}


@deed(zones, "show", OperatorRole.OBSERVER, changes=False)
async def show_zone(parts: Parts, name: Name) -> list[Record]:
    """All records of a domain's zone."""
    _, sets = await parts.core.zone_files.read(None, name)
    return [
        {"name": each.name, "ttl": each.ttl, "type": each.type, "data": data.text}
        for each in in_tree_order(sets)
        for data in each.data
    ]


@deed(zones, "export", changes=False, local=True)
async def export_zone(
    parts: Parts,
    name: Name,
    output: Annotated[
        Path, typer.Option("--output", metavar="FILE", help="Where to, if not to the terminal.")
    ] = STDOUT,
) -> Record | None:
    """Write a zone as a master file."""
    zone, content = await parts.core.zone_files.export(None, name)
    if output == STDOUT:
        typer.echo(content, nl=False)
        return None
    output.write_text(content, "utf-8")
    return {"zone": zone, "file": str(output)}


@deed(zones, "import", local=True)
async def import_zone(
    parts: Parts,
    name: Name,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A master file.", show_default=False)],
    dry_run: DryRun = False,
) -> list[Record]:
    """Make a zone what a master file says."""
    text = file.read_text("utf-8", errors="replace")
    return _told(await parts.core.zone_files.read_in(None, name, text, How(dry_run)))


@deed(zones, "check", changes=False, local=True)
async def check_zone(
    parts: Parts,
    name: Name,
    file: Annotated[Path, typer.Argument(metavar="[FILE]", help="A master file; the zone as it is if none.")] = STDOUT,
) -> list[Record]:
    """Say what a zone, or a file for it, has that resolvers will not find."""
    if file == STDOUT:
        _, sets = await parts.core.zone_files.read(None, name)
        zone = (await parts.core.domains.find(name)).name.ascii
    else:
        text = file.read_text("utf-8", errors="replace")
        zone, sets = await parts.core.zone_files.try_in(name, text)
    return [{"name": owner, "type": type_, "warning": told} for owner, type_, told in warnings(zone, sets)]


def _told(report: Report) -> list[Record]:
    """Line by line, as `diff` does."""
    return [
        {"change": sign, "name": name, "ttl": ttl, "type": type_, "data": data.text}
        for sign, records in (("-", report.removed), ("+", report.added))
        for name, type_, ttl, data in records
    ]
