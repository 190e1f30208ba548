"""`beseda support`."""

from pathlib import Path
from typing import Annotated

import typer

from beseda.server.cli.bars import bars
from beseda.server.cli.command import command
from beseda.server.cli.output import Record
from beseda.server.start import Place

supporting = typer.Typer()


@command(supporting, "support")
def support(
    place: Place,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new ZIP.", show_default=False)],
    log: Annotated[
        Path | None,
        typer.Option(help="Where the log is, if systemd's journal has it not.", show_default=False),
    ] = None,
) -> Record:
    """Write what somebody who is to help wants to know into one file.

    Versions, settings without secrets, what `doctor` finds, health and metrics of the server that runs, the last lines
    of the log. Nothing is sent anywhere. Addresses of clients stand in the log: look before you give it away.
    """
    from beseda.server.support import write_bundle

    try:
        with bars(place.json) as progress:
            return write_bundle(place, file, log, progress)
    except OSError as error:
        raise typer.BadParameter(f"{error.filename or file}: {error.strerror}") from None
