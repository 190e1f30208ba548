"""`beseda call`: any method of any object of SpaceWeb's protocol."""

from typing import Annotated, Any

import msgspec
import typer

from beseda.cli.member import AsJson, ProfileName, printable, quiet, show_json, who


@quiet
def call(
    target: Annotated[str, typer.Argument(metavar="OBJECT", help="Such as domains/dns.", show_default=False)],
    method: Annotated[str, typer.Argument(metavar="METHOD", help="Such as info.", show_default=False)],
    params: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="KEY:=VALUE is JSON.", show_default=False)
    ] = None,
    profile: ProfileName = "",
    json: AsJson = False,
) -> None:
    """Call a method by JSON-RPC, and show its result.

    A value is a text, unless the server's description of the method (rpc.discover) says that it is a number, true or
    false; KEY:=VALUE gives any JSON. The result is shown as JSON; a text, a number alone as it is, but for --json.
    """
    from beseda.client._sync.spaceweb import SpaceWeb
    from beseda.wire.spaceweb.description import DISCOVER, read_word

    given = [_pair(word) for word in params or ()]
    found, secret = who(profile, spaceweb=True)
    with SpaceWeb(found.rpc_url, token=secret.reveal()) as api:
        known: dict[str, Any] = {}
        if method != DISCOVER and (described := api.describe(target)):
            known = {
                param.name: param.schema for each in described.methods if each.name == method for param in each.params
            }
        named = {
            name: msgspec.json.decode(value) if is_json else read_word(value, known.get(name, {}))
            for name, value, is_json in given
        }
        result = api.call(target, method, **named)
    if json or not isinstance(result, str | int | float) or isinstance(result, bool):
        show_json(result)
    else:
        typer.echo(printable(str(result)))


def _pair(word: str) -> tuple[str, str, bool]:
    """The name, the value, and whether it is JSON."""
    name, equals, value = word.partition("=")
    is_json = name.endswith(":")
    name = name.removesuffix(":")
    if not equals or not name:
        raise typer.BadParameter(f"{word!r} is not KEY=VALUE", param_hint="KEY=VALUE")
    if is_json:
        try:
            msgspec.json.decode(value)
        except msgspec.DecodeError as error:
            raise typer.BadParameter(f"{word!r}: {error}", param_hint="KEY:=VALUE") from None
    return name, value, is_json
