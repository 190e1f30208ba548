"""The object `domains/handover`, our own: domains that members hand over to each other."""

import msgspec

from beseda.api.spaceweb.domains import DOMAIN
from beseda.api.spaceweb.table import DONE, Done, Gateway, Method, Param, text
from beseda.core.caller import Caller
from beseda.domain.domains import KEPT

LOGIN_MAX = 254


class OfferRow(msgspec.Struct, frozen=True, rename={"gone_at": "goneAt"}):
    """A domain that `giver` offers to `taker`, both by nick, until `goneAt` (ISO 8601)."""

    domain: str
    readable: str
    giver: str
    taker: str
    gone_at: str


async def index(gateway: Gateway, caller: Caller) -> list[OfferRow]:
    """What the account offers and is offered, the newest first."""
    return [
        OfferRow(
            each.offer.name.ascii,
            each.offer.name.readable,
            each.giver,
            each.taker,
            f"{each.offer.offered_at + KEPT:%Y-%m-%dT%H:%M:%SZ}",
        )
        for each in await gateway.core.handovers.offers(caller)
    ]


async def offer(gateway: Gateway, caller: Caller, domain: str, login: str) -> Done:
    """Offer a domain to another member, for a week. Until it is accepted nothing changes."""
    await gateway.core.handovers.offer(caller, domain, login)
    return DONE


async def accept(gateway: Gateway, caller: Caller, domain: str) -> Done:
    """Take a domain that is offered, with its records, history and hosts; keys of the giver's are worthless then."""
    await gateway.core.handovers.accept(caller, domain)
    return DONE


async def end(gateway: Gateway, caller: Caller, domain: str) -> Done:
    """Take an offer back, or decline it."""
    await gateway.core.handovers.end(caller, domain)
    return DONE


METHODS = (
    Method("index", index),
    Method("offer", offer, (DOMAIN, Param("login", text(LOGIN_MAX), "The nick of who is to have it."))),
    Method("accept", accept, (DOMAIN,)),
    Method("cancel", end, (DOMAIN,)),
)
