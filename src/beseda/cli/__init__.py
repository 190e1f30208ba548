"""`beseda`: what members and authors of clients do, and what operators do, where the server is installed."""

import gc
import os
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from beseda import __version__
from beseda.extras import needs_server

MEMBERS = {
    "login": "beseda.cli.login:login",
    "logout": "beseda.cli.login:logout",
    "profiles": "beseda.cli.login:profiles",
    "whoami": "beseda.cli.login:whoami",
    "chat": "beseda.cli.chat:chat",
    "mail": "beseda.cli.mail:group",
    "dns": "beseda.cli.dns:group",
    "call": "beseda.cli.call:call",
}
AUTHORS = {"compat": "beseda.cli.compat:group", "testing": "beseda.cli.testing:group"}
OURS = MEMBERS | AUTHORS
"""What can be called without the server; what needs it in the end says so itself. Imported when it is called."""
SECTIONS = {"For members": MEMBERS.keys(), "For authors of clients": AUTHORS.keys(), "For operators": None}


class Sections(TyperGroup):
    """Its help shows whose commands they are."""

    missing = ""
    """What to install before there are commands of operators."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        width = max(map(len, self.commands), default=0)
        for title, names in SECTIONS.items():
            shown = [name for name in names or self.commands if name in self.commands and (names or name not in OURS)]
            if shown:
                about = [self.commands[name].get_short_help_str(formatter.width - width - 6) for name in shown]
                with formatter.section(title):
                    formatter.write_dl([(name.ljust(width), text) for name, text in zip(shown, about, strict=True)])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if self.missing and args[0] not in self.commands:
            typer.echo(f"beseda: no command {args[0]!r}: {self.missing}", err=True)
            raise typer.Exit(1)
        return super().resolve_command(ctx, args)


def build(names: Iterable[str] = OURS) -> typer.Typer:
    """All commands, as far as what they need is installed; of ours only those of these names."""
    try:
        from beseda.server.cli import app

        app.info.cls = Sections
    except ModuleNotFoundError as error:
        app = light(needs_server(error))
    return with_ours(app, names)


def with_ours(app: typer.Typer, names: Iterable[str]) -> typer.Typer:
    known = {each.name for each in app.registered_groups} | {each.name for each in app.registered_commands}
    for name in names:
        if name in known:
            continue
        module, _, thing = OURS[name].partition(":")
        found = getattr(import_module(module), thing)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def light(missing: str = "") -> typer.Typer:
    """A program without commands of operators; `missing` says why."""
    app = typer.Typer(
        cls=type("Light", (Sections,), {"missing": missing}),
        help="A community server you host yourself.",
        epilog=f"For operators: {missing}." if missing else None,
        no_args_is_help=True,
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
    """The program but for what `beseda.__main__` does before, which has the collector of garbage off."""
    if any("\udc80" <= char <= "\udcff" for word in sys.argv for char in word):
        typer.echo("beseda: the arguments are not UTF-8", err=True)
        sys.exit(2)
    first = _first_word()
    if first in OURS:  # the server's modules take half a second to import
        app = with_ours(light(), [first])
    else:
        app = build(() if first[:1].isalpha() and not _is_completing() else OURS)
    gc.enable()
    app(prog_name="beseda")


def _is_completing() -> bool:
    """Whether a shell asks what could stand there."""
    return "_BESEDA_COMPLETE" in os.environ


def _first_word() -> str:
    """The command that is called, or completed."""
    if _is_completing():
        asked = os.environ.get("_TYPER_COMPLETE_ARGS") or os.environ.get("COMP_WORDS", "")
        return (*asked.split(), "", "")[1]
    return sys.argv[1] if len(sys.argv) > 1 else ""
