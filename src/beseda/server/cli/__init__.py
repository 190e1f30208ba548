"""What operators do: run the server, and work beside it, also while it runs."""

from typing import Annotated

import typer

import beseda.server.cli.ownership  # noqa: F401 - commands of `beseda domain`
from beseda import __version__
from beseda.server.cli.accounts import accounts, invites
from beseda.server.cli.announcements import announcements
from beseda.server.cli.apps import apps
from beseda.server.cli.backup import backups
from beseda.server.cli.billing import balances
from beseda.server.cli.command import AsJson, ConfigFile, Data, Database
from beseda.server.cli.domains import domains
from beseda.server.cli.explain import explaining
from beseda.server.cli.limits import limits
from beseda.server.cli.operations import name_groups
from beseda.server.cli.operators import audits, operators
from beseda.server.cli.reports import reports
from beseda.server.cli.rooms import rooms
from beseda.server.cli.server import server
from beseda.server.cli.support import supporting
from beseda.server.cli.tokens import tokens
from beseda.server.start import Place

app = typer.Typer(
    help="A community server you host yourself.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(server)
app.add_typer(backups)
app.add_typer(accounts, name="account")
app.add_typer(invites, name="invite")
app.add_typer(rooms, name="room")
app.add_typer(apps, name="app")
app.add_typer(tokens, name="token")
app.add_typer(domains, name="domain")
app.add_typer(balances, name="balance")
app.add_typer(operators, name="operator")
app.add_typer(audits, name="audit")
app.add_typer(reports, name="report")
app.add_typer(announcements, name="announcement")
app.add_typer(limits, name="limit")
app.add_typer(explaining)
app.add_typer(supporting)
name_groups(app)


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"beseda {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    data: Data = None,
    database: Database = None,
    config: ConfigFile = None,
    json: AsJson = False,
    version: Annotated[bool, typer.Option("--version", is_eager=True, callback=_tell_version)] = False,
) -> None:
    context.obj = Place(data, database, config, json)
