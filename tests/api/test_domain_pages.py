"""The pages of domains, of their keys and of money, as a browser without scripts has them."""

import html
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import dns.message
import dns.query
import dns.rcode
import dns.tsig
import dns.tsigkeyring
import dns.update
import httpx
import pytest

from beseda.domain.ids import AccountId
from beseda.domain.ledger import Pocket
from beseda.server.config import Config
from beseda.server.config_dns import DnsConfig
from beseda.server.config_domains import domain_features
from beseda.testing import PASSWORD, BesedaServer
from resolver import SmallDns

HOME, BALANCE = "/-/domains", "/-/balance"
OURS = ["ns1.beseda.example", "ns2.beseda.example"]
HOSTILE = ("a\0b.cz", "<script>alert(1)</script>.cz", "\u202egro.cz", "x" * 300 + ".cz", "a..cz", "*.vzor.cz", "", " ")


@pytest.fixture(scope="module")
def small() -> Iterator[SmallDns]:
    with SmallDns() as small:
        yield small


@pytest.fixture(scope="module")
def server(small: SmallDns) -> Iterator[BesedaServer]:
    settings = {
        "domains.zones": [],
        "domains.ownership": "proof",
        "domains.resolvers": [small.address],
        "dns.name_servers": OURS,
        "dns.listen": ["127.0.0.1:0"],
    }
    with BesedaServer(settings) as server:
        yield server


def browser(server: BesedaServer, nick: str) -> httpx.Client:
    """A new member's, in English."""
    member = server.member(nick)
    return httpx.Client(base_url=server.url, cookies=server.cookie(member), headers={"Accept-Language": "en"})


def do(page: httpx.Client, deed: str, name: str, **more: str) -> str:
    """What the page says of it then: its status, or why not."""
    answer = page.post(HOME, data={"do": deed, "name": name, **more})
    if answer.status_code == 303:
        answer = page.get(answer.headers["location"])
        assert answer.status_code == 200
    else:
        assert answer.status_code == 422
    return told(answer.text)


def told(text: str) -> str:
    found = re.search(r'role="status">([^<]*)<|<button type="button" hidden>×</button>\n([^<]*)\n', text)
    assert found
    return html.unescape(found[1] or found[2])


def mine(page: httpx.Client) -> list[str]:
    return re.findall(r'<a href="/-/domains/([^"/?]+)"', page.get(HOME).text)


def test_a_name_waits_until_it_is_shown_to_be_ones_own(server: BesedaServer, small: SmallDns) -> None:
    with browser(server, "Alena") as page, browser(server, "Brana") as other:
        empty = page.get(HOME).text
        assert "No domain yet." in empty
        assert all(each in empty for each in ("a record in its DNS", ", ".join(OURS), 'aria-current="page"'))
        assert do(page, "add", "Příklad.cz") == "Now show that the domain is yours, as it says below."
        shown = page.get(HOME).text
        record, value = re.findall(r"<code>(_beseda-challenge[^<]+)</code>.*?<code>(beseda=[^<]+)</code>", shown)[0]
        assert (record, "příklad.cz" in shown) == ("_beseda-challenge.xn--pklad-zsa96e.cz", True)
        assert "can also be delegated to ns1.beseda.example, ns2.beseda.example" in shown
        assert do(page, "look", "xn--pklad-zsa96e.cz").startswith("That cannot be seen yet")
        assert record not in other.get(HOME).text
        do(other, "add", "příklad.cz")
        assert value not in other.get(HOME).text
        small.records[record, "TXT"] = [f'"{value}"']
        assert do(page, "look", "xn--pklad-zsa96e.cz") == "The domain is yours."
        assert mine(page) == ["xn--pklad-zsa96e.cz"]
        assert record not in page.get(HOME).text
        assert record not in other.get(HOME).text  # somebody has it: nobody waits for it
        assert "Somebody else has this domain" in do(other, "add", "www.příklad.cz")
        do(page, "add", "druhy.cz")
        assert do(page, "withdraw", "druhy.cz") == "You wait for it no more."
        assert "druhy.cz" not in page.get(HOME).text
        do(page, "add", "treti.cz")
        server.move_clock(7 * 86_400)
        assert "treti.cz" not in page.get(HOME).text


