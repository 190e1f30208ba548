"""`beseda compat run`: how far a server speaks the protocols, by playing the scenes of compat/ against it."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from beseda.cli.member import AsJson, show_json
from beseda.compat.report import Outcome, Result, junit, table
from beseda.compat.scenes import PROTOCOLS, find_scenes

if TYPE_CHECKING:
    from beseda.compat.hands import Hands

group = typer.Typer(help="How far a server speaks the protocols.", no_args_is_help=True)
TOLD_MAX = 600
"""Of what a server answered instead."""


@group.callback()
def _group() -> None:
    pass


@group.command()
def run(
    url: Annotated[str, typer.Argument(metavar="URL", help="The server: http://127.0.0.1:8080", show_default=False)],
    protocol: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help=f"Only {', '.join(PROTOCOLS)}; may be repeated.")
    ] = None,
    only: Annotated[str, typer.Option(metavar="TEXT", help="Only scenes with this in their name.")] = "",
    control: Annotated[
        str, typer.Option(metavar="URL", help="The server's control port: `beseda testing serve` prints it.")
    ] = "",
    name_server: Annotated[
        str, typer.Option(metavar="ADDRESS:PORT", help="Its name server, if it has one and no control port.")
    ] = "",
    junit_xml: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Write the results as JUnit XML too.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Play the scenes that ship with Beseda against any server.

    People of made-up names register there. What the server does not provide is not run, and told so: an operator's
    work, a clock that moves and an empty server for each scene come from a control port only.

    Ends with 0 when no scene failed and at least one passed, else with 1.
    """
    from beseda.compat.run import run as run_scenes  # with httpx, which no other command waits for

    unknown = [name for name in protocol or () if name not in PROTOCOLS]
    if unknown:
        raise typer.BadParameter(f"no protocol {unknown[0]!r}: {', '.join(PROTOCOLS)}", param_hint="--protocol")
    scenes = find_scenes(frozenset(protocol or PROTOCOLS), only)
    if not scenes:
        raise typer.BadParameter(f"no scene has {only!r} in its name", param_hint="--only")
    results: list[Result] = []
    with contextlib.closing(_hands(url, control, name_server)) as hands:
        for result in run_scenes(scenes, hands):
            results.append(result)
            if result.outcome is Outcome.FAILED:
                typer.echo(f"FAILED {result.scene.name}\n  {_short(result.why)}\n", err=True)
    if json:
        show_json([{"scene": each.scene.name, "outcome": each.outcome.value, "why": each.why} for each in results])
    else:
        for line in table(results):
            typer.echo(line)
    for why, count in _lacking(results):
        typer.echo(f"not run: {count} ({_short(why)})", err=True)
    if junit_xml is not None:
        _write(junit_xml, junit(results, url))
    outcomes = {result.outcome for result in results}
    raise typer.Exit(int(Outcome.FAILED in outcomes or Outcome.PASSED not in outcomes))


def _hands(url: str, control: str, name_server: str) -> "Hands":
    """Ends the program for an address at which nobody answers."""
    import httpx

    from beseda.compat.hands import Control, Outside

    try:
        parsed = httpx.URL(url)
        if parsed.scheme not in ("http", "https") or not parsed.host or parsed.path not in ("", "/"):
            raise typer.BadParameter("give the address without a path: http://127.0.0.1:8080", param_hint="URL")
        url = url.rstrip("/")
        if control:
            return Control(url, control.rstrip("/"))
        httpx.get(url, timeout=10)
        return Outside(url, name_server)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        _refuse(f"{control or url}: {error}")


def _lacking(results: list[Result]) -> list[tuple[str, int]]:
    """Why scenes were not run, and how many; the commonest first."""
    reasons = [result.why for result in results if result.outcome is Outcome.NOT_RUN]
    return sorted({why: reasons.count(why) for why in reasons}.items(), key=lambda each: (-each[1], each[0]))


def _short(text: str) -> str:
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return text if len(text) <= TOLD_MAX else f"{text[:TOLD_MAX]}…"


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        _refuse(f"{path}: {error.strerror}")


def _refuse(why: str) -> NoReturn:
    typer.echo(f"beseda: {why}", err=True)
    raise typer.Exit(1)
