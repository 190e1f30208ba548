"""`beseda serve`, `demo`, `migrate` and `doctor`."""

import tempfile
from dataclasses import replace
from typing import Annotated

import typer

from beseda.adapters.sql.schema import SCHEMA
from beseda.domain.operators import OperatorRole
from beseda.server.bootstrap import Parts
from beseda.server.cli.arguments import DryRun
from beseda.server.cli.bars import bars
from beseda.server.cli.command import command, deed
from beseda.server.cli.output import Record, show
from beseda.server.config import Config
from beseda.server.start import Place
from beseda.server.start import serve as run_server

server = typer.Typer()
DEMO_DNS = "127.0.0.1:5300"
Listen = Annotated[
    str | None,
    typer.Option(metavar="HOST:PORT", help="Where to listen: 127.0.0.1:8080 by default.", show_default=False),
]
New = Annotated[
    bool, typer.Option("--new", help="Begin with an empty database, though the data folder shows that there was one.")
]


@command(server, "serve")
def serve(place: Place, listen: Listen = None, new: New = False) -> None:
    """Run the server until SIGTERM, SIGHUP or Ctrl-C."""
    raise typer.Exit(run_server(place, listen=listen, new=new))


@command(server, "demo")
def demo(place: Place, listen: Listen = None) -> None:
    """Run a server with something to try in it.

    It has rooms, members and domains, in a data folder that is removed at the end.
    """
    from beseda.server.demo import greet
    from beseda.server.run import run

    if place.data or place.database:
        raise typer.BadParameter("the demo has data of its own")
    with tempfile.TemporaryDirectory(prefix="beseda-demo-") as folder:
        config = place.load(data=folder, database="", listen=listen, ops_listen="127.0.0.1:0", workers=1)
        config = replace(config, dns=replace(config.dns, listen=config.dns.listen or [DEMO_DNS]))
        raise typer.Exit(run(config, lambda beseda: greet(beseda, config)))


async def _plan(config: Config) -> Record:
    from beseda.server.upgrade import plan

    return await plan(config)


@deed(server, "migrate", OperatorRole.OWNER, unopened=_plan)
async def migrate(parts: Parts, dry_run: DryRun = False) -> Record:
    """Bring the database to this version's schema."""
    if dry_run:
        return {"schema": SCHEMA, "to": SCHEMA, "due": False, "backup_before": False}
    return {"schema": SCHEMA, "migrated": parts.migrated}


@command(server, "doctor")
def doctor(place: Place) -> None:
    """Look whether all is well, and end with 1 if not."""
    from beseda.server.doctor import examine

    with bars(place.json) as progress:
        findings = [finding.record() for finding in examine(place.load, progress)]
    show(findings, as_json=place.json)
    raise typer.Exit(0 if all(finding["ok"] for finding in findings) else 1)
