"""Why a call was refused, in every protocol, for whoever has the id of its answer."""

from collections.abc import Iterator

import httpx
import pytest

import beseda.server.cli  # noqa: F401 - which knows all commands
from api.live.client import live
from beseda.server.cli.operations import WRONG_USAGE, operations
from beseda.testing import PASSWORD, BesedaServer


@pytest.fixture(scope="module")
def server() -> Iterator[BesedaServer]:
    with BesedaServer({"server.limits": {"sign_in_pair": "1/600", "sign_in_account": "1/600"}}) as server:
        server.member("Alena")
        yield server


def explained(server: BesedaServer, answer: httpx.Response | str) -> dict[str, object]:
    command = operations()["explain"]
    request_id = answer if isinstance(answer, str) else answer.headers["x-request-id"]
    told = server.run(command.run(server.beseda.parts, "tests", {"request": request_id}))
    assert isinstance(told, dict)
    return told


def test_a_limit_with_its_state_then_and_now(server: BesedaServer) -> None:
    wrong = [httpx.post(f"{server.url}/login", data={"email": "Alena", "password": "nevim nevim"}) for _ in range(2)]
    told = explained(server, wrong[0])
    assert (told["protocol"], told["refused"]) == ("chatcz", "wrong_credentials")
    assert "which of the two is never said" in str(told["rule"])
    told = explained(server, wrong[1])
    assert (told["refused"], told["at_once"], told["then_one_every_s"]) == ("too_often", 1, 600.0)
    assert told["limit"] in ("sign_in_pair", "sign_in_account")
    assert told["had_to_wait_s"] == told["has_to_wait_s"] == 600.0
    server.clock.move(250)
    assert explained(server, wrong[1])["has_to_wait_s"] == 350.0
    assert not any("nevim" in str(value) for value in told.values())


def test_the_same_in_every_protocol(server: BesedaServer) -> None:
    call = {"jsonrpc": "2.0", "method": "getToken", "params": {"login": "+", "password": PASSWORD}, "id": 1}
    for protocol, error, answer in (
        ("spaceweb", "no_such_login", httpx.post(f"{server.url}/rpc/notAuthorized/", json=call)),
        ("spaces", "empty_credentials", httpx.post(f"{server.url}/api/auth/", data={"method": "login"})),
        ("chatcz", "room_not_found", httpx.get(f"{server.url}/api/room/4711")),
        ("web", "password_link_invalid", httpx.get(f"{server.url}/-/password?link=x")),
        ("web", "registered_only", register_only(server)),
    ):
        told = explained(server, answer)
        assert (told["protocol"], told["refused"]) == (protocol, error)
        assert told["rule"]


def test_the_same_inside_a_socket(server: BesedaServer) -> None:
    server.member("Brana")
    (cookie,) = server.cookie("Brana").items()
    with live(server, {"Cookie": "=".join(cookie)}) as brana:
        for op, given, error, rule in (
            ("enter", {"name": "a/b"}, "room_name_invalid", "name"),
            ("post", {"room": 4711, "text": "tajné"}, "not_in_room", "room"),
            ("post", {"room": "x", "text": "tajné"}, "bad_room", "could not be understood"),
            ("dance", {}, "unknown_op", "could not be understood"),
        ):
            told = explained(server, brana.call(op, **given)["error"]["request_id"])
            assert (told["protocol"], told["refused"]) == ("live", error)
            assert told["call"] == ("unknown" if op == "dance" else op)
            assert rule in str(told["rule"])
            assert "tajné" not in str(told)


def register_only(server: BesedaServer) -> httpx.Response:
    with httpx.Client(base_url=server.url) as guest:
        guest.post("/login", data={"nick": "Host", "sex": "m", "to": ""})
        return guest.get("/-/account")


def test_what_was_answered_is_no_refusal(server: BesedaServer) -> None:
    for answer in (httpx.get(f"{server.url}/"), httpx.get(f"{server.url}/-/nothing/here")):
        with pytest.raises(WRONG_USAGE):
            explained(server, answer)
