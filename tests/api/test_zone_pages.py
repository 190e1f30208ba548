"""The pages of a domain's records, as a browser without scripts has them."""

import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from beseda.core.caller import Caller
from beseda.core.zone_files import How, WrittenSet
from beseda.domain.sessions import Handle
from beseda.testing import PASSWORD, BesedaServer

ZONE = "/-/domains/vzor.cz"

HOW = How()


@pytest.fixture(scope="module")
def server() -> Iterator[BesedaServer]:
    with BesedaServer() as running:
        for nick in ("Alena", "Brana"):
            running.member(nick)
        yield running


def caller(server: BesedaServer, nick: str = "Alena") -> Caller:
    signed_in = server.run(server.core.auth.sign_in(nick, PASSWORD, kind=Handle.COOKIE, address="192.0.2.7"))
    return Caller("192.0.2.7", signed_in.account, signed_in.session)


def browser(server: BesedaServer, nick: str = "") -> httpx.Client:
    cookies = server.cookie(nick) if nick else {}
    return httpx.Client(base_url=server.url, cookies=cookies, headers={"Accept-Language": "en"})


@pytest.fixture
def page(server: BesedaServer) -> Iterator[httpx.Client]:
    """Alena's browser, and an empty zone of hers."""
    server.domain("vzor.cz", "Alena")
    with browser(server, "Alena") as client:
        yield client
    server.run(server.core.domains.remove(caller(server), ["vzor.cz"]))


def fields(text: str) -> dict[str, str]:
    """What the open form holds, its hidden fields among it."""
    form = text[text.index('id="editing"') :].partition("</form>")[0]
    found = {
        name: unescape(value)
        for tag in re.findall(r"<input[^>]*>", form)
        for name, value in [(re.findall(r' name="(\w+)"', tag)[0], re.findall(r' value="([^"]*)"', tag)[0])]
    }
    data = re.findall(r"<textarea[^>]*>([^<]*)</textarea>", form)
    return found | ({"data": unescape(data[0])} if data else {})


def put(page: httpx.Client, name: str, type_: str, data: str, **more: str) -> httpx.Response:
    """Fill the form in, check, and save what the page that was checked says."""
    form = fields(page.get(ZONE, params={"edit": "new"}).text) | {"name": name, "type": type_, "data": data} | more
    checked = page.post(ZONE, data=form | {"do": "check"})
    assert checked.status_code == 200, checked.text
    return page.post(ZONE, data=fields(checked.text) | {"do": "save"})


def kept(server: BesedaServer) -> set[tuple[str, str, int, tuple[str, ...]]]:
    _, sets = server.run(server.core.zone_files.read(None, "vzor.cz"))
    return {(each.name, each.type, each.ttl, tuple(data.text for data in each.data)) for each in sets}


def number(page: httpx.Client, name: str, type_: str) -> str:
    """Of a record set in the table."""
    rows = re.findall(
        r'<a class="edit" href="[^"]*edit=(\d+)#editing">[^<]*<span[^>]*> (\S+) (\S+)</span>', page.get(ZONE).text
    )
    return next(str(id_) for id_, *key in rows if key == [name, type_])


