"""Pictures at sign-in: what a transcript cannot say."""

import contextlib
import io
import re
from typing import Any

import httpx
from PIL import Image

from api.spaces.client import TLS
from beseda.domain.errors import BesedaError
from beseda.domain.sessions import Handle
from beseda.testing import BesedaServer

PASSWORD = "kratka zima 7"


def sign_in(server: BesedaServer, password: str, code: str | None = None, login: str = "Alena") -> dict[str, Any]:
    fields = {"method": "login", "login": login, "password": password} | ({} if code is None else {"code": code})
    answer: dict[str, Any] = httpx.post(f"{server.url}/api/auth/", data=fields, verify=TLS).json()
    return answer


def ask(server: BesedaServer) -> str:
    """The address of a picture, after three failures."""
    for _ in range(3):
        assert sign_in(server, "nevim nevim")["code"] == "01003"
    answer = sign_in(server, PASSWORD)
    assert answer["code"] == "00001"
    return str(answer["captcha_url"])


def challenge_of(url: str) -> str:
    match = re.search(r"/captcha/([0-9]{16})\.png\?[0-9]+$", url)
    assert match
    return match[1]


def test_a_png_for_whoever_knows_its_address(server: BesedaServer) -> None:
    url = ask(server)
    answer = httpx.get(url, verify=TLS)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.headers["cache-control"] == "no-store"
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert (picture.format, picture.size[1]) == ("PNG", 60)
    assert httpx.get(url, verify=TLS).content != answer.content, "drawn anew each time"
    code = server.core.captcha.answer(challenge_of(url))
    assert re.fullmatch(r"[0-9]{4}", code)
    assert sign_in(server, PASSWORD, code)["code"] == "00000"


def test_addresses_of_no_picture(server: BesedaServer) -> None:
    url = ask(server)
    for path in ("1" * 16 + ".png", "", "x.png", challenge_of(url), challenge_of(url) + ".jpg"):
        assert httpx.get(f"{server.url}/captcha/{path}", verify=TLS).status_code == 404
    server.move_clock(301)
    assert httpx.get(url, verify=TLS).status_code == 404


def test_pictures_are_limited_by_address(server: BesedaServer) -> None:
    url = ask(server)
    statuses = [httpx.get(url, verify=TLS).status_code for _ in range(31)]
    assert statuses == [200] * 30 + [429]


def test_a_picture_is_for_the_name_it_was_asked_for(server: BesedaServer) -> None:
    """Reading one's own helps nobody into another's account."""
    code = server.core.captcha.answer(challenge_of(ask(server)))
    for _ in range(3):
        sign_in(server, "nevim nevim", login="Brana")
    assert sign_in(server, PASSWORD, code, login="Brana")["code"] == "00004"
    assert sign_in(server, PASSWORD, code)["code"] == "00000"


def test_every_name_of_a_member_counts_as_one(server: BesedaServer) -> None:
    ask(server)
    assert sign_in(server, PASSWORD, login="ALENA")["code"] == "00001"


def test_a_member_known_from_there_is_slowed_down_first(server: BesedaServer) -> None:
    assert sign_in(server, PASSWORD)["code"] == "00000"
    codes = []
    for _ in range(25):
        codes.append(sign_in(server, "nevim nevim")["code"])
        server.move_clock(2)
    assert codes[:5] == ["01003"] * 5
    assert "00007" in codes[5:20]
    assert "00001" not in codes[:20]
    assert codes[-1] == "00001"


def test_guessing_from_many_places_does_not_lock_the_member_out(server: BesedaServer) -> None:
    """The account's own limit is used up from elsewhere: whoever reads a picture gets in all the same."""
    for number in range(30):
        server.run(guess(server, f"198.51.100.{number}"))
    answer = sign_in(server, PASSWORD)
    assert answer["code"] == "00001"
    code = server.core.captcha.answer(challenge_of(answer["captcha_url"]))
    assert sign_in(server, PASSWORD, code)["code"] == "00000"


async def guess(server: BesedaServer, address: str) -> None:
    with contextlib.suppress(BesedaError):
        await server.core.auth.sign_in("Alena", "nevim nevim", kind=Handle.SID, address=address, code="")


def test_a_code_where_none_is_needed_is_passed_over(server: BesedaServer) -> None:
    assert sign_in(server, PASSWORD, "")["code"] == "00000"
    assert sign_in(server, PASSWORD, "1234")["code"] == "00000"
