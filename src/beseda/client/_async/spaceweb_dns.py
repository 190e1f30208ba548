"""The object `domains/dns`: a domain's records. They have places but no ids, so what is to be true is ensured."""

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

import msgspec

from beseda.client._answers import convert
from beseda.client._platform import async_sleep
from beseda.client.errors import Invalid, NotAllowed, NotFound, NotUnderstood, Refused, Unknown
from beseda.wire.spaceweb.dns import (
    ADD,
    APEX,
    DELETE,
    EDITORS,
    MAIN_EDITOR,
    Record,
    read_rows,
    readable_host,
    record_of,
)
from beseda.wire.spaceweb.envelope import Code

if TYPE_CHECKING:
    from beseda.client._async.spaceweb import AsyncSpaceWeb

ATTEMPTS = 5
MOVES = 100
"""So many changes by others are borne with."""


class AsyncDns:
    """The records of one domain. Hosts are relative to it; "" or "@" is the domain itself."""

    def __init__(self, api: "AsyncSpaceWeb", domain: str) -> None:
        self._api = api
        self.domain = domain

    async def records(self, *, type: str = "", host: str | None = None) -> list[Record]:  # noqa: A002 - DNS's word
        """All records (`info`), or those of a type, or of a host. Raises NotFound for another's domain."""
        result = await self._api.perform("domains/dns", "info", domain=self.domain)
        try:
            found = [record_of(row) for row in read_rows(result)]
        except msgspec.ValidationError as error:
            raise NotUnderstood(str(error), where="domains/dns.info", excerpt=msgspec.json.encode(result)) from error
        wanted = None if host is None else readable_host(host)
        return [each for each in found if type in ("", each.type) and wanted in (None, readable_host(each.host))]

    async def zone_file(self) -> str:
        """The zone as text (`getFile`), in the form of BIND."""
        result = await self._api.perform("domains/dns", "getFile", domain=self.domain)
        return convert(convert(result, dict[str, Any], "getFile").get("content"), str, "getFile")

    async def add(self, type: str, host: str, value: str, **more: int | str) -> None:  # noqa: A002 - DNS's word
        """Add a record.

        `more` is what a type has beside its value: `priority` of MX and SRV; `ttl`, `weight`, `port`, `service` and
        `protocol` of SRV. Raises Refused, and Unknown, after which it may be there: look, or use `ensure_txt`.
        """
        await self._edit(type, ADD, host, value, more)

    async def delete(self, record: Record) -> None:
        """Delete a record, looked up again by all that it says, as its place may have changed. Raises NotFound."""
        same = [each for each in await self.records(type=record.type, host=record.host) if _is_same(each, record)]
        if not same:
            raise NotFound(Code.REFUSED, f"there is no such record of {self.domain} any more")
        await self._delete(same[-1])

    async def ensure_txt(self, host: str, value: str) -> Record:
        """A TXT record with this value, which is there now; other values of the host stay as they are.

        Look, add, look again. When another does the same at the same moment, or an answer is lost, it looks again
        rather than adding twice. Raises Refused, and Unknown when it cannot be seen after several attempts.
        """
        failure: Exception | None = None
        for attempt in range(ATTEMPTS):
            if attempt:
                await async_sleep(self._api.manners.pause_s(attempt - 1))
            if found := await self._find_txt(host, value):
                return found[0]
            if isinstance(failure, NotAllowed | Invalid):
                raise failure
            try:
                await self._edit("TXT", ADD, host, value, {})
            except (Refused, Unknown) as error:  # another may have added it just now: look
                failure = error
        if found := await self._find_txt(host, value):
            return found[0]
        raise failure or Unknown(f"the TXT record of {host!r} was added, but it is not there")

    async def remove_txt(self, host: str, value: str) -> bool:
        """No TXT record with this value is there any more; whether there was one.

        Records are deleted one at a time and looked up before each, since the places of those behind shift: also when
        another changes something just then, after which it is tried again. Raises Refused, and Unknown when it still is
        there, at the same place, after several attempts.
        """
        failure: Exception | None = None
        tried: Record | None = None
        same = 0
        for attempt in range(MOVES):
            found = await self._find_txt(host, value)
            if not found:
                return attempt > 0
            same = same + 1 if found[-1] == tried else 0
            if same == ATTEMPTS or (same and isinstance(failure, Invalid)):
                break
            if failure:
                await async_sleep(self._api.manners.pause_s(same))
            tried, failure = found[-1], None
            try:
                await self._delete(found[-1])
            except (Refused, Unknown) as error:
                failure = error
        raise failure or Unknown(f"the TXT record of {host!r} was deleted, but it is still there")

    def txt(self, host: str, value: str) -> "AsyncTxt":
        """`with dns.txt("_acme-challenge", value):` has the record inside the block, and not after it."""
        return AsyncTxt(self, host, value)

    async def _find_txt(self, host: str, value: str) -> list[Record]:
        return [each for each in await self.records(type="TXT", host=host) if each.value == value]

    async def _delete(self, record: Record) -> None:
        await self._edit(record.type, DELETE, record.host, record.value, {"index": record.index})

    async def _edit(self, kind: str, action: str, host: str, value: str, more: Mapping[str, int | str]) -> None:
        kind, params = kind.upper(), dict[str, int | str](more)
        if kind in EDITORS:
            params |= {"subDomain": host or APEX, "target" if kind == "SRV" else "value": value}
        else:
            params |= {"name": host, "type": kind, "value": value}
        await self._api.perform(
            "domains/dns", EDITORS.get(kind, MAIN_EDITOR), domain=self.domain, action=action, **params
        )


class AsyncTxt:
    """A TXT record for the time of a block."""

    def __init__(self, dns: AsyncDns, host: str, value: str) -> None:
        self._dns = dns
        self._host = host
        self._value = value

    async def __aenter__(self) -> Record:
        return await self._dns.ensure_txt(self._host, self._value)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._dns.remove_txt(self._host, self._value)


def _is_same(one: Record, other: Record) -> bool:
    return msgspec.structs.replace(one, index=other.index) == other
