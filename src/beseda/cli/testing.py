"""`beseda testing serve`: a server for tests in other languages than Python."""

import signal
import sys
import threading
from typing import Annotated, NoReturn

import typer

from beseda.extras import needs_server

group = typer.Typer(help="For tests of clients.", no_args_is_help=True)
Address = Annotated[str, typer.Option(metavar="HOST:PORT", help="A free port of this machine by default.")]


@group.callback()
def _group() -> None:
    pass


@group.command()
def serve(
    listen: Address = "127.0.0.1:0",
    control: Address = "127.0.0.1:0",
    until_eof: Annotated[bool, typer.Option("--until-eof", help="End when standard input does.")] = False,
) -> None:
    """Run a server with an empty database and a clock that tests move.

    The first line of the output is JSON: the address of the server (`url`), and the one at which tests ask for members,
    rooms, troubles and time (`control`; docs/testing.md). Ends with Ctrl-C or SIGTERM.
    """
    try:
        from beseda.server.config import ConfigError
        from beseda.testing.control import Control, told
    except ModuleNotFoundError as error:
        _refuse(needs_server(error))
    except ImportError as error:
        _refuse(str(error))
    ended = threading.Event()
    try:
        with Control(listen, control) as running:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: ended.set())
            if until_eof:
                threading.Thread(target=_wait_for_eof, args=[ended], daemon=True).start()
            typer.echo(told(running))
            sys.stdout.flush()
            ended.wait()
    except (ConfigError, OSError) as error:
        _refuse(str(error))


def _wait_for_eof(ended: threading.Event) -> None:
    sys.stdin.buffer.read()
    ended.set()


def _refuse(why: str) -> NoReturn:
    typer.echo(f"beseda: {why}", err=True)
    raise typer.Exit(1)
