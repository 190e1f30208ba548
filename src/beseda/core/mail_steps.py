"""What touches whole lists of letters goes in steps, each a deed of its own: whoever else writes waits for one at most.

After each step the counters agree, and clients are told of the new one. A step that failed, or never came, leaves the
rest as it was: whoever asks for the same again goes on from there.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime

from beseda.core.ports import Store, Unit
from beseda.core.updates import telling_mail_count
from beseda.domain.ids import AccountId
from beseda.domain.mail import Contact

STEP = 500
"""Letters that one step touches at most."""
CONTACT_COSTS = 10
"""As many letters is a contact worth, of which perhaps none is touched."""

Step = Callable[[Unit, Contact, int], Awaitable[int]]
"""Does something to at most so many letters of a contact; how many. Fewer means that no more are left."""


async def in_steps(store: Store, owner_id: AccountId, now: datetime, contacts: Iterable[Contact], step: Step) -> None:
    """All letters of an owner's contacts."""
    waiting = deque(contacts)
    while waiting:
        left = STEP
        async with store.unit() as unit, telling_mail_count(unit, now, owner_id):
            while waiting and left > 0:
                done = await step(unit, waiting[0], left)
                if done < left:
                    waiting.popleft()
                left -= done + CONTACT_COSTS
