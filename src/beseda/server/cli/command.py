"""What all commands share: the options that say which server is meant, its core, how they answer and refuse."""

import asyncio
import functools
import getpass
import inspect
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from beseda.core.rehearsal import rehearsal
from beseda.domain.operators import OperatorRole
from beseda.server.bootstrap import Parts, open_core
from beseda.server.cli.arguments import DryRun
from beseda.server.cli.bars import bars
from beseda.server.cli.operations import DRY_RUN, OPERATIONS, Operation
from beseda.server.cli.output import Answer, explain, show, show_refusal
from beseda.server.config import Config, LogConfig
from beseda.server.logs import configure_logs
from beseda.server.progress import LOOKED_ON
from beseda.server.start import Place
from beseda.server.storage import Absent

Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Folder of the data.", show_default=False)]
Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="Where the data is, if not in the folder; others on this machine see a password in it,"
        " but not one in BESEDA_SERVER_DATABASE or in the file.",
        show_default=False,
    ),
]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Configuration in TOML.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer with one JSON value.")]


def _parameter(name: str, annotation: Any, default: object = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=annotation, default=default)


CONTEXT = _parameter("context", typer.Context)
SHARED = [
    _parameter("data", Data, None),
    _parameter("database", Database, None),
    _parameter("config", ConfigFile, None),
    _parameter("json", AsJson, False),
]
"""Options that stand before the command, or after it, where they win."""


Work = TypeVar("Work", bound=Callable[..., Any])


def command(group: typer.Typer, name: str) -> Callable[[Work], Work]:
    """Make a command of a function that gets the Place first, then its own arguments; what it returns is shown."""

    def register(work: Work) -> Work:
        own = list(inspect.signature(work).parameters.values())[1:]

        def run(context: typer.Context, **given: Any) -> None:
            place = context.ensure_object(Place).but(Place(**{each.name: given.pop(each.name) for each in SHARED}))
            answer = _answer(place, lambda: work(place, **given))
            if answer is not None:
                show(answer, as_json=place.json)

        parameters = [CONTEXT, *own, *SHARED]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {each.name: each.annotation for each in parameters}
        group.command(name, help=inspect.getdoc(work))(run)
        return work

    return register


Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]
YES = _parameter("yes", Yes, False)
"""Before what cannot be undone."""


def deed(
    group: typer.Typer,
    name: str,
    least: OperatorRole = OperatorRole.OWNER,
    *,
    changes: bool = True,
    grave: bool = False,
    light: bool = True,
    local: bool = False,
    tried: bool = False,
    unopened: Callable[[Config], Awaitable[Answer]] | None = None,
) -> Callable[[Work], Work]:
    """Make an operation of an async function that gets an open core first, then its own arguments.

    It is a command of the command line, a call of the admin's API that a token of role `least` may make, and a form on
    the admin's pages. Those that change something are noted; the command line asks before those that are `grave`, the
    pages also before those that are not `light`. Those that are `local` read or write files of whoever gives them, and
    are no calls: these would be the server's files. Those that can be `tried` take `dry_run`, with which all is done,
    whatever refuses it too, and taken back: their answers are made of what the deed returns, not of what is read
    afterwards. Others that take it look what they would do. `unopened` answers a dry run where opening the database
    would change it.
    """

    def register(done: Work) -> Work:
        work = _tried(done) if tried else done
        operation = Operation(group, name, least, changes, work, grave, light and not grave)
        if not local:
            OPERATIONS.append(operation)

        def run(place: Place, *, yes: bool = False, **given: Any) -> Answer:
            if grave and not yes and not given.get(DRY_RUN):
                _ask(operation.title)
            if unopened is not None and given.get(DRY_RUN):
                return asyncio.run(_awaited(unopened(place.load())))
            return asyncio.run(_with_core(place, lambda parts: operation.run(parts, _user(), given)))

        own = list(inspect.signature(work).parameters.values())
        run.__doc__ = work.__doc__
        run.__signature__ = inspect.Signature([*own, YES] if grave else own)  # type: ignore[attr-defined]
        command(group, name)(run)
        return done

    return register


def _tried(work: Callable[..., Awaitable[Answer]]) -> Callable[..., Awaitable[Answer]]:
    """The same with `dry_run`; the answer then says so."""

    @functools.wraps(work)
    async def run(parts: Parts, *, dry_run: bool = False, **given: Any) -> Answer:
        if not dry_run:
            return await work(parts, **given)
        with rehearsal():
            answer = await work(parts, **given)
        return {**(answer if isinstance(answer, Mapping) else {}), DRY_RUN: True}

    own = inspect.signature(work).parameters.values()
    run.__signature__ = inspect.Signature([*own, _parameter(DRY_RUN, DryRun, False)])  # type: ignore[attr-defined]
    return run


async def _awaited(answer: Awaitable[Answer]) -> Answer:
    return await answer


def _ask(what: str) -> None:
    """Ends the program unless somebody says yes."""
    if not sys.stdin.isatty():
        raise typer.BadParameter("this cannot be undone: say --yes")
    typer.confirm(f"{what} This cannot be undone. Go on?", abort=True)


def _user() -> str:
    return f"{getpass.getuser()} (command line)"


def _answer(place: Place, work: Callable[[], Answer]) -> Answer:
    """What the work returns; a refusal is told and ends the program with 1."""
    try:
        return work()
    except Exception as error:
        refusal = explain(error)
        if refusal is None:
            raise
        show_refusal(refusal, as_json=place.json)
        raise typer.Exit(1) from None


async def _with_core(place: Place, work: Callable[[Parts], Awaitable[Answer]]) -> Answer:
    config = place.load()
    configure_logs(LogConfig(format=config.log.format, level="warning"), libraries=False)
    with bars(place.json) as progress:
        LOOKED_ON.set(progress)
        async with open_core(config, absent=Absent.REFUSE) as parts:
            return await work(parts)
