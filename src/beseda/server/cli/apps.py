"""`beseda app`: applications and members' first tokens for them."""

from typing import Annotated

import typer

from beseda.domain.operators import OperatorRole
from beseda.domain.sessions import App, check_app_name
from beseda.server.bootstrap import Parts
from beseda.server.cli.arguments import AppName, DryRun, Nick, find_app, find_member, rule
from beseda.server.cli.command import deed
from beseda.server.cli.output import Record, moment

apps = typer.Typer(help="Applications that members may use.")


def record(app: App) -> dict[str, object]:
    """An application as the command line tells it."""
    return {"id": app.id, "name": app.name, "revoked": app.revoked, "created": moment(app.created_at)}


@deed(apps, "add", OperatorRole.OWNER)
async def add(
    parts: Parts,
    name: Annotated[
        str, typer.Argument(metavar="NAME", callback=rule(check_app_name), help="Any name.", show_default=False)
    ],
) -> Record:
    """Add an application. Its API key is told here and only here."""
    app, key = await parts.core.apps.add(name)
    return record(app) | {"api_key": key}


@deed(apps, "list", OperatorRole.OBSERVER, changes=False)
async def list_all(parts: Parts) -> list[Record]:
    """All applications, those that are revoked too."""
    return [record(app) for app in await parts.core.apps.list_all()]


@deed(apps, "revoke", OperatorRole.OWNER, light=False)
async def revoke(parts: Parts, app: AppName, dry_run: DryRun = False) -> Record:
    """End an application: its key, its tokens and the sessions that they carry."""
    found = await find_app(parts.core, app)
    if dry_run:
        return record(found) | {"tokens": await parts.core.apps.count_tokens(found.id)}
    await parts.core.apps.revoke(found.id)
    return record(found) | {"revoked": True}


@deed(apps, "grant", OperatorRole.OWNER)
async def grant(parts: Parts, app: AppName, nick: Nick) -> Record:
    """Make a member's first token for an application, the tokenOld of its first renewal. It is told only here."""
    found, account = await find_app(parts.core, app), await find_member(parts.core, nick)
    token = await parts.core.apps.grant(found.id, account.id)
    return {"app": found.name, "nick": account.nick, "token": token}
