# Written by tools/twins.py from src/beseda/client/_async/service.py: change that, then `make twins`.
"""What all clients are: an address, manners, a block at whose end connections are closed, a `repr` without secrets."""

from types import TracebackType
from typing import Self

from beseda.client._urls import base_url
from beseda.client.manners import Manners


class Service:
    """A client of a service."""

    def __init__(self, url: str, manners: Manners | None) -> None:
        """Raises ValueError for what is no address, or holds a password."""
        self._url = base_url(url)
        self._manners = manners or Manners()

    def __repr__(self) -> str:
        who = self._who()
        return f"<{type(self).__name__} {self._url}{f' as {who!r}' if who else ''}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        raise NotImplementedError

    @property
    def manners(self) -> Manners:
        """How long it waits, how often it tries, how fast it asks."""
        return self._manners

    def _who(self) -> str:
        """Who is signed in, "" when that is not known."""
        return ""
