"""`beseda domain key`: keys by which programs change zones, and secondaries fetch them."""

from base64 import b64encode
from typing import Annotated

import typer

from beseda.domain.operators import OperatorRole
from beseda.domain.zone_keys import EVERY_ZONE, Algorithm, KeyScope, ZoneKey
from beseda.server.bootstrap import Parts
from beseda.server.cli.command import deed
from beseda.server.cli.output import Record, moment

keys = typer.Typer(help="Keys by which programs change zones, and secondaries fetch them (TSIG).")
EVERY = "*"
Zone = Annotated[
    str, typer.Argument(metavar="DOMAIN", help="In letters or as xn--; '*' for every zone.", show_default=False)
]
Label = Annotated[str, typer.Argument(metavar="KEY", help="The key's name within the zone.", show_default=False)]


def record(key: ZoneKey) -> Record:
    """A key as the command line tells it."""
    return {
        "key": key.label,
        "name": key.name,
        "algorithm": key.algorithm.value,
        "update": key.scope.update,
        "transfer": key.scope.transfer,
        "names": ",".join(key.scope.names) or EVERY,
        "types": ",".join(key.scope.types) or EVERY,
        "created": moment(key.created_at),
    }


@deed(keys, "add")
async def add(
    parts: Parts,
    zone: Zone,
    label: Label,
    name: Annotated[
        list[str] | None,
        typer.Option(
            help="A name that it may change: www, @, *.lab, _acme-challenge.* (again for more).", show_default="all"
        ),
    ] = None,
    type_: Annotated[
        list[str] | None, typer.Option("--type", help="A type that it may change (again for more).", show_default="all")
    ] = None,
    update: Annotated[bool, typer.Option(help="Whether it may change the zone.")] = True,
    transfer: Annotated[bool, typer.Option(help="Whether it may fetch the whole zone.")] = False,
    algorithm: Annotated[Algorithm, typer.Option(help="How messages are signed.")] = Algorithm.SHA256,
) -> Record:
    """Make a key and show its secret, once."""
    scope = KeyScope(update and zone != EVERY, transfer or zone == EVERY, tuple(name or ()), tuple(type_ or ()))
    made, secret = await parts.core.zone_keys.give(_zone(zone), label, scope, algorithm)
    return {**record(made), "secret": b64encode(secret).decode()}


@deed(keys, "list", OperatorRole.OBSERVER, changes=False)
async def list_of(parts: Parts, zone: Zone) -> list[Record]:
    """The keys of a zone, without their secrets."""
    return [record(key) for key in await parts.core.zone_keys.list_of(_zone(zone))]


@deed(keys, "remove", light=False, tried=True)
async def remove(parts: Parts, zone: Zone, label: Label) -> None:
    """Make a key worthless, at once and on every node."""
    await parts.core.zone_keys.take(_zone(zone), label)


def _zone(text: str) -> str:
    return EVERY_ZONE if text == EVERY else text
