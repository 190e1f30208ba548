"""`beseda explain`: why a call was refused."""

import inspect
from typing import Annotated

import typer

from beseda.domain.errors import leaves
from beseda.domain.operators import OperatorRole
from beseda.domain.refusals import Refusal
from beseda.server.bootstrap import Parts
from beseda.server.cli.command import deed
from beseda.server.cli.output import Record, moment

explaining = typer.Typer()
CRASHED = "The program failed, and the log says where under this request's id."
NO_RULE = "What was asked could not be understood, or is not there; nothing was looked up for it."


@deed(explaining, "explain", OperatorRole.MODERATOR, changes=False)
async def explain(
    parts: Parts,
    request: Annotated[
        str, typer.Argument(metavar="REQUEST-ID", help="The x-request-id of the answer.", show_default=False)
    ],
) -> Record:
    """Tell why a call was refused: the rule, the limit with its state now, and what was answered.

    Refusals are kept for a week, those of the last seconds by the server that answered.
    """
    found = await parts.core.refusals.find(request)
    if found is None:
        raise typer.BadParameter("no refusal of that request is kept; if it was one, the log may have more")
    return {
        "request": found.request_id,
        "at": moment(found.at),
        "protocol": found.protocol,
        "call": found.method,
        "answered": found.outcome,
        "address": found.address,
        "refused": found.error or found.outcome,
        "rule": _rule(found),
        **_limit(parts, found),
        **{name: value for name, value in found.facts.items() if name not in ("limit", "retry_after_s")},
    }


def _rule(refusal: Refusal) -> str:
    if not refusal.error:
        return CRASHED if refusal.outcome == "crashed" else NO_RULE
    known = {leaf.code: leaf for leaf in leaves()}
    leaf = known.get(refusal.error)
    told = inspect.getdoc(leaf) if leaf is not None and leaf.__doc__ else None
    return " ".join((told or refusal.error.replace("_", " ")).split())


def _limit(parts: Parts, refusal: Refusal) -> dict[str, object]:
    """The limit that was reached, as it is configured now, and how long it went on, and goes on, to refuse."""
    limit = parts.limiter.limits.get(str(refusal.facts.get("limit", "")))
    wait_s = refusal.facts.get("retry_after_s")
    if not isinstance(wait_s, int | float):
        return {}
    gone_s = (parts.clock.now() - refusal.at).total_seconds()
    waits = {"had_to_wait_s": round(wait_s, 1), "has_to_wait_s": round(max(0.0, wait_s - gone_s), 1)}
    if limit is None:
        return {"limit": refusal.facts.get("limit", ""), **waits}
    rule = {"limit": limit.name, "counts": limit.meaning, "counted_by": limit.keyed_by}
    return {**rule, "at_once": limit.burst, "then_one_every_s": limit.per_s, **waits}
