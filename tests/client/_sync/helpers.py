# Written by tools/twins.py from tests/client/_async/helpers.py: change that, then `make twins`.
"""Clients for tests, closed at their end."""

import httpx

from beseda.client import Manners

QUICK = Manners(timeout_s=30, retries=2, backoff_s=0.01, calls_per_s=None, poll_s=0.01)
"""For services that are not to be spared."""
PATIENT = QUICK.replace(retries=1)
HASTY = PATIENT.replace(timeout_s=0.3)
"""For services that do not answer."""


class Lossy(httpx.BaseTransport):
    """Loses the answers to some calls, which were carried out: those whose place in `lost` is true."""

    def __init__(self, path: str, *lost: bool) -> None:
        self._inner = httpx.HTTPTransport()
        self._path = path
        self._lost = list(lost)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        if request.url.path == self._path and self._lost and self._lost.pop(0):
            response.read()
            raise httpx.ReadError("lost", request=request)
        return response

    def close(self) -> None:
        self._inner.close()
