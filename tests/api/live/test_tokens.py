"""Personal tokens on the wire: shown as a Bearer and given for a password; revoked, all that they opened is shut."""

from typing import Any

import httpx
import pytest

from api.live.client import PASSWORD, Live, live, member
from beseda.domain.limits import LIMITS, Bucket, take
from beseda.testing import BesedaServer


def add(alena: Live, **members: Any) -> str:
    return str(alena.do("add_token", password=PASSWORD, name="echo", **members)["secret"])


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def rpc(server: BesedaServer, path: str, method: str, headers: dict[str, str] | None = None, **params: Any) -> Any:
    call = {"jsonrpc": "2.0", "method": method, "params": params}
    return httpx.post(f"{server.url}/rpc/{path}", json=call, headers=headers).json()


def test_a_bot_lives_by_its_token_until_it_is_revoked(server: BesedaServer) -> None:
    with member(server, "Alena") as alena:
        secret = add(alena, bot=True, rooms=[1], days=30)
        with live(server, bearer(secret)) as bot:
            assert bot.hello["bot"]
            bot.do("enter", name="Praha")
            bot.do("follow", room=1)
            for _ in range(50):
                server.move_clock(100)
            assert [each["nick"] for each in bot.do("people", room=1)["people"]] == ["Alena"]
            for op, members in (("enter", {"name": "Brno"}), ("threads", {}), ("tokens", {}), ("own", {"watch": True})):
                assert bot.refused(op, **members) == "token_too_narrow"
            (token,) = alena.do("tokens")["tokens"]
            assert (token["name"], token["bot"], token["rooms"], "used" in token) == ("echo", True, [1], True)
            assert alena.refused("revoke_token", password="jine", token=token["token"]) == "wrong_credentials"
            alena.do("revoke_token", password=PASSWORD, token=token["token"])
            assert bot.closed_with() == 1008
        assert httpx.get(f"{server.url}/live", headers=bearer(secret)).status_code == 401
        assert alena.do("tokens")["tokens"] == []


def test_a_token_that_only_reads(server: BesedaServer) -> None:
    with member(server, "Alena") as alena:
        alena.do("enter", name="Praha")
        secret = add(alena, read_only=True)
        with live(server, bearer(secret)) as reader:
            reader.do("follow", room=1, after=0)
            assert reader.do("rooms")["rooms"]
            for op, members in (
                ("post", {"room": 1, "text": "x"}),
                ("leave", {"room": 1}),
                ("awake", {}),
                ("nonsense", {}),
            ):
                code = reader.refused(op, **members)
                assert code == ("unknown_op" if op == "nonsense" else "token_too_narrow")
        token = rpc(server, "notAuthorized", "getToken", login="Alena", password=secret)["result"]
        assert "result" in rpc(server, "domains", "index", bearer(token))
        assert "error" in rpc(server, "domains", "remove", bearer(token), domain="example.org")
        answer = httpx.post(f"{server.url}/login", data={"email": "Alena", "password": secret})
        assert 'id="nav-user"' not in answer.text
        assert "k tomu neopravňuje" in answer.text


def test_it_is_a_password_where_a_client_knows_no_other(server: BesedaServer) -> None:
    with member(server, "Alena") as alena:
        secret = add(alena)
        with httpx.Client(base_url=server.url) as client:
            assert 'id="nav-user"' in client.post("/login", data={"email": "Alena", "password": secret}).text
            assert 'id="nav-user"' in client.get("/").text
            token = rpc(server, "notAuthorized", "getToken", login="Alena", password=secret)["result"]
            answer = client.post(
                "/neoapi/session",
                headers={"X-Proxy": "spaces"},
                data={"method": "login", "login": "Alena", "password": secret},
            ).json()
            assert answer["code"] in (0, "00000")
            with live(server, bearer(token)) as socket:
                alena.do("revoke_token", password=PASSWORD, token=alena.do("tokens")["tokens"][0]["token"])
                assert socket.closed_with() == 1008
            assert 'id="nav-user"' not in client.get("/").text
        assert "error" in rpc(server, "notAuthorized", "getToken", login="Alena", password=secret)
        assert alena.do("own")["ok"]


def test_a_token_for_one_protocol_is_none_for_others(server: BesedaServer) -> None:
    with member(server, "Alena") as alena:
        secret = add(alena, protocols=["spaceweb"])
    assert "result" in rpc(server, "domains", "index", bearer(secret))
    assert httpx.get(f"{server.url}/live", headers=bearer(secret)).status_code == 401
    answer = httpx.post(f"{server.url}/login", data={"email": "Alena", "password": secret})
    assert 'id="nav-user"' not in answer.text


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"password": "jine"}, "wrong_credentials"),
        ({"name": " "}, "token_invalid"),
        ({"name": "x" * 51}, "token_invalid"),
        ({"days": 0}, "token_invalid"),
        ({"days": "1"}, "bad_days"),
        ({"protocols": ["gopher"]}, "token_invalid"),
        ({"rooms": ["1"]}, "bad_rooms"),
        ({"zones": ["a b"]}, "token_invalid"),
        ({"bot": 1}, "bad_bot"),
    ],
    ids=str,
)
def test_what_makes_no_token(server: BesedaServer, members: dict[str, Any], code: str) -> None:
    with member(server, "Alena") as alena:
        assert alena.refused("add_token", **{"password": PASSWORD, "name": "echo", **members}) == code
        assert alena.do("tokens")["tokens"] == []


def test_a_busy_hour_never_meets_the_limit_of_frames() -> None:
    """A page with twenty rooms, by the guide: it comes back every ten minutes, scrolls, reads, talks all the time."""
    times: list[float] = []
    for minute in range(60):
        start = minute * 60.0
        times += [start] * (24 if minute % 10 == 0 else 0)  # follows of twenty rooms, own, rooms, people, history
        times += [start + 2 * number for number in range(30)]  # a mark every 2 s
        times += [start + 1 + 2.5 * number for number in range(24)]  # a text or a keystroke's `typing` every 2.5 s
        times += [start + 30 + 0.2 * number for number in range(10)]  # ten pages of history, as fast as they load
        times.append(start + 59)  # awake
    bucket: Bucket | None = None
    for at in sorted(times):
        bucket, wait_s = take(LIMITS["socket_frame"], bucket, at)
        assert wait_s == 0, at
    assert len(times) > 3600