def test_hostile_names_are_refused_and_shown_as_text(server: BesedaServer) -> None:
    with browser(server, "Cyril") as page:
        for deed in ("add", "look", "withdraw", "remove", "restore", "offer", "accept", "end"):
            for name in HOSTILE:
                answer = page.post(HOME, data={"do": deed, "name": name, "nick": name})
                assert (answer.status_code, "<script>alert" in answer.text) == (422, False), (deed, name)
        assert page.post(HOME, data={"do": "renewal", "name": "vzor.cz", "renewal": "\0"}).status_code == 303
        for text in ("", "?page=99999999999999999999", "?page=-1&find=%00%ff%25_", "?find=" + "x" * 9_000):
            assert page.get(f"{HOME}{text}").status_code == 200, text
        assert page.post(HOME, data={"do": "nothing", "name": "vzor.cz"}).headers["location"] == HOME
        assert page.post(HOME, data={"name": "x" * 9_000}).status_code == 413
        foreign = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
        assert page.post(HOME, data={"do": "add", "name": "vzor.cz"}, headers=foreign).status_code == 422


def test_a_domain_goes_comes_back_and_is_handed_over(server: BesedaServer) -> None:
    with browser(server, "Dana") as page, browser(server, "Emil") as other:
        server.domain("dana.cz", "Dana")
        for deed in ("remove", "offer", "renewal"):
            assert do(other, deed, "dana.cz", nick="Emil", renewal="no") == "You have no such domain."
        assert do(page, "renewal", "dana.cz", renewal="bonus_money") == "Saved."
        assert '<option value="bonus_money" selected>' in page.get(HOME).text
        assert do(page, "remove", "dana.cz").startswith("The domain is removed.")
        shown = page.get(HOME).text
        assert (mine(page), "can be brought back until" in shown, "Bring it back" in shown) == ([], True, True)
        assert do(other, "restore", "dana.cz") == "You have no such domain."
        assert do(page, "remove", "dana.cz") == "You have no such domain."
        assert do(page, "restore", "dana.cz").startswith("The domain is back")
        assert '<option value="bonus_money" selected>' in page.get(HOME).text
        assert do(page, "offer", "dana.cz", nick="Nikdo") == "There is no such member."
        assert do(page, "offer", "dana.cz", nick="Dana") == "You have this domain already."
        assert do(page, "offer", "dana.cz", nick="emil").startswith("It is offered.")
        assert "offered to Emil" in page.get(HOME).text
        assert "by Dana" in other.get(HOME).text
        assert do(other, "end", "dana.cz") == "It is offered no more."
        assert do(other, "accept", "dana.cz") == "This domain is not offered, or no longer."
        do(page, "offer", "dana.cz", nick="Emil")
        assert do(page, "accept", "dana.cz") == "This domain is not offered, or no longer."
        assert do(other, "accept", "dana.cz").startswith("The domain is yours now")
        assert (mine(page), mine(other)) == ([], ["dana.cz"])
        for path in ("dana.cz/keys", "NIKDE.cz/keys", "<b>/keys", "%00/keys", "a b/keys"):
            answer = page.get(f"{HOME}/{path}")
            assert (answer.status_code, "<b>/keys" in answer.text) == (404, False), path


def test_many_domains_are_told_page_by_page_and_found_by_a_part(server: BesedaServer) -> None:
    with browser(server, "Filip") as page:
        for number in range(101):
            server.domain(f"n{number:03}.org", "Filip")
        assert len(mine(page)) == 100
        second = page.get(f"{HOME}?page=2").text
        assert re.findall(r'<a href="/-/domains/(n[0-9]+.org)"', second) == ["n100.org"]
        assert "page=1" in second
        found = page.get(f"{HOME}?find=N05").text
        assert len(re.findall(r'<a href="/-/domains/(n05[0-9].org)"', found)) == 10
        assert "None is called so." in page.get(f"{HOME}?find=nikde").text