def test_a_record_is_added_changed_moved_and_removed_each_checked_first(
    server: BesedaServer, page: httpx.Client
) -> None:
    assert "There is no record yet" in page.get(ZONE).text
    form = fields(page.get(ZONE, params={"edit": "new"}).text) | {"name": "čaj", "data": "192.0.2.1\n192.0.2.2"}
    checked = page.post(ZONE, data=form | {"do": "check"})
    assert kept(server) == set()
    assert all(text in checked.text for text in ("0 records go, 2 come", "<bdi>čaj</bdi>", "xn--aj-dma", "192.0.2.2"))
    back = page.post(ZONE, data=fields(checked.text) | {"do": "edit"})
    assert fields(back.text)["data"] == "192.0.2.1\n192.0.2.2"
    saved = page.post(ZONE, data=fields(checked.text) | {"do": "save"})
    assert (saved.status_code, saved.headers["location"]) == (303, f"{ZONE}?saved=record&at=xn--aj-dma+A#changed")
    assert kept(server) == {("xn--aj-dma", "A", 3600, ("192.0.2.1", "192.0.2.2"))}
    shown = page.get(saved.headers["location"]).text
    assert 'id="changed"' in shown
    assert "Saved." in shown
    opened = fields(page.get(ZONE, params={"edit": number(page, "xn--aj-dma", "A")}).text)
    assert (opened["name"], opened["ttl"]) == ("xn--aj-dma", "3600")
    moved = opened | {"name": "www", "type": "aaaa", "ttl": "60", "data": "2001:db8::1"}
    checked = page.post(ZONE, data=moved | {"do": "check"})
    assert "2 records go, 1 comes" in checked.text
    page.post(ZONE, data=fields(checked.text) | {"do": "save"})
    assert kept(server) == {("www", "AAAA", 60, ("2001:db8::1",))}
    spoilt = (
        opened | fields(page.get(ZONE, params={"edit": number(page, "www", "AAAA")}).text) | {"name": "..", "ttl": "x"}
    )
    assert "Remove this?" in page.post(ZONE, data=spoilt | {"do": "remove"}).text
    asked = page.get(ZONE, params={"remove": number(page, "www", "AAAA")})
    assert "Remove this?" in asked.text
    assert page.post(ZONE, data=fields(asked.text) | {"do": "save"}).status_code == 303
    assert kept(server) == set()


def test_a_new_record_joins_those_of_its_name_and_texts_are_written_without_quotes(
    server: BesedaServer, page: httpx.Client
) -> None:
    long = "v=DKIM1; p=" + "Ab/" * 120
    put(page, "", "TXT", 'v=spf1 mx -all\nhe said "a\\b"')
    put(page, "@", "txt", f'{long}\n"two" "parts"', ttl="60")
    assert kept(server) == {
        (
            "@",
            "TXT",
            60,
            (
                '"v=spf1 mx -all"',
                r'"he said \"a\\b\""',
                f'"{long[:255]}" "{long[255:]}"',
                '"two" "parts"',
            ),
        )
    }
    opened = page.get(ZONE, params={"edit": number(page, "@", "TXT")}).text
    assert fields(opened)["data"].splitlines() == ["v=spf1 mx -all", 'he said "a\\b"', long, '"two" "parts"']
    same = page.post(ZONE, data=fields(opened) | {"do": "check"})
    assert "nothing would change" in same.text
    again = page.post(ZONE, data=fields(same.text) | {"do": "save"})
    assert again.headers["location"].startswith(f"{ZONE}?saved=nothing")
    table = page.get(ZONE).text
    assert f"{len(long)} characters" in table
    assert long in table


@pytest.mark.parametrize(
    ("wrong", "field", "czech"),
    [
        ({"data": "192.0.2.300"}, "data", "není hodnota"),
        ({"data": "  "}, "data", "není hodnota"),
        ({"name": "a..b"}, "name", "takové jméno"),
        ({"name": "www.example.org."}, "name", "takové jméno"),
        ({"type": "SOA", "data": "x"}, "type", "tohoto typu"),
        ({"type": "", "data": "x"}, "type", "tohoto typu"),
        ({"ttl": "0"}, "ttl", "od 1 do 2147483647"),
        ({"ttl": "1h"}, "ttl", "od 1 do 2147483647"),
        ({"ttl": "2147483648"}, "ttl", "od 1 do 2147483647"),
        ({"type": "CNAME", "data": "a"}, "data", "stojí u svého jména sám"),
        ({"type": "CNAME", "name": "@", "data": "a"}, "data", "nemůže být CNAME"),
        ({"type": "MX", "data": "10 192.0.2.1"}, "data", "ne adresa"),
    ],
)
def test_what_is_wrong_is_said_beside_the_record_in_the_readers_language(
    server: BesedaServer, page: httpx.Client, wrong: dict[str, str], field: str, czech: str
) -> None:
    server.run(server.core.zone_files.put(None, "vzor.cz", WrittenSet("www", "TXT", ('"x"',)), HOW))
    form = {"do": "check", "set": "0", "seen": "", "name": "www", "type": "A", "ttl": "60", "data": "192.0.2.1"} | wrong
    answer = page.post(ZONE, data=form, headers={"Accept-Language": "cs"})
    row = answer.text[answer.text.index('id="editing"') :]
    assert answer.status_code == 422
    assert czech in row
    assert 'lang="en"' in row
    faulty = re.findall(r'id="edit-(\w+)"[^>]* aria-invalid="true"', row)
    assert faulty == [field]
    assert {name: value.strip() for name, value in fields(answer.text).items() if name in wrong} == {
        name: value.strip() for name, value in wrong.items()
    }
    saved = page.post(ZONE, data=form | {"do": "save"})
    assert (saved.status_code, len(kept(server))) == (422, 1)


