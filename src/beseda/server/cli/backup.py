"""`beseda backup` and `beseda restore`."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from beseda.server.cli.arguments import read_password
from beseda.server.cli.bars import bars
from beseda.server.cli.command import command
from beseda.server.cli.output import Record, show
from beseda.server.restore import BackupRefused
from beseda.server.start import Place

backups = typer.Typer()
File = Annotated[Path, typer.Argument(metavar="FILE", show_default=False)]
WithKey = Annotated[
    bool,
    typer.Option("--with-key", help="With the server's key, under a passphrase that is read from standard input."),
]


@command(backups, "backup")
def backup(place: Place, file: File, with_key: WithKey = False) -> Record:
    """Write all that the database holds into one new file, also while the server runs.

    The file is put back and looked at before it gets its name; what is wrong with the database itself is told.
    """
    from beseda.server.backup import back_up
    from beseda.server.priority import give_way

    give_way()
    passphrase = _passphrase(with_key)
    with bars(place.json) as progress:
        report = asyncio.run(back_up(place.load(), file, passphrase=passphrase, progress=progress))
    if not report.verified:
        show(report.record(), as_json=place.json)
        raise typer.Exit(1)
    return report.record()


@command(backups, "restore")
def restore(
    place: Place,
    file: File,
    with_key: WithKey = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look whether the file is whole and sound.")] = False,
    keep_serials: Annotated[
        bool,
        typer.Option("--keep-serials", help="Leave serials of zones as they were: for a copy that nobody asks."),
    ] = False,
) -> Record:
    """Put a backup back into a database that holds nothing, of either engine.

    Zones get serials above all that can have been served since, so that their secondaries go on.
    """
    from beseda.server.restore import examine
    from beseda.server.restore import restore as put_back

    if dry_run:
        with bars(place.json) as progress:
            return examine(file, progress=progress).record()
    now, passphrase = None if keep_serials else datetime.now(UTC), _passphrase(with_key)
    with bars(place.json) as progress:
        report = asyncio.run(put_back(place.load(), file, passphrase=passphrase, now=now, progress=progress))
    return report.record()


def _passphrase(wanted: bool) -> str:
    if not wanted:
        return ""
    passphrase = read_password()
    if not passphrase:
        raise BackupRefused("there is no passphrase on standard input")
    return passphrase
