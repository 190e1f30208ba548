"""Clients for tests, closed at their end."""

import httpx

from beseda.client import Manners

QUICK = Manners(timeout_s=30, retries=2, backoff_s=0.01, calls_per_s=None, poll_s=0.01)
"""For services that are not to be spared."""
PATIENT = QUICK.replace(retries=1)
HASTY = PATIENT.replace(timeout_s=0.3)
"""For services that do not answer."""


class AsyncLossy(httpx.AsyncBaseTransport):
    """Loses the answers to some calls, which were carried out: those whose place in `lost` is true."""

    def __init__(self, path: str, *lost: bool) -> None:
        self._inner = httpx.AsyncHTTPTransport()
        self._path = path
        self._lost = list(lost)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        if request.url.path == self._path and self._lost and self._lost.pop(0):
            await response.aread()
            raise httpx.ReadError("lost", request=request)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()