def test_an_operators_word_is_waited_for_and_heard() -> None:
    with BesedaServer({"domains.ownership": "operator"}) as server, browser(server, "Alena") as page:
        assert "decides who has a name" in page.get(HOME).text
        assert "There is no name server here" in page.get(HOME).text
        assert "directly below: ru, su" in page.get(HOME).text
        assert do(page, "add", "vzor.org") == "Whoever runs this place has been asked for it."
        assert do(page, "add", "vzor.example") == "No names of this kind can be had here."
        do(page, "add", "druhy.org")
        do(page, "add", "treti.org")
        assert do(page, "withdraw", "treti.org") == "You wait for it no more."
        first, second = server.run(server.core.ownership.requests())
        server.run(server.core.domains.approve(first.id))
        server.run(server.core.ownership.deny(second.id, "<b>není vaše</b>"))
        shown = page.get(HOME).text
        assert (mine(page), "&lt;b&gt;není vaše" in shown, "treti.org" in shown) == (["vzor.org"], True, False)
        assert do(page, "add", "druhy.org").startswith("Whoever runs this place decided against it.")
        do(page, "withdraw", "druhy.org")
        assert "druhy.org" in page.get(HOME).text  # what was denied is not undone by asking anew
        server.set_standing("Alena", "frozen")
        assert page.get(HOME).headers["location"] == "/login?to=-/domains"
        assert page.post(HOME, data={"do": "remove", "name": "vzor.org"}).status_code == 303
        assert len(server.run(server.core.zones.served())) == 1


def test_of_two_members_at_once_one_has_the_name() -> None:
    with BesedaServer({"domains.ownership": "open"}) as server:
        pages = [browser(server, nick) for nick in ("Alena", "Brana")]
        assert [do(page, "add", "vzor.cz") for page in pages] == [
            "The domain is yours.",
            "Somebody else has this domain, or one above it.",
        ]
        with httpx.Client(base_url=server.url) as guest:
            assert guest.get(HOME).headers["location"] == "/login?to=-/domains"
            assert guest.get(f"{HOME}/vzor.cz/keys").headers["location"] == "/login?to=-/domains/vzor.cz/keys"
            assert guest.get(BALANCE).headers["location"] == "/login?to=-/balance"
            guest.cookies.update(server.visitor("Host", server.room("Praha")))
            assert [guest.get(path).status_code for path in (HOME, BALANCE)] == [403, 403]
            assert "/-/domains" not in guest.get("/").text
        for page in pages:
            page.close()


def update(server: BesedaServer, zone: str, name: str, secret: str, record: tuple[str, str, str]) -> str:
    """What the name server answers to a change that is signed by a key."""
    host, _, port = server.name_server().rpartition(":")
    keyring = dns.tsigkeyring.from_text({f"{name}.": ("hmac-sha256", secret)})
    change = dns.update.UpdateMessage(zone, keyring=keyring)
    change.add(record[0], 60, *record[1:])
    change.id = time.monotonic_ns() % 65_536
    try:
        return dns.rcode.to_text(dns.query.tcp(change, host, 20, port=int(port)).rcode())
    except dns.tsig.PeerError as error:
        return type(error).__name__


