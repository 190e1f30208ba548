"""No deed by a GET that nobody means: rooms are not opened by icons, prefetches and scanners, nor entered or left."""

from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

from beseda.api.chatcz.unasked import is_unasked
from beseda.core.accounts import Application
from beseda.domain.sessions import Handle
from beseda.testing import BesedaServer

PASSWORD = "kratka zima 7"
NAVIGATES = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"}
BY_PLAIN_HTTP = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PROGRAMS = {
    "gateway K": {"Accept": "", "Origin": "https://chat.cz", "Referer": "https://chat.cz/"},
    "gateway P": {"Accept": "*/*", "User-Agent": "Mozilla/5.0 (Windows NT 6.1; WOW64) Chrome/47.0.2526.106"},
    "Java": {"Accept": "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"},
}
ASIDE = {
    "a picture": {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image", "Sec-Fetch-Site": "same-origin"},
    "a frame": {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "same-origin"},
    "a script": {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin"},
    "a prefetch": NAVIGATES | {"Sec-Purpose": "prefetch;prerender"},
    "an old prefetch": BY_PLAIN_HTTP | {"Purpose": "prefetch"},
    "a picture by plain HTTP": {"Accept": "image/avif,image/webp,*/*;q=0.8"},
}
UNASKED = """
    apple-touch-icon.png apple-touch-icon-precomposed.png Apple-Touch-Icon-120x120.png favicon.svg favicon-32x32.png
    sw.js service-worker.js serviceworker.js manifest.json site.webmanifest browserconfig.xml humans.txt ads.txt
    security.txt sitemap.xml crossdomain.xml .env .git .DS_Store .htaccess ... admin Administrator wp-login.php
    wp-admin xmlrpc.php phpMyAdmin index.php login.aspx config.json server-status actuator cgi-bin backup.zip dump.sql
    swagger.json asset-manifest.json openapi.json console login.action index.do index.cfm trace.axd setup.cgi backup.sh
    app.js main.js index.js config.js env.js bundle.js Main.4f2a.js main.js.map service_worker.js sw.min.js site.min.js
    change-password a.css a.woff2 a.mp4 server.key web.config config.toml error.log Thumbs.db credentials id_ed25519
    manager solr jenkins hudson graphql telescope boaform owa autodiscover remote vendor composer.lock README.md
""".split()  # noqa: SIM905 - read as a list
GOOD = """
    Node.js Vue.js Socket.io ASP.NET Praha admini Administrativa C++ U.S.A. 3.14 Q&A WordPress MySQL sw manifest
    seznam.cz novinky.cz worker v1.0 humans ads Konzole Mainframe Config Appka.cz onet.pl index.hu Three.js Next.js
    Express.js React.js To.do Manažer Vendorka keys log mp3 CSS JSON
""".split()  # noqa: SIM905 - the same


@pytest.fixture
def server() -> Iterator[BesedaServer]:
    with BesedaServer({"server.limits": {"room_open": "1000/1"}, "compat.origins": ["https://chat.cz"]}) as running:
        running.run(running.core.rooms.add("Praha"))
        for nick in ("Alena", "Brana"):
            running.run(running.core.accounts.add(Application(nick, PASSWORD)))
        yield running


@pytest.fixture
def alena(server: BesedaServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url) as client:
        client.post("/login", data={"email": "Alena", "password": PASSWORD})
        yield client


def rooms(server: BesedaServer) -> set[str]:
    return {room["name"] for room in httpx.get(f"{server.url}/api/rooms").json()["rooms"]}


def inside(server: BesedaServer) -> list[str]:
    return [user["nick"] for user in httpx.get(f"{server.url}/api/room/1/users").json()["users"]]


@pytest.mark.parametrize("name", UNASKED)
def test_names_that_nobody_means(name: str) -> None:
    assert is_unasked(name)


@pytest.mark.parametrize("name", GOOD)
def test_names_that_are_good(name: str) -> None:
    assert not is_unasked(name)


@pytest.mark.long
def test_a_name_that_nobody_means_opens_no_room_by_get(server: BesedaServer, alena: httpx.Client) -> None:
    """Whoever sends it; a form does, and then anybody enters the room."""
    for name in UNASKED:
        for headers in (*PROGRAMS.values(), *ASIDE.values(), NAVIGATES, BY_PLAIN_HTTP):
            assert alena.get(f"/{name}", headers=headers).status_code in (403, 404)
    assert rooms(server) == {"Praha"}
    assert alena.post("/admin").status_code == 200
    assert rooms(server) == {"Praha", "admin"}
    for headers in (*PROGRAMS.values(), NAVIGATES):
        assert alena.get("/admin", headers=headers).status_code == 200


@pytest.mark.parametrize("headers", PROGRAMS.values(), ids=PROGRAMS)
def test_gateways_open_and_enter_rooms_by_get(
    server: BesedaServer, alena: httpx.Client, headers: dict[str, str]
) -> None:
    for name in ("Node.js", "Zimní zahrada", "Praha"):
        assert "/leaveRoom/" in alena.get(f"/{quote(name)}", headers=headers).text
    assert rooms(server) == {"Praha", "Node.js", "Zimní zahrada"}


@pytest.mark.parametrize("headers", [NAVIGATES, BY_PLAIN_HTTP])
def test_a_browser_gets_a_button(server: BesedaServer, alena: httpx.Client, headers: dict[str, str]) -> None:
    page = alena.get("/Zimn%C3%AD%20zahrada%20%26%20spol.", headers=headers)
    assert page.status_code == 404
    assert page.text.partition("<main")[2].count("<button") == 1
    assert '<form method="post" action="/Zimn%C3%AD%20zahrada%20%26%20spol."' in page.text
    assert rooms(server) == {"Praha"}
    opened = alena.post("/Zimn%C3%AD%20zahrada%20%26%20spol.", headers=headers)
    assert (opened.status_code, "/leaveRoom/" in opened.text) == (200, True)
    assert rooms(server) == {"Praha", "Zimní zahrada & spol."}
    assert "/leaveRoom/1" in alena.get("/Praha", headers=headers).text
    assert inside(server) == ["Alena"]


@pytest.mark.parametrize("path", ["/a:b", "/" + "a" * 300, "/ajax,", "/...", "/%EF%BF%BD"])
@pytest.mark.parametrize("headers", [NAVIGATES, BY_PLAIN_HTTP])
def test_a_browser_gets_no_button_for_what_can_be_no_room(
    alena: httpx.Client, path: str, headers: dict[str, str]
) -> None:
    page = alena.get(path, headers=headers)
    assert (page.status_code, "Místnost s takovým názvem být nemůže." in page.text) == (404, True)
    assert 'method="post"' not in page.text
    assert alena.post(path, headers=headers).status_code == 404


def test_a_browser_that_is_not_signed_in_is_asked_to_sign_in(server: BesedaServer) -> None:
    for path in ("/Nova", "/Praha", "/admin"):
        page = httpx.get(server.url + path, headers=NAVIGATES)
        assert (page.status_code, 'action="/login"' in page.text) == (403, True)


@pytest.mark.parametrize("headers", ASIDE.values(), ids=ASIDE)
def test_nothing_is_done_aside(server: BesedaServer, alena: httpx.Client, headers: dict[str, str]) -> None:
    with httpx.Client(base_url=server.url) as brana:
        brana.post("/login", data={"email": "Brana", "password": PASSWORD})
        assert brana.post("/msg/1", data={"text": "Ahoj"}).status_code == 303
    for path in ("/Praha", "/Nova", "/msg", "/logout"):
        assert alena.get(path, headers=headers).status_code == 403
    assert (rooms(server), inside(server)) == ({"Praha"}, [])
    alena.get("/Praha")
    assert alena.get("/leaveRoom/1", headers=headers).status_code == 403
    assert inside(server) == ["Alena"]
    assert alena.post("/json/getHeader").json()["data"]["msg_count"] == 1
    assert "Alena" in alena.get("/msg", headers=NAVIGATES).text
    assert alena.post("/json/getHeader").json()["data"]["msg_count"] == 0


def test_nothing_is_done_by_a_head(server: BesedaServer, alena: httpx.Client) -> None:
    with httpx.Client(base_url=server.url) as brana:
        brana.post("/login", data={"email": "Brana", "password": PASSWORD})
        brana.post("/msg/1", data={"text": "Ahoj"})
        alena.get("/Praha")
        for path in ("/Nova", "/logout", "/leaveRoom/1", "/msg", "/p/Brana", "/api/user/2/profile"):
            assert alena.head(path).status_code in (200, 405)
        assert (rooms(server), inside(server)) == ({"Praha"}, ["Alena"])
        assert alena.post("/json/getHeader").json()["data"]["msg_count"] == 1
        assert alena.get("/api/user/2/profile").json()["profile"]["profileViewCount"] == 1


def test_nothing_is_seen_aside_by_spaces(server: BesedaServer, alena: httpx.Client) -> None:
    """A journal is seen, a room entered, by who reads; not by an icon with a sid in its address or in a cookie."""
    deed = server.core.auth.sign_in("Alena", PASSWORD, kind=Handle.SID, address="192.0.2.1")
    sid = server.run(deed).handle
    address = f"{server.url}/neoapi/chat?method=getMessages&Rid=1&sid={sid}"
    for headers in (ASIDE["a picture"], ASIDE["a frame"], ASIDE["a prefetch"], ASIDE["a picture by plain HTTP"]):
        assert httpx.get(address, headers=headers).json()["code"] == "00012"
    httpx.head(address)
    assert inside(server) == []
    for headers in (PROGRAMS["Java"], ASIDE["a script"]):
        assert httpx.get(address, headers=headers).json()["code"] == "00000"
    assert inside(server) == ["Alena"]
