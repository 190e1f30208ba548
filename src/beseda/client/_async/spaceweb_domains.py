"""The object `domains`: what is on the account, and what is done with it."""

from collections.abc import AsyncIterator, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from beseda.client._answers import convert
from beseda.wire.spaceweb.domains import DomainInfo, DomainRow

if TYPE_CHECKING:
    from beseda.client._async.spaceweb import AsyncSpaceWeb

PAGE = 100


class AsyncDomains:
    """The domains on the account. Names are in Punycode or Unicode; prices in roubles."""

    def __init__(self, api: "AsyncSpaceWeb") -> None:
        self._api = api

    async def list(
        self, *, containing: str = "", order: str = "fqdn_readable", descending: bool = False
    ) -> AsyncIterator[DomainRow]:
        """All domains whose name has `containing` in it (`filter`), page by page (`index`)."""
        page = 1
        while True:
            params: dict[str, object] = {"filter": containing} if containing else {}
            result = await self._api.perform(
                "domains",
                "index",
                orderField=order,
                orderDirect="DESC" if descending else "ASC",
                page=page,
                perPage=PAGE,
                **params,
            )
            rows = convert(result, list[DomainRow], "domains.index")
            for row in rows:
                yield row
            if len(rows) < PAGE:
                return
            page += 1

    async def info(self, domain: str) -> DomainInfo:
        """All about one domain (`getDomainInfo`). Raises NotFound."""
        return convert(await self._api.perform("domains", "getDomainInfo", domain=domain), DomainInfo, "getDomainInfo")

    async def add(self, domain: str, *, renewal: str = "manual", directory: str = "") -> None:
        """Put a domain on the account (`move`).

        `renewal` (`prolongType`) is `manual`, `no` or `bonus_money`; `directory` (`dir`) the folder of its site. Raises
        ResultRefused.
        """
        params = {"dir": directory} if directory else {}
        await self._api.perform("domains", "move", domain=domain, prolongType=renewal, **params)

    async def add_all(self, domains: Iterable[str], *, renewal: str = "manual") -> None:
        """Put several domains on the account (`moveList`), all or none. Raises ResultRefused, with pairs of a name and
        a reason in `facts["data"]`."""
        entries = [{"fqdn": domain, "prolongType": renewal} for domain in domains]
        await self._api.perform("domains", "moveList", domains=entries)

    async def set_renewal(self, domain: str, renewal: str) -> None:
        """Change how it is renewed (`changeProlong`): `manual`, `no` or `bonus_money`. Raises NotFound."""
        word = "none" if renewal == "no" else renewal  # COMPAT(spaceweb): as it is spelled in this call alone
        await self._api.perform("domains", "changeProlong", domain=domain, prolongType=word)

    async def remove(self, domain: str) -> None:
        """Take a domain off the account (`remove`). Raises NotFound."""
        await self._api.perform("domains", "remove", domain=domain)

    async def remove_all(self, domains: Iterable[str]) -> None:
        """Take several domains off the account (`removeList`), all or none."""
        await self._api.perform("domains", "removeList", domains=", ".join(domains))

    async def is_available(self, domain: str) -> bool:
        """Whether the name could be registered (`regAvailable`). Raises NotAllowed for one that is taken."""
        return convert(await self._api.perform("domains", "regAvailable", domain=domain), bool, "regAvailable")

    async def registration_price(self, domain: str) -> Decimal:
        """What its registration would cost (`priceForRegistration`)."""
        result = await self._api.perform("domains", "priceForRegistration", domain=domain)
        return convert(result, Decimal, "priceForRegistration")

    async def subdomains(self, domain: str) -> "tuple[str, ...]":
        """The names below it that lead somewhere (`getSubdomains`), in full."""
        result = await self._api.perform("domains", "getSubdomains", domain=domain)
        return tuple(row["value"] for row in convert(result, list[dict[str, str]], "getSubdomains"))

    async def add_subdomain(self, domain: str, label: str, directory: str) -> None:
        """Let a name below it, `*` for all, lead to the site in a folder (`createSubdomain`). Raises NotAllowed."""
        await self._api.perform("domains", "createSubdomain", domain=domain, machine=label, dir=directory)

    async def remove_subdomain(self, domain: str, label: str) -> None:
        """Let it lead nowhere again (`removeSubdomain`)."""
        await self._api.perform("domains", "removeSubdomain", domain=domain, machine=label)

    async def redirect(self, domain: str) -> str:
        """Where it leads by HTTP (`getRedirectVh`), "" for nowhere."""
        result = await self._api.perform("domains", "getRedirectVh", domain=domain)
        return convert(result or "", str, "getRedirectVh")

    async def set_redirect(self, domain: str, url: str) -> None:
        """Let it lead there by HTTP (`setRedirectVh`); "" for nowhere."""
        await self._api.perform("domains", "setRedirectVh", domain=domain, redirect=url)
