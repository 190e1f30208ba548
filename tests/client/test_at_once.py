"""Several who do the same at once, in threads."""

from concurrent.futures import ThreadPoolExecutor

from beseda.client import SpaceWeb
from beseda.testing import BesedaServer
from client._sync.helpers import QUICK
from client.conftest import PASSWORD, Register


def test_records_are_there_once_and_gone_whoever_else_is_at_it(server: BesedaServer, register: Register) -> None:
    nick = register()
    name = f"{nick.lower()}.ru"
    with SpaceWeb(f"{server.url}/rpc", manners=QUICK) as api, ThreadPoolExecutor(4) as threads:
        api.sign_in(nick, PASSWORD)
        api.domains.add(name)
        api.dns(name).ensure_txt("_acme-challenge", "stays")

        def ensure_and_remove(number: int) -> tuple[int, bool]:
            with SpaceWeb(f"{server.url}/rpc", token=api.token, manners=QUICK) as own:
                dns = own.dns(name)
                dns.ensure_txt("_acme-challenge", "shared")
                dns.ensure_txt("_acme-challenge", f"own {number}")
                found = [each.value for each in dns.records(type="TXT")]
                return found.count("shared"), dns.remove_txt("_acme-challenge", f"own {number}")

        def remove(_: int) -> bool:
            with SpaceWeb(f"{server.url}/rpc", token=api.token, manners=QUICK) as own:
                return own.dns(name).remove_txt("_acme-challenge", "shared")

        assert list(threads.map(ensure_and_remove, range(8))) == [(1, True)] * 8
        assert any(threads.map(remove, range(4)))
        assert [each.value for each in api.dns(name).records(type="TXT")] == ["stays"]
