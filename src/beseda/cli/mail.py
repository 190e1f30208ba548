"""`beseda mail`: the member's letters."""

import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from beseda.cli.member import AsJson, ProfileName, builtins, local_time, printable, quiet, show_json, show_table, who

if TYPE_CHECKING:
    from beseda.client._sync.live import Live

group = typer.Typer(help="Your letters.", no_args_is_help=True)
Nick = Annotated[str, typer.Argument(metavar="NICK", help="The other's nick.", show_default=False)]
LISTS = ("inbox", "unread", "favourite", "archive", "spam", "garbage")


@contextmanager
def signed_in(profile: str) -> "Iterator[Live]":
    from beseda.client._sync.live import Live

    found, secret = who(profile)
    with Live(found.url, token=secret.reveal()) as live:
        live.connect()
        yield live


@group.command("list")
@quiet
def list_threads(
    shown: Annotated[str, typer.Option("--list", metavar="NAME", help=f"Which list: {', '.join(LISTS)}.")] = "inbox",
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    profile: ProfileName = "",
    json: AsJson = False,
) -> None:
    """With whom there are letters, the latest first."""
    from beseda.client.live_types import MailList

    if shown not in LISTS:
        raise typer.BadParameter(f"no list {shown!r}: {', '.join(LISTS)}", param_hint="--list")
    with signed_in(profile) as live:
        threads = list(itertools.islice(live.mail.threads(MailList(shown)), limit))
    if json:
        show_json(builtins(threads))
        return
    rows = [
        [
            thread.account.nick,
            str(thread.unread or ""),
            local_time(thread.last.at) if thread.last else "",
            _first_line(thread.last.text) if thread.last else "",
        ]
        for thread in threads
    ]
    show_table(["NICK", "NEW", "LAST", ""], rows)


@group.command()
@quiet
def read(
    nick: Nick,
    limit: Annotated[int, typer.Option(min=1, help="How many of the newest.")] = 20,
    unread: Annotated[bool, typer.Option("--unread", help="Only those that you have not read.")] = False,
    peek: Annotated[bool, typer.Option("--peek", help="They stay unread.")] = False,
    profile: ProfileName = "",
    json: AsJson = False,
) -> None:
    """Letters exchanged with somebody, the newest last; they are read then."""
    with signed_in(profile) as live:
        other = live.people.get(nick)
        thread = live.mail.thread(other)
        newest = live.mail.letters(thread) if thread else iter(())
        if unread:
            newest = (each for each in newest if each.received and each.read_ms is None)
        letters = list(itertools.islice(newest, limit))[::-1]
        if thread and thread.unread and not peek:
            live.mail.mark_read(thread.contact)
        me = live.me.nick
    if json:
        show_json(builtins(letters))
        return
    for letter in letters:
        author = other.nick if letter.received else me
        text = printable(letter.text).replace("\n", "\n  ")
        typer.echo(f"{local_time(letter.at)}  {printable(author)}\n  {text}")


@group.command()
@quiet
def send(
    nick: Nick,
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help="Standard input if not given.", show_default=False)
    ] = None,
    answers: Annotated[
        int | None, typer.Option(metavar="LETTER", help="The number of the letter that it answers.", show_default=False)
    ] = None,
    profile: ProfileName = "",
    json: AsJson = False,
) -> None:
    """Write somebody a letter."""
    if text is None:
        try:
            text = sys.stdin.buffer.read().decode().rstrip("\n")
        except UnicodeDecodeError:
            raise typer.BadParameter("the letter on standard input is not UTF-8") from None
    with signed_in(profile) as live:
        letter = live.mail.send(live.people.get(nick), text, answers=answers)
    if json:
        show_json(builtins(letter))


def _first_line(text: str) -> str:
    first, _, more = text.partition("\n")
    return first[:59] + "…" if more or len(first) > 60 else first