def test_two_who_change_one_record_do_not_overwrite_each_other(server: BesedaServer, page: httpx.Client) -> None:
    files, core_set = server.core.zone_files, WrittenSet("www", "A", ("192.0.2.1",))
    server.run(files.put(None, "vzor.cz", core_set, HOW))
    opened = fields(page.get(ZONE, params={"edit": number(page, "www", "A")}).text)
    mine = opened | {"data": "192.0.2.3"}
    checked = fields(page.post(ZONE, data=mine | {"do": "check"}).text)
    server.run(files.put(None, "vzor.cz", WrittenSet("mail", "A", ("192.0.2.9",)), HOW))
    server.run(files.put(None, "vzor.cz", WrittenSet("www", "A", ("192.0.2.2",)), HOW))
    for do in ("check", "save", "remove"):
        refused = page.post(ZONE, data=checked | {"do": do})
        assert refused.status_code == 422
        assert all(text in refused.text for text in ("has changed this record meanwhile", "192.0.2.2", "192.0.2.3"))
    assert ("www", "A", 3600, ("192.0.2.2",)) in kept(server)
    knowing = page.post(ZONE, data=fields(refused.text) | {"do": "check"})
    page.post(ZONE, data=fields(knowing.text) | {"do": "save"})
    assert ("www", "A", 3600, ("192.0.2.3",)) in kept(server)
    opened = fields(page.get(ZONE, params={"edit": number(page, "www", "A")}).text)
    server.run(files.put(None, "vzor.cz", WrittenSet("www", "A", ()), HOW))
    gone = page.post(ZONE, data=opened | {"data": "192.0.2.4", "do": "save"})
    assert (gone.status_code, "is not there any more" in gone.text) == (422, True)
    assert fields(gone.text)["data"] == "192.0.2.4"
    assert page.post(ZONE, data=opened | {"do": "remove"}).status_code == 422
    assert page.get(ZONE, params={"edit": opened["set"]}).status_code == 422
    assert {name for name, *_ in kept(server)} == {"mail"}


def test_many_records_are_found_and_come_in_pages(server: BesedaServer, page: httpx.Client) -> None:
    text = "".join(f"h{n} 60 IN A 192.0.2.{n % 250}\n" for n in range(450)) + 'xn--aj-dma IN TXT "dobrý čaj"\n'
    server.run(server.core.zone_files.read_in(None, "vzor.cz", text, HOW))
    first = page.get(ZONE).text
    assert first.count('class="edit"') == 100
    assert "451 records" in first
    last = page.get(ZONE, params={"page": "99"}).text
    assert (last.count('class="edit"'), "page 5 of 5" in last) == (51, True)
    for query, found in (("h44", 11), ("ČAJ", 1), ("192.0.2.77 h77", 1), ("nowhere", 0)):
        shown = page.get(ZONE, params={"q": query}).text
        assert shown.count('class="edit"') == found, query
    assert page.get(ZONE, params={"only": "TXT"}).text.count('class="edit"') == 1
    narrowed = page.get(ZONE, params={"q": "h1", "page": "2"}).text
    assert re.search(r'class="edit" href="[^"]*q=h1&amp;page=2&amp;edit=\d+#editing"', narrowed)
    for odd in ("page=x", "page=-1", "edit=%F0", "remove=99999999999999999999", "&".join(["q=a"] * 40)):
        assert page.get(f"{ZONE}?{odd}").status_code in (200, 422), odd