def test_a_key_is_made_for_certificates_used_and_revoked(server: BesedaServer) -> None:
    server.move_clock((datetime.now(UTC) - server.clock.now()).total_seconds())  # signatures tell the time
    with browser(server, "Gita") as page:
        server.domain("gita.cz", "Gita")
        path = f"{HOME}/gita.cz/keys"
        begun = page.get(f"{path}?for=certificates").text
        assert all(f'value="{each}"' in begun for each in ("certbot", "_acme-challenge.*", "TXT"))
        made = {"name": "certbot", "update": "1", "names": "_acme-challenge.*", "types": "txt", "password": PASSWORD}
        for wrong in (
            {"password": "not this"},
            {"name": "<b>"},
            {"name": ""},
            {"names": "a b c .., é"},
            {"names": ",".join(map(str, range(101)))},
            {"types": "NOTYPE"},
            {"types": "\0"},
            {"update": ""},
            {"algorithm": "md5"},
        ):
            refused = page.post(path, data=made | wrong)
            assert (refused.status_code, 'role="alert"' in refused.text) == (422, True), wrong
            assert (made | wrong)["password"] not in refused.text
            assert "<b>" not in refused.text
        assert "None yet." in page.get(path).text
        shown = page.post(path, data=made).text
        secret = re.findall(r'id="made" class="code" value="([^"]+)"', shown)[0]
        assert shown.count(secret) == 4  # alone, for nsupdate, certbot and lego
        lines = html.unescape(shown)
        assert 'update add _acme-challenge.gita.cz 3600 TXT "..."' in lines
        assert "dns_rfc2136_name = certbot.gita.cz.\n" in lines
        assert "RFC2136_NAMESERVER=127.0.0.1:" in lines
        assert page.post(path, data=made).status_code == 422  # there is one of this name
        again = page.get(path).text
        assert (secret in again, "certbot.gita.cz" in again, "_acme-challenge.*" in again) == (False, True, True)
        challenge = ("_acme-challenge.www", "TXT", "token")
        assert update(server, "gita.cz", "certbot.gita.cz", secret, challenge) == "NOERROR"
        assert update(server, "gita.cz", "certbot.gita.cz", secret, ("www", "A", "192.0.2.1")) == "REFUSED"
        assert page.post(path, data={"revoke": "certbot", "password": "not this"}).status_code == 422
        gone = {"revoke": "certbot", "password": PASSWORD}
        assert page.post(path, data=gone).headers["location"] == f"{path}?saved=key-removed"
        assert page.post(path, data=gone).status_code == 422
        assert update(server, "gita.cz", "certbot.gita.cz", secret, challenge) == "PeerBadKey"
        both = made | {"name": "secondary", "update": "", "transfer": "1", "names": "", "types": ""}
        shown = page.post(path, data=both).text
        assert ("kdig" in shown, "nsupdate -y" in shown, "certbot" in shown) == (True, False, False)


def test_tokens_that_reach_the_domain_are_told_and_begun(server: BesedaServer) -> None:
    with browser(server, "Hana") as page:
        server.domain("hana.cz", "Hana")
        core, hana = server.core, AccountId(server.run(server.core.accounts.find("Hana")).id)
        for name, scope in (
            ("yes, all", {}),
            ("yes, zone", {"zones": ["hana.cz"], "types": ["A"]}),
            ("yes, reads", {"protocols": ["spaceweb"], "read_only": True}),
            ("no, room", {"rooms": [1]}),
            ("no, other", {"zones": ["gita.cz"]}),
            ("no, talk", {"protocols": ["live"]}),
        ):
            server.run(core.tokens.add(hana, name, core.tokens.scope(**scope)))
        shown = page.get(f"{HOME}/hana.cz/keys").text
        assert re.findall(r"<strong>((?:yes|no)[^<]*)</strong>", shown) == ["yes, all", "yes, zone", "yes, reads"]
        assert 'href="/-/account/tokens?zones=hana.cz"' in shown
        begun = page.get("/-/account/tokens?zones=hana.cz&names=%3Cb%3E").text
        assert 'id="zones" name="zones" autocomplete="off" placeholder="example.org" value="hana.cz"' in begun
        assert all(each in begun for each in ('value="&lt;b&gt;"', '<option value="90" selected>'))
        assert ">None<" not in begun
        assert 'value="None"' not in begun
        _, secret = server.run(core.tokens.add(hana, "narrow", core.tokens.scope(zones=["hana.cz"])))
    with httpx.Client(base_url=server.url, headers={"Accept-Language": "en"}) as program:
        program.post("/login", data={"email": "Hana", "password": secret, "to": ""})
        assert program.get(HOME).status_code == 403
        assert program.get(f"{HOME}/hana.cz/keys").status_code == 200
        made = program.post(f"{HOME}/hana.cz/keys", data={"name": "x", "update": "1", "password": PASSWORD})
        assert (made.status_code, "token that is not for this" in made.text) == (422, True)


