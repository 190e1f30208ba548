"""`beseda limit`: how often what may be done."""

import typer

from beseda.domain.errors import AccountNotFound
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


@deed(limits, "who", OperatorRole.MODERATOR, changes=False)
async def who(parts: Parts) -> list[Record]:
    """Who has to wait now, and for how long: as the asked node counts it, then what any node refused of late.

    Of the latter the address is known, and the request, of which `explain` tells more.
    """
    counted = parts.limiter.waiting()
    found: list[Record] = [
        {"limit": name, **await _meant(parts, name, key), "wait_s": round(s, 1)} for name, key, s in counted
    ]
    told = {(each["limit"], each["address"]) for each in found}
    for refusal, wait_s in await parts.core.refusals.too_often():
        limit = str(refusal.facts.get("limit", ""))
        if (limit, refusal.address) not in told:
            about = {"member": None, "address": refusal.address, "request": refusal.request_id}
            found.append({"limit": limit, **about, "wait_s": round(wait_s, 1)})
    return found


async def _meant(parts: Parts, limit: str, key: str) -> dict[str, object]:
    """Whom a limit counts. A name that is no member's is not told: it may be a password in the wrong field."""
    keyed_by = parts.limiter.limit(limit).keyed_by
    if keyed_by == "session":
        return {"member": None, "address": None, "request": None}
    name, _, address = key.rpartition("\0")
    if keyed_by == "address" or (keyed_by != "account" and not name and not key.isdigit()):
        name, address = "", key
    elif not name:
        name, address = key, ""
    try:
        member = (await parts.core.accounts.find(name)).nick if name else None
    except AccountNotFound:
        member = None
    return {"member": member, "address": address or None, "request": None}
