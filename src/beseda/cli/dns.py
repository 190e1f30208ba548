"""`beseda dns`: the member's domains, and their records."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beseda.cli.member import AsJson, ProfileName, builtins, quiet, show_json, show_table, who
from beseda.client.errors import NotFound, Refused

if TYPE_CHECKING:
    from beseda.client._sync.spaceweb import SpaceWeb
    from beseda.wire.spaceweb.zone import Change, RecordView

group = typer.Typer(help="Your domains and their records.", no_args_is_help=True)
Domain = Annotated[str, typer.Argument(metavar="DOMAIN", show_default=False)]
Name = Annotated[
    str, typer.Argument(metavar="NAME", help="Relative to the domain; @ is the domain itself.", show_default=False)
]
Type = Annotated[str, typer.Argument(metavar="TYPE", help="A, MX, TXT and so on.", show_default=False)]
Data = Annotated[
    list[str], typer.Argument(metavar="DATA...", help="As in a master file, one a record.", show_default=False)
]
SomeData = Annotated[
    list[str] | None, typer.Argument(metavar="[DATA]...", help="Which; all if not given.", show_default=False)
]
Ttl = Annotated[int | None, typer.Option(metavar="SECONDS", help="Time to live.", show_default=False)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]


@contextmanager
def _signed_in(profile: str) -> "Iterator[SpaceWeb]":
    from beseda.client._sync.spaceweb import SpaceWeb

    found, secret = who(profile, spaceweb=True)
    with SpaceWeb(found.rpc_url, token=secret.reveal()) as api:
        try:
            yield api
        except Refused as refused:
            raise _explained(refused) from None


def _explained(refused: Refused) -> Refused:
    """A server that says what is wrong with which record says it in English beside its message."""
    data = refused.facts.get("data")
    if not isinstance(data, dict) or not (told := data.get("details") or data.get("detail")):
        return refused
    text = "; ".join(map(str, told)) if isinstance(told, list) else str(told)
    return type(refused)(refused.code, text)


@group.command("list")
@quiet
def list_domains(profile: ProfileName = "", json: AsJson = False) -> None:
    """Your domains."""
    with _signed_in(profile) as api:
        rows = list(api.domains.list())
    if json:
        show_json(builtins(rows))
        return
    for row in rows:
        typer.echo(row.fqdn_readable)


@group.command()
@quiet
def show(domain: Domain, profile: ProfileName = "", json: AsJson = False) -> None:
    """The records of a domain."""
    with _signed_in(profile) as api:
        try:
            sets = api.zone(domain).read().sets
            rows = [[each.name, str(each.ttl), each.type, data] for each in sets for data in each.data]
        except NotFound:  # a server of SpaceWeb that is no Beseda, or no such domain
            records = api.dns(domain).records()
            rows = [[each.host or "@", str(each.ttl_s or ""), each.type, each.value] for each in records]
    if json:
        names = ("name", "ttl", "type", "data")
        show_json([dict(zip(names, row, strict=True)) | {"ttl": int(row[1]) if row[1] else None} for row in rows])
    else:
        show_table(["NAME", "TTL", "TYPE", "DATA"], rows)


@group.command("set")
@quiet
def set_records(
    domain: Domain,
    name: Name,
    type: Type,  # noqa: A002 - DNS's word
    data: Data,
    ttl: Ttl = None,
    dry_run: DryRun = False,
    profile: ProfileName = "",
    json: AsJson = False,
) -> None:
    """Make the records of a name and type exactly these. Shows which went (-) and came (+)."""
    with _signed_in(profile) as api:
        _show(api.zone(domain).set(name, type, data, ttl_s=ttl, dry_run=dry_run), as_json=json)


@group.command()
@quiet
def add(
    domain: Domain,
    name: Name,
    type: Type,  # noqa: A002 - DNS's word
    data: Data,
    ttl: Ttl = None,
    dry_run: DryRun = False,
    profile: ProfileName = "",
    json: AsJson = False,
) -> None:
    """See to it that records are there; others of the same name and type stay."""
    with _signed_in(profile) as api:
        _show(api.zone(domain).add(name, type, data, ttl_s=ttl, dry_run=dry_run), as_json=json)


@group.command()
@quiet
def remove(
    domain: Domain,
    name: Name,
    type: Type,  # noqa: A002 - DNS's word
    data: SomeData = None,
    dry_run: DryRun = False,
    profile: ProfileName = "",
    json: AsJson = False,
) -> None:
    """See to it that records are not there."""
    with _signed_in(profile) as api:
        _show(api.zone(domain).remove(name, type, data or (), dry_run=dry_run), as_json=json)


@group.command("import")
@quiet
def import_file(
    domain: Domain,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A master file; - is standard input.")],
    dry_run: DryRun = False,
    profile: ProfileName = "",
    json: AsJson = False,
) -> None:
    """Make the whole zone what a file says, all or nothing."""
    try:
        text = (sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()).decode()
    except UnicodeDecodeError:
        raise typer.BadParameter(f"{file} is not UTF-8", param_hint="FILE") from None
    with _signed_in(profile) as api:
        _show(api.zone(domain).import_file(text, dry_run=dry_run), as_json=json)


@group.command()
@quiet
def export(domain: Domain, profile: ProfileName = "") -> None:
    """The zone as a master file."""
    with _signed_in(profile) as api:
        try:
            text = api.zone(domain).export()
        except NotFound:  # the same
            text = api.dns(domain).zone_file()
    typer.echo(text, nl=not text.endswith("\n"))


def _show(change: "Change", *, as_json: bool) -> None:
    if as_json:
        show_json(builtins(change))
        return
    for sign, records in (("-", change.removed), ("+", change.added)):
        for record in records:
            typer.echo(f"{sign} {_line(record)}")


def _line(record: "RecordView") -> str:
    return f"{record.name} {record.ttl} {record.type} {record.data}"
