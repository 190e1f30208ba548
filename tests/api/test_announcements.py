"""What an operator announces, in the words of every protocol, on every node and on the pages."""

from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

import beseda.server.cli  # noqa: F401 - which knows all commands
from api.live.client import member
from api.spaces.client import Client
from beseda.core.accounts import Application
from beseda.domain.operators import OperatorRole
from beseda.testing import BesedaServer

TEXT = "V osm večer <b>se</b> restartuje"


def test_everybody_hears_it_and_pages_show_it_until_it_is_over() -> None:
    with BesedaServer() as server, BesedaServer(data=server.config.server.data, clock=server.clock) as other:
        for nick in ("Alena", "Brana"):
            server.run(server.core.accounts.add(Application(nick, "kratka zima 7")))
        _, secret = server.run(server.core.operators.add_token("x", OperatorRole.MODERATOR))
        admin = httpx.Client(base_url=f"{other.beseda.ops_url}/admin/api/announcement")
        admin.headers["Authorization"] = f"Bearer {secret}"
        brana = Client(server, "Brana")
        site = httpx.Client(base_url=server.url)
        with admin, site, closing(brana.listen()) as channel, member(server, "Alena") as alena:
            room = alena.do("enter", name="Praha")["room"]
            alena.do("follow", room=room)
            brana.do("chat.getMessages", Rid=room)
            alena.take_lines(1)
            site.cookies.update(server.enter("Alena", "Praha"))

            rehearsed = admin.post("add", json={"text": TEXT, "until": "2h", "dry_run": True})
            assert rehearsed.json() == {"rooms": 1, "until": "2026-11-20T12:00:00Z"}
            assert admin.get("list").json() == []
            made = admin.post("add", json={"text": TEXT, "until": "2026-11-20T12:00"}).json()
            assert (made["rooms"], made["until"], made["shown"]) == (1, "2026-11-20T12:00:00Z", True)
            for each in (server, other):
                each.run(each.beseda.look_for_others())

            (line,) = alena.take_lines(1)
            assert (line["kind"], line["text"], line["number"]) == ("announced", TEXT, made["id"])
            assert "actor" not in line
            told = channel.hear()
            assert (told["act"], told["severity"]) == (20, 1)
            assert told["text"] == "V osm večer &lt;b&gt;se&lt;/b&gt; restartuje"
            assert told["id"] == f"announcement-{made['id']}"
            polled = site.post("/json/getText", data={"roomId": room, "chatIndex": ""}).json()["data"]["data"]
            assert [each["t"] for each in polled if each.get("s") == "cli"] == [
                "Oznámení správce: V osm večer ‹b›se‹/b› restartuje"
            ]
            for page in ("/", "/login", "/Praha", "/-/letters"):
                for each in (server, other):
                    text = site.get(f"{each.url}{page}", follow_redirects=True).text
                    assert "V osm večer &lt;b&gt;se&lt;/b&gt; restartuje</p>" in text, page

            assert admin.post("end", json={"announcement": made["id"]}).json()["ended"]
            for each in (server, other):
                each.run(each.beseda.look_for_others())
            assert TEXT[:5] not in site.get("/").text
            assert admin.post("end", json={"announcement": made["id"]}).status_code == 400
            assert admin.get("list").json() == []
            (over,) = admin.get("list", params={"over": "true"}).json()
            assert (over["id"], over["shown"], over["until"]) == (made["id"], False, over["at"])


@pytest.mark.parametrize(
    "arguments",
    [
        {"text": " "},
        {"text": "x" * 1001},
        {"text": "x", "until": "tomorrow"},
        {"text": "x", "until": "0h"},
        {"text": "x", "until": "2026-11-20T09:00"},
        {"text": "x", "until": "367d"},
        {"text": "x", "until": "9999-12-31T23:59"},
        {"text": "x", "until": "1h", "now": True},
    ],
    ids=range(8),
)
def test_what_makes_no_sense_is_not_announced(server: BesedaServer, secret: str, arguments: dict[str, object]) -> None:
    url = f"{server.beseda.ops_url}/admin/api/announcement"
    headers = {"Authorization": f"Bearer {secret}"}
    answer = httpx.post(f"{url}/add", json=arguments, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_arguments")
    assert httpx.get(f"{url}/list?over=true", headers=headers).json() == []


@pytest.fixture(scope="module")
def server() -> Iterator[BesedaServer]:
    with BesedaServer() as running:
        yield running


@pytest.fixture(scope="module")
def secret(server: BesedaServer) -> str:
    return server.run(server.core.operators.add_token("x", OperatorRole.OWNER))[1]
