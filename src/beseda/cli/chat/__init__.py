"""`beseda chat`: talking in rooms from a terminal."""

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from beseda.cli.member import ProfileName, quiet, refuse, who

if TYPE_CHECKING:
    from beseda.cli.chat.talk import Talk
    from beseda.client._async.live import AsyncLive

HISTORY = 50


@quiet
def chat(
    rooms: Annotated[
        list[str],
        typer.Argument(metavar="ROOM...", help="The rooms' names; one is opened if need be.", show_default=False),
    ],
    password: Annotated[
        str,
        typer.Option(
            metavar="TEXT",
            help="Of a locked room.",
            envvar="BESEDA_ROOM_PASSWORD",
            show_envvar=False,
            show_default=False,
        ),
    ] = "",
    history: Annotated[int, typer.Option(min=0, max=200, help="How many earlier lines to show.")] = HISTORY,
    plain: Annotated[
        bool, typer.Option("--plain", help="Line by line, for pipes and screen readers; so it is when piped.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Lines as JSON objects; implies --plain.")] = False,
    stay: Annotated[bool, typer.Option("--stay", help="Go on reading when standard input ends.")] = False,
    profile: ProfileName = "",
) -> None:
    """Talk in rooms.

    In a terminal it has the lines on the left, the people on the right, and Tab completes nicks and commands; /help
    lists them. With --plain, what happens is a line of the output, and each line of the input is said. It ends with
    Ctrl-C, or when the input does.
    """
    plain = plain or json or not sys.stdin.isatty() or not sys.stdout.isatty() or os.environ.get("TERM") == "dumb"
    found, secret = who(profile)
    if not plain:
        try:
            import prompt_toolkit  # noqa: F401
        except ImportError:
            refuse("the terminal client is not installed here: pip install 'beseda[chat]', or take --plain")
    from beseda.client._async.live import AsyncLive

    async def run() -> None:
        async with AsyncLive(found.url, token=secret.reveal()) as live:
            await live.connect()
            await _talk(live, rooms, password, history, plain=plain, json=json, stay=stay)

    asyncio.run(run())


async def _talk(
    live: "AsyncLive", rooms: list[str], password: str, history: int, *, plain: bool, json: bool, stay: bool
) -> None:
    from beseda.cli.chat.talk import Talk

    talk = Talk(live, history)
    try:
        for name in rooms:
            await talk.open(name, password)
        talk.show(talk.rooms[0])
        await _view(talk, plain=plain, json=json, stay=stay)
    finally:
        await talk.close()


async def _view(talk: "Talk", *, plain: bool, json: bool, stay: bool) -> None:
    if plain:
        from beseda.cli.chat.plain import Plain

        await Plain(talk, as_json=json, stays=stay).run()
    else:
        from beseda.cli.chat.screen import Screen

        await Screen(talk).run()
