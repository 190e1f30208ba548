"""What the server gives away to be brought back: a statement of its own that is good for a while and kept nowhere."""

from datetime import timedelta
from hmac import compare_digest

from beseda.core.ports import Clock, Keyring

LONGEST = 512


class Tickets:
    def __init__(self, clock: Clock, keyring: Keyring) -> None:
        self._clock = clock
        self._keyring = keyring

    def issue(self, purpose: str, *facts: str, lasts: timedelta) -> str:
        """A text for addresses and forms; the facts have no dots, and whoever has the ticket can read them."""
        said = ".".join((str(int((self._clock.now() + lasts).timestamp())), *facts))
        return f"{said}.{self._sign(purpose, said)}"

    def read(self, purpose: str, ticket: str) -> list[str]:
        """The facts; none of what is not this server's, was for something else, or is too old."""
        said, _, signature = ticket[:LONGEST].rpartition(".")
        if not said or not compare_digest(signature.encode("utf-8", "replace"), self._sign(purpose, said).encode()):
            return []
        until, *facts = said.split(".")
        return facts if int(until) > self._clock.now().timestamp() else []

    def _sign(self, purpose: str, said: str) -> str:
        return self._keyring.seal(f"ticket:{purpose}", said)[:43]

    def mark(self, secret: str) -> str:
        """What stands for a stored secret in a ticket, which is good as long as that secret is the same."""
        return self._keyring.seal("ticket mark", secret)[:22]