def test_the_history_says_who_did_what_and_leads_back_checked_first(server: BesedaServer, page: httpx.Client) -> None:
    put(page, "www", "A", "192.0.2.1")
    put(page, "mail", "A", "192.0.2.9")
    server.run(server.core.zone_files.put(None, "vzor.cz", WrittenSet("www", "A", ("192.0.2.2",)), HOW))
    history = page.get(f"{ZONE}/history").text
    assert (history.count('href="/p/Alena"'), history.count("the server or its operator")) == (3, 1)
    steps = re.findall(r'href="([^"]*step=\d+)"', history)
    newest, second = page.get(steps[0]), page.get(steps[2])
    assert all(text in newest.text for text in ("1 record goes, 1 comes", "192.0.2.1", "192.0.2.2"))
    (serial,) = re.findall(r'name="serial" value="(\d+)">Back to after', second.text)
    checked = page.post(steps[2], data={"serial": serial})
    assert (checked.status_code, "2 records go, 1 comes" in checked.text) == (200, True)
    form = dict(re.findall(r'name="(serial|seen)" value="(\d+)"', checked.text)) | {"do": "save"}
    server.run(server.core.zone_files.put(None, "vzor.cz", WrittenSet("ftp", "A", ("192.0.2.5",)), HOW))
    moved = page.post(steps[2], data=form)
    assert (moved.status_code, "3 records go, 1 comes" in moved.text) == (422, True)
    assert len(kept(server)) == 3
    form = dict(re.findall(r'name="(serial|seen)" value="(\d+)"', moved.text)) | {"do": "save"}
    assert page.post(steps[2], data=form).headers["location"] == f"{ZONE}?saved=revert"
    assert kept(server) == {("www", "A", 3600, ("192.0.2.1",))}
    assert page.post(steps[2], data={"serial": "7"}).status_code == 422
    for unknown in ("999", "0", "x"):
        assert page.get(f"{ZONE}/history?step={unknown}").status_code == 422
    assert "Nothing older" in page.get(f"{ZONE}/history?before=1").text


def test_a_zone_file_is_compared_and_then_added_or_put_in_its_place(server: BesedaServer, page: httpx.Client) -> None:
    put(page, "www", "A", "192.0.2.1", ttl="60")
    text = "$ORIGIN vzor.cz.\n$TTL 3600\n@ IN SOA ns h 1 2 3 4 5\nwww 99 IN A 192.0.2.2\nmail IN A 192.0.2.9\n"
    where = f"{ZONE}/import"

    def send(**form: str) -> httpx.Response:
        return page.post(where, files={name: (None, value) for name, value in form.items()})

    added = send(do="check", how="add", text=text)
    assert (added.status_code, "0 records go, 2 come" in added.text) == (200, True)
    seen = re.findall(r'name="seen" value="(\d+)"', added.text)[0]
    assert kept(server) == {("www", "A", 60, ("192.0.2.1",))}
    assert send(do="save", how="add", text=text, seen=seen).headers["location"] == f"{ZONE}?saved=import"
    both = {("www", "A", 60, ("192.0.2.1", "192.0.2.2")), ("mail", "A", 3600, ("192.0.2.9",))}
    assert kept(server) == both
    stale = send(do="save", how="replace", text=text, seen=seen)
    assert (stale.status_code, "changed meanwhile" in stale.text) == (422, True)
    assert kept(server) == both
    file = {"file": ("zone.db", text.encode(), "text/plain")}
    checked = page.post(where, files=file, data={"how": "replace", "do": "check"})
    assert "2 records go, 1 comes" in checked.text
    seen = re.findall(r'name="seen" value="(\d+)"', checked.text)[0]
    carried = unescape(re.findall(r"<textarea name=\"text\" hidden[^>]*>\n([^<]*)</textarea>", checked.text)[0])
    assert carried == text
    send(do="save", how="replace", text=carried.replace("\n", "\r\n"), seen=seen)
    assert kept(server) == {("www", "A", 99, ("192.0.2.2",)), ("mail", "A", 3600, ("192.0.2.9",))}
    for bad, told in (
        ("www IN A", "Line 1"),
        ("$INCLUDE x", "Line"),
        ("a.example.org. IN A 192.0.2.1", "of this zone"),
    ):
        refused = send(do="check", how="add", text=bad)
        assert (refused.status_code, told in refused.text, bad in refused.text) == (422, True, True), bad
    exported = page.get(f"{ZONE}/export")
    assert exported.headers["content-disposition"] == 'attachment; filename="vzor.cz.zone"'
    assert "www\t99\tIN\tA\t192.0.2.2" in exported.text
    same = send(do="check", how="replace", text=exported.text)
    assert "nothing would change" in same.text
    long = {"file": ("big", b";" * (2 * 1024 * 1024 + 1), "text/plain")}
    assert page.post(where, files=long, data={"do": "check"}).status_code == 413


