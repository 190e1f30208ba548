"""`beseda`: what members and authors of clients do, and what operators do, where the server is installed."""

import gc
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from beseda import __version__
from beseda.cli import compat, testing
from beseda.extras import needs_server

OURS = {"compat": compat.group, "testing": testing.group}
"""What can be called without the server; what needs it in the end says so itself."""
SECTIONS = {True: "For members and authors of clients", False: "For operators"}


class Sections(TyperGroup):
    """Its help shows whose commands they are."""

    missing = ""
    """What to install before there are commands of operators."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        rows = {True: list[tuple[str, str]](), False: list[tuple[str, str]]()}
        width = max(map(len, self.commands), default=0)
        for name, command in self.commands.items():
            about = command.get_short_help_str(formatter.width - width - 6)
            rows[name in OURS].append((name.ljust(width), about))
        for ours, title in SECTIONS.items():
            if rows[ours]:
                with formatter.section(title):
                    formatter.write_dl(rows[ours])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if self.missing and args[0] not in self.commands:
            typer.echo(f"beseda: no command {args[0]!r}: {self.missing}", err=True)
            raise typer.Exit(1)
        return super().resolve_command(ctx, args)


def build() -> typer.Typer:
    """All commands, as far as what they need is installed."""
    try:
        from beseda.server.cli import app

        app.info.cls = Sections
    except ModuleNotFoundError as error:
        app = light(needs_server(error))
    return with_ours(app)


def with_ours(app: typer.Typer) -> typer.Typer:
    known = {group.name for group in app.registered_groups}
    for name, group in OURS.items():
        if name not in known:
            app.add_typer(group, name=name)
    return app


def light(missing: str = "") -> typer.Typer:
    """A program without commands of operators; `missing` says why."""
    app = typer.Typer(
        cls=type("Light", (Sections,), {"missing": missing}),
        help="A community server you host yourself.",
        epilog=f"For operators: {missing}." if missing else None,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(_options)
    return app


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"beseda {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[bool, typer.Option("--version", is_eager=True, callback=_tell_version)] = False,
) -> None:
    pass


def main() -> None:
    """The program. Exit codes: 0, 1 for a refusal, 2 for wrong usage."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if any("\udc80" <= char <= "\udcff" for word in sys.argv for char in word):
        typer.echo("beseda: the arguments are not UTF-8", err=True)
        sys.exit(2)
    sys.modules["rich"] = None  # type: ignore[assignment]  # else those who print better with it import all of it
    gc.disable()  # nothing of what importing makes is garbage, and looking takes a fifth of the time
    ours_alone = len(sys.argv) > 1 and sys.argv[1] in OURS  # the server's modules take half a second to import
    app = with_ours(light()) if ours_alone else build()
    gc.enable()
    app(prog_name="beseda")
