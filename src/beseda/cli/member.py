"""What the members' commands share: whom they ask as whom, how they answer, and how they end."""

import contextlib
import functools
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any, ParamSpec

import msgspec
import typer

from beseda.cli.profiles import Profile, Profiles, Unfound, given_profile
from beseda.client.errors import BesedaError, NotAsked, NotUnderstood, Refused, SessionEnded, Unknown
from beseda.client.secrets import Secret

P = ParamSpec("P")
REFUSED, UNREACHED, UNKNOWN, INTERRUPTED, PIPE_BROKEN = 1, 3, 4, 130, 141
"""Exit codes: no; nobody was reached, so nothing happened; it may have happened; Ctrl-C; nobody reads any more."""

AsJson = Annotated[bool, typer.Option("--json", help="Answer with one JSON value.")]


def complete_profile(incomplete: str) -> list[str]:
    """For the shell."""
    with contextlib.suppress(Unfound):
        return [profile.name for profile in Profiles().list() if profile.name.startswith(incomplete)]
    return []


ProfileName = Annotated[
    str,
    typer.Option(
        "--profile",
        metavar="NAME",
        envvar="BESEDA_PROFILE",
        help="Where one is signed in, if not at the last place.",
        autocompletion=complete_profile,
        show_default=False,
        show_envvar=False,
    ),
]


def quiet(work: Callable[P, None]) -> Callable[P, None]:
    """What a command raises ends the program with its exit code, and at most one line on standard error."""

    @functools.wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with ends():
            work(*args, **kwargs)
            sys.stdout.flush()

    return run


@contextlib.contextmanager
def ends() -> Iterator[None]:
    """The same for a block."""
    try:
        yield
    except (KeyboardInterrupt, EOFError):
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is left to be written goes nowhere
        raise typer.Exit(PIPE_BROKEN) from None
    except BesedaError as error:
        refuse(explain(error), _code(error))
    except (Unfound, ValueError) as error:
        refuse(str(error))
    except OSError as error:
        refuse(f"{error.filename}: {error.strerror}" if error.filename else str(error))


def refuse(why: str, code: int = REFUSED) -> None:
    """Say why not, and end."""
    say(f"beseda: {why}")
    raise typer.Exit(code) from None


def say(text: str) -> None:
    """To the one who sits there, not to what reads the output."""
    typer.echo(printable(text), err=True)


def explain(error: BesedaError) -> str:
    """A refusal in words."""
    if isinstance(error, SessionEnded):
        return "the token is no good any more: sign in again (beseda login)"
    if not isinstance(error, Refused):
        return str(error)
    facts = [
        f"{name.replace('_', ' ')} {value}"
        for name, value in error.facts.items()
        if name not in ("data", "request_id") and str(value) not in error.message
    ]
    words = [str(error.code).replace("_", " ")] if isinstance(error.code, str) or not error.message else []
    told = ": ".join([*words, *filter(None, [error.message])])
    wait = "" if error.retry_after_s is None else f" (again in {error.retry_after_s:g} s)"
    return told + (f": {', '.join(facts)}" if facts else "") + wait


def _code(error: BesedaError) -> int:
    match error:
        case NotAsked():
            return UNREACHED
        case Unknown() | NotUnderstood():
            return UNKNOWN
        case _:
            return REFUSED


def who(name: str, *, spaceweb: bool = False) -> tuple[Profile, Secret]:
    """As whom to ask. Raises Unfound; one of SpaceWeb alone only if that will do."""
    given = None if name else given_profile()
    if given is None:
        profiles = Profiles()
        profile = profiles.get(name)
        given = profile, profiles.secret_of(profile)
    if given[0].spaceweb and not spaceweb:
        raise Unfound(f"{given[0].name} is a server of SpaceWeb alone")
    return given


def show_json(value: object) -> None:
    """One JSON value."""
    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def show_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns two spaces apart, with titles if there are rows; the last is as long as it likes."""
    cells = [[printable(cell) for cell in row] for row in rows]
    if not cells:
        return
    table = [list(titles), *cells]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def printable(text: str) -> str:
    """One that does nothing to a terminal but show itself; lines and what joins emoji stay."""
    return "".join(char if char.isprintable() or char in "\n\u200d" else "\ufffd" for char in text)


def local_time(at: datetime) -> str:
    """In the zone of this machine, to the minute."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M")


def builtins(value: object) -> Any:
    """Results as JSON has them."""
    return msgspec.to_builtins(value)
