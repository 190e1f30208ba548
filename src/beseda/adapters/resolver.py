"""Asks the DNS by `dnspython`: the configured resolver, and where it fails, the servers of the zone above.

The library takes long to load, and few processes ever ask.
"""

import contextlib
import ipaddress
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from beseda.domain.errors import ResolverSilent

if TYPE_CHECKING:
    import dns.name

TIMEOUT_S = 5.0
"""How long one question may take, all servers together."""
SERVER_TIMEOUT_S = 2.0
ASKED_MAX = 4
"""Servers of the zone above that are asked, at most."""


def read_server(text: str) -> tuple[str, int]:
    """Address and port (53 if none) of a resolver: `192.0.2.1`, `192.0.2.1:5353`, `[2001:db8::1]:53`. ValueError."""
    host, port = text, 53
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = int(rest.removeprefix(":")) if rest else 53
    elif text.count(":") == 1:
        host, _, written = text.partition(":")
        port = int(written)
    if not 0 < port < 65_536:
        raise ValueError(f"{text!r} has no port between 1 and 65535")
    return str(ipaddress.ip_address(host)), port


def _is_public(address: str) -> bool:
    return ipaddress.ip_address(address).is_global


class DnsLookup:
    """`servers` are the resolvers; none are those of the machine. A name is answered in TIMEOUT_S, or it is silent.

    A zone that is delegated to servers that do not know it yet is known to no resolver: then the servers of the zone
    above are asked for the delegation, at `port`. They are named by whoever runs that zone, so only addresses that
    `may_ask` lets pass are asked: none of the inner network.
    """

    def __init__(
        self,
        servers: Sequence[str] = (),
        *,
        port: int = 53,
        timeout_s: float = TIMEOUT_S,
        may_ask: Callable[[str], bool] = _is_public,
    ) -> None:
        self._servers = [read_server(each) for each in servers]
        self._port = port
        self._timeout_s = timeout_s
        self._may_ask = may_ask

    async def texts(self, name: str) -> frozenset[str]:
        """See core/ports/ownership.py."""
        answer = await self._ask(name, "TXT")
        return frozenset(b"".join(each.strings).decode("latin-1") for each in answer or ())

    async def delegation(self, name: str) -> frozenset[str]:
        """See core/ports/ownership.py."""
        import dns.name

        answer = await self._ask(name, "NS")
        if answer is not None:
            return frozenset(_folded(each.target) for each in answer)
        return await self._referral(dns.name.from_text(name))

    async def _ask(self, name: "str | dns.name.Name", kind: str) -> list | None:  # type: ignore[type-arg]
        """The records; none where there are none, None where the name's own servers fail. Raises ResolverSilent."""
        import dns.resolver

        with _telling_silence():
            resolver = self._resolver()
            try:
                found = await resolver.resolve(
                    name, kind, raise_on_no_answer=False, search=False, lifetime=self._timeout_s
                )
            except (dns.resolver.NXDOMAIN, dns.name.NameTooLong):
                return []
            except dns.resolver.NoNameservers as failed:
                if any(error[4] is not None for error in failed.kwargs["errors"]):
                    return None
                raise
            return list(found.rrset or ())

    def _resolver(self) -> Any:
        import dns.asyncresolver

        resolver = dns.asyncresolver.Resolver(configure=not self._servers)
        if self._servers:
            resolver.nameservers = [dns.nameserver.Do53Nameserver(*each) for each in self._servers]
        resolver.timeout = SERVER_TIMEOUT_S
        return resolver

    async def _referral(self, name: "dns.name.Name") -> frozenset[str]:
        """What the servers of the zone above say of the name; nothing if they say nothing."""
        import dns.name

        above = name.parent()
        while above != dns.name.root:
            servers = await self._ask(above, "NS")
            if servers:
                return await self._referred(name, [each.target for each in servers])
            if servers is None:
                break
            above = above.parent()
        return frozenset()

    async def _referred(self, name: "dns.name.Name", servers: "Sequence[dns.name.Name]") -> frozenset[str]:
        import dns.asyncquery
        import dns.exception
        import dns.flags
        import dns.message
        import dns.rdatatype

        question = dns.message.make_query(name, "NS")
        question.flags &= ~dns.flags.RD
        for server in servers[:ASKED_MAX]:
            for address in await self._ask(server, "A") or ():
                if not self._may_ask(address.address):
                    continue
                with contextlib.suppress(dns.exception.DNSException, OSError):
                    answer, _ = await dns.asyncquery.udp_with_fallback(
                        question, address.address, timeout=SERVER_TIMEOUT_S, port=self._port
                    )
                    return frozenset(
                        _folded(record.target)
                        for rrset in (*answer.answer, *answer.authority)
                        if rrset.name == name and rrset.rdtype == dns.rdatatype.NS
                        for record in rrset
                    )
        return frozenset()


@contextlib.contextmanager
def _telling_silence() -> Iterator[None]:
    """Nobody answered, in time or at all."""
    import dns.exception

    try:
        yield
    except (dns.exception.DNSException, OSError) as error:
        raise ResolverSilent from error


def _folded(name: "dns.name.Name") -> str:
    return name.to_text(omit_final_dot=True).lower()