def test_whose_it_is_not_sees_nothing(server: BesedaServer, page: httpx.Client) -> None:
    server.domain("cizi.cz", "Brana")
    pages = ("", "/history", "/history?step=1", "/import", "/export")
    forms = ("", "/history?step=1", "/import")
    with browser(server) as nobody, browser(server, "Brana") as brana:
        for path in pages:
            assert nobody.get(ZONE + path).headers["location"].startswith("/login?to=-/domains/vzor.cz")
            assert [brana.get(ZONE + path).status_code, page.get(f"/-/domains/nikde.cz{path}").status_code] == [
                404,
                404,
            ]
            assert page.get(f"/-/domains/a..b{path}").status_code == 404
        for path in forms:
            deed = {
                "do": "save",
                "set": "0",
                "name": "www",
                "type": "A",
                "data": "192.0.2.1",
                "text": "www A 192.0.2.1",
            }
            assert brana.post(ZONE + path, data=deed).status_code == 404
            other = page.post(ZONE + path, data=deed, headers={"Sec-Fetch-Site": "cross-site"})
            assert (other.status_code, nobody.post(ZONE + path, data=deed).status_code) == (422, 303)
    assert kept(server) == set()
    server.run(server.core.domains.remove(caller(server), ["vzor.cz"]))
    gone = page.get(ZONE)
    assert (gone.status_code, "You can bring it back" in gone.text) == (404, True)
    server.run(server.core.domains.restore(caller(server), "vzor.cz"))
    assert page.get(ZONE).status_code == 200


def test_a_narrow_token_changes_what_it_is_for(server: BesedaServer, page: httpx.Client) -> None:
    secret = server.personal_token("Alena", zones=["vzor.cz"], names=["_acme-challenge.*"], types=["TXT"])
    with browser(server) as bot:
        bot.post("/login", data={"email": "Alena", "password": secret, "to": ""})
        form = {"do": "save", "set": "0", "name": "_acme-challenge", "type": "TXT", "data": "x"}
        assert bot.post(ZONE, data=form).status_code == 303
        refused = bot.post(ZONE, data=form | {"name": "www"})
        assert (refused.status_code, "token that is not for this" in refused.text) == (422, True)
        assert bot.get("/-/domains/jina.cz").status_code in (403, 404)
    assert {name for name, *_ in kept(server)} == {"_acme-challenge"}


def test_whatever_stands_in_records_is_text(server: BesedaServer, page: httpx.Client) -> None:
    hostile = "\"'><script>alert(1)</script>{{7*7}}<!--"
    put(page, "", "TXT", f"x{hostile}")
    for path in ("", "/history?step=2", f"?edit={number(page, '@', 'TXT')}", f"?q={hostile}", f"?edit=new&q={hostile}"):
        shown = page.get(ZONE + path).text
        assert "<script>alert" not in shown
        assert "{{7*7}}" in shown or "49" not in shown
    sent = {"do": "check", "set": hostile, "seen": hostile, "name": hostile, "type": hostile, "data": hostile}
    assert "<script>alert" not in page.post(ZONE, data=sent).text
    assert "<script>alert" not in page.post(f"{ZONE}/import", data={"text": hostile, "do": "check"}).text
    assert "<script>alert" not in page.get(f"/-/domains/{hostile.replace('/', '')}").text
