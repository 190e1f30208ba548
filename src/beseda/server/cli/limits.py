"""`beseda limit`: how often what may be done."""

import typer

from beseda.domain.operators import OperatorRole
from beseda.server.bootstrap import Parts
from beseda.server.cli.command import deed
from beseda.server.cli.output import Record

limits = typer.Typer(help="Limits in force.")


@deed(limits, "list", OperatorRole.OBSERVER, changes=False)
async def list_all(parts: Parts) -> list[Record]:
    """All limits as they are configured, and how many run into each now, as far as the asked node counts it."""
    limited = parts.limiter.limited()
    return [
        {
            "limit": each.name,
            "counted_by": each.keyed_by,
            "at_once": each.burst,
            "then_one_every_s": each.per_s,
            "limited_now": limited.get(each.name, 0),
        }
        for each in parts.limiter.limits.values()
    ]
