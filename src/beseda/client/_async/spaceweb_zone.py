"""The object `domains/zone` of a Beseda: record sets with numbers that stay, and whole zones (docs/domains.md)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from beseda.client._answers import convert
from beseda.wire.spaceweb.zone import Change, ZoneText, ZoneView

if TYPE_CHECKING:
    from beseda.client._async.spaceweb import AsyncSpaceWeb


class AsyncZone:
    """The zone of one domain. Names are relative to it, "@" is the domain itself; data is written as in master files.

    What changes something answers with exactly the records that went and came; with `dry_run` it only says so, with
    `serial` it is refused when the zone is at another one by now. The same twice changes nothing the second time.
    """

    def __init__(self, api: "AsyncSpaceWeb", domain: str) -> None:
        self._api = api
        self.domain = domain

    async def read(self) -> ZoneView:
        """The serial, and all record sets (`index`). Raises NotFound for another's domain, or on other servers."""
        return convert(await self._ask("index"), ZoneView, "domains/zone.index")

    async def set(
        self,
        name: str,
        type: str,  # noqa: A002 - DNS's word
        data: Sequence[str],
        *,
        ttl_s: int | None = None,
        dry_run: bool = False,
        serial: int | None = None,
    ) -> Change:
        """Make a record set exactly this; no data removes it. Raises Refused, with what is wrong in `facts`."""
        return await self._change("set", dry_run, serial, name=name, type=type, data=list(data), ttl=ttl_s)

    async def add(
        self,
        name: str,
        type: str,  # noqa: A002 - DNS's word
        data: Sequence[str],
        *,
        ttl_s: int | None = None,
        dry_run: bool = False,
        serial: int | None = None,
    ) -> Change:
        """See to it that these records are there; others of the same name and type stay. Raises Refused."""
        return await self._change("add", dry_run, serial, name=name, type=type, data=list(data), ttl=ttl_s)

    async def remove(
        self,
        name: str,
        type: str,  # noqa: A002 - DNS's word
        data: Sequence[str] = (),
        *,
        dry_run: bool = False,
        serial: int | None = None,
    ) -> Change:
        """See to it that these records are not there; without data, none of that name and type. Raises Refused."""
        return await self._change("remove", dry_run, serial, name=name, type=type, data=list(data))

    async def import_file(self, text: str, *, dry_run: bool = False, serial: int | None = None) -> Change:
        """Make the whole zone what a master file says, all or nothing; its SOA is left aside. Raises Refused."""
        return await self._change("import", dry_run, serial, content=text)

    async def export(self) -> str:
        """The zone as a master file."""
        return convert(await self._ask("export"), ZoneText, "domains/zone.export").content

    async def _change(self, method: str, dry_run: bool, serial: int | None, **params: Any) -> Change:
        given = {"dryRun": dry_run or None, "ifSerial": serial, **params}
        kept = {name: value for name, value in given.items() if value is not None}
        return convert(await self._ask(method, **kept), Change, f"domains/zone.{method}")

    async def _ask(self, method: str, **params: Any) -> Any:
        return await self._api.perform("domains/zone", method, domain=self.domain, **params)
