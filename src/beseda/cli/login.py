"""`beseda login`, `logout`, `profiles`: signing in once, for all that follows."""

import contextlib
import getpass
import socket
import sys
from typing import Annotated
from urllib.parse import urlsplit

import typer

from beseda.cli.member import (
    AsJson,
    ProfileName,
    builtins,
    complete_profile,
    quiet,
    refuse,
    say,
    show_json,
    show_table,
    who,
)
from beseda.cli.profiles import Profile, Profiles
from beseda.client.errors import Refused
from beseda.client.secrets import Secret

ThatProfile = Annotated[
    str,
    typer.Argument(
        metavar="[NAME]",
        help="The profile, if not the current one.",
        show_default=False,
        autocompletion=complete_profile,
    ),
]


@quiet
def login(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where: https://chat.example.org", show_default=False)],
    nick: Annotated[
        str, typer.Option(metavar="NICK", help="Nick, e-mail or phone; asked for if not given.", show_default=False)
    ] = "",
    profile: Annotated[
        str, typer.Option(metavar="NAME", help="What to call it; the host if not given.", show_default=False)
    ] = "",
    days: Annotated[int, typer.Option(min=1, max=3660, help="For how long.")] = 365,
    token: Annotated[bool, typer.Option("--token", help="Sign in by a personal token, given as the password.")] = False,
    spaceweb: Annotated[
        bool, typer.Option("--spaceweb", help="A server of SpaceWeb alone: only for call, dns.")
    ] = False,
) -> None:
    """Sign in, for the other commands.

    The password is asked for, or read from one line of standard input, and not kept: a personal token is made with it
    and kept in the platform's keyring if the package keyring is installed, else in a file that only you can read.
    """
    url = _address(url)
    if not nick and not token:
        if not sys.stdin.isatty():
            raise typer.BadParameter("say who you are", param_hint="--nick")
        nick = typer.prompt("Nick", err=True)
    secret = Secret(_password("Token: " if token else "Password: "))
    made = Profile(name=profile or urlsplit(url).netloc, url=url, nick=nick, spaceweb=spaceweb)
    profiles = Profiles()
    if spaceweb:
        made, secret = _at_spaceweb(made, secret, is_token=token)
    else:
        made, secret = _at_beseda(profiles, made, secret, days, is_token=token)
    made = profiles.keep(made, secret)
    say(f"signed in at {made.url}" + (f" as {made.nick}" if made.nick else "") + f" (profile {made.name})")


def _at_beseda(
    profiles: Profiles, made: Profile, secret: Secret, days: int, *, is_token: bool
) -> tuple[Profile, Secret]:
    import msgspec

    from beseda.client._sync.live import Live

    with Live(made.url, token=secret.reveal() if is_token else "") as live:
        if is_token:
            return msgspec.structs.replace(made, nick=live.connect().nick), secret
        me = live.sign_in(made.nick, secret.reveal())
        token = live.tokens.add(secret.reveal(), f"beseda at {socket.gethostname()}"[:50], days=days)
        before = profiles.find(made.name)
        if before and before.token_id and before.url == made.url:
            with contextlib.suppress(Refused):  # another's, or gone
                live.tokens.revoke(secret.reveal(), before.token_id)
        made = msgspec.structs.replace(made, nick=me.nick, token_id=token.token.id)
        return made, Secret(token.secret)


def _at_spaceweb(made: Profile, secret: Secret, *, is_token: bool) -> tuple[Profile, Secret]:
    from beseda.client._sync.spaceweb import SpaceWeb

    with SpaceWeb(made.url, token=secret.reveal() if is_token else "") as api:
        if not is_token:
            api.sign_in(made.nick, secret.reveal())
        return made, Secret(api.token)


@quiet
def logout(
    name: ThatProfile = "",
    revoke: Annotated[
        bool, typer.Option("--revoke", help="End the token too, for which the password is asked.")
    ] = False,
) -> None:
    """Forget a profile and its token.

    The server takes the token until it is revoked, or its days are over.
    """
    profiles = Profiles()
    profile = profiles.get(name)
    if revoke:
        _revoke(profile)
    profiles.forget(profile)
    say(f"signed out at {profile.url} (profile {profile.name})")


def _revoke(profile: Profile) -> None:
    from beseda.client._sync.live import Live

    if not profile.token_id:
        refuse(f"the token of {profile.name} was not made here: revoke it where it was made")
    password = _password("Password: ")
    with Live(profile.url) as live:
        live.sign_in(profile.nick, password)
        live.tokens.revoke(password, profile.token_id)


@quiet
def profiles(
    use: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Make this one the current one.", show_default=False, autocompletion=complete_profile
        ),
    ] = "",
    json: AsJson = False,
) -> None:
    """Where you are signed in.

    A star marks the profile that is used when none is named: the last one, or the one of BESEDA_PROFILE.
    """
    known = Profiles()
    if use:
        known.use(use)
        return
    if json:
        show_json([builtins(each) | {"current": each.name == known.current} for each in known.list()])
        return
    rows = [["*" if each.name == known.current else "", each.name, each.nick, each.url] for each in known.list()]
    show_table(["", "PROFILE", "NICK", "URL"], rows)


@quiet
def whoami(profile: ProfileName = "", json: AsJson = False) -> None:
    """Whom the server takes you for."""
    from beseda.client._sync.live import Live

    found, secret = who(profile)
    with Live(found.url, token=secret.reveal()) as live:
        me = live.connect()
    if json:
        show_json({"id": me.id, "nick": me.nick, "url": found.url})
    else:
        typer.echo(me.nick)


def _address(url: str) -> str:
    """With its scheme, which is https: unless it is this machine's."""
    from beseda.client._urls import base_url

    if "://" not in url:
        host = urlsplit(f"//{url}").hostname or ""
        url = f"{'http' if host in ('localhost', '127.0.0.1', '::1') else 'https'}://{url}"
    try:
        return base_url(url)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="URL") from None


def _password(prompt: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    try:
        return sys.stdin.buffer.readline().decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise typer.BadParameter("the password on standard input is not UTF-8") from None