def test_money_is_told_with_what_moved_it_page_by_page(server: BesedaServer) -> None:
    with browser(server, "Ivana") as page:
        assert "Nothing yet." in page.get(BALANCE).text
        core, ivana = server.core, AccountId(server.run(server.core.accounts.find("Ivana")).id)
        server.run(core.billing.credit(ivana, Pocket.REAL, 123_456_789, "<b>vklad</b>"))
        server.run(core.billing.credit(ivana, Pocket.BONUS, 5, "dárek"))
        server.run(core.billing.charge(ivana, 105, "za něco"))
        shown = page.get(BALANCE).text
        assert ("<dd>1,234,566.89</dd>" in shown, "<dd>0.00</dd>" in shown) == (True, True)
        rows = re.findall(r"<tr><td>(.*?)</td>.*?<td>([^<]*)(?: <small>(.*?)</small>)?</td></tr>", shown)
        assert rows == [
            ("za něco", "−1.00", "−0.05 bonus money"),
            ("dárek", "", "+0.05 bonus money"),
            ("&lt;b&gt;vklad&lt;/b&gt;", "+1,234,567.89", ""),
        ]
        czech = page.get(BALANCE, headers={"Accept-Language": "cs"}).text
        assert "<dd>1\u00a0234\u00a0566,89</dd>" in czech
        for number in range(60):
            server.run(core.billing.credit(ivana, Pocket.REAL, 100, f"n{number}"))
        first = page.get(BALANCE).text
        older = page.get(BALANCE + re.findall(r"\?before=\d+", first)[0]).text
        assert (first.count("</time>"), older.count("</time>"), "Older" in older) == (50, 13, False)
        for text in ("?before=1", "?before=99999999999999999999", "?before=x"):
            assert page.get(f"{BALANCE}{text}").status_code == 200
        assert page.post(BALANCE, data={}).status_code == 405


def test_without_the_database_nothing_is_half_done(server: BesedaServer) -> None:
    with browser(server, "Jana") as page:
        server.domain("jana.cz", "Jana")
        with server.faults.failing():
            for path in (HOME, BALANCE, f"{HOME}/jana.cz/keys"):
                assert page.get(path).status_code == 503, path
            assert page.post(HOME, data={"do": "remove", "name": "jana.cz"}).status_code == 503
        assert mine(page) == ["jana.cz"]


@pytest.mark.parametrize(
    ("listen", "servers", "told"),
    [
        ([], ["localhost"], None),
        (["127.0.0.1:5300"], ["localhost"], {"host": "127.0.0.1", "port": 5300, "named": False}),
        (["127.0.0.1:53", "[2001:db8::53]:53"], OURS, {"host": "2001:db8::53", "port": 53, "named": False}),
        (["0.0.0.0:53"], OURS, {"host": OURS[0], "port": 53, "named": True}),
        (["[::]:53"], ["localhost"], {"host": "localhost", "port": 53, "named": True}),
    ],
)
def test_where_programs_reach_the_name_server(listen: list[str], servers: list[str], told: object) -> None:
    features = domain_features(Config(dns=DnsConfig(listen=listen, name_servers=servers)))
    assert features["dns"] == told
    assert features["name_servers"] == [each for each in servers if each != "localhost"]
