"""Members' own pictures: made small and harmless, reported, deleted (chat.cz help, rules 4 and 43)."""

import io
from collections.abc import Iterator

import httpx
import pytest
from PIL import Image

from api.live.client import register, signed_in
from beseda.core.pictures import CONTENT_MAX_BYTES
from beseda.domain.accounts import Role
from beseda.testing import BesedaServer
from unit.adapters.made import SECRET, jpeg_of_scans, save


@pytest.fixture
def server() -> Iterator[BesedaServer]:
    with BesedaServer() as running:
        running.run(running.core.rooms.add("Praha"))
        register(running, "Alena", "Brana", "Vera")
        yield running


def picture(form: str = "PNG", size: tuple[int, int] = (640, 480), mode: str = "RGB") -> bytes:
    content = io.BytesIO()
    Image.new(mode, size, 1 if mode in ("1", "L", "P") else None).save(content, form)
    return content.getvalue()


def upload(client: httpx.Client, content: bytes, **more: str) -> httpx.Response:
    return client.post("/picture", files={"picture": ("me.png", content, "image/png")}, headers=more)


def url_of(server: BesedaServer, nick: str) -> str:
    account = server.run(server.core.accounts.find(nick))
    profile = httpx.get(f"{server.url}/api/user/{account.id}/profile").json()["profile"]
    return str(profile.get("imageUrl", ""))


@pytest.mark.parametrize(
    "content",
    [
        picture(),
        picture("JPEG"),
        picture("GIF", mode="P"),
        picture("WEBP"),
        picture("PNG", (1, 1), "1"),
        picture("PNG", (3000, 10), "RGBA"),
        picture("JPEG", (4000, 4000), "L"),
    ],
)
def test_a_picture_becomes_a_small_jpeg(server: BesedaServer, content: bytes) -> None:
    with signed_in(server, "Alena") as alena:
        assert url_of(server, "Alena") == ""
        answer = upload(alena, content)
        assert (answer.status_code, answer.headers["location"]) == (303, "/p/Alena")
        got = httpx.get(url_of(server, "Alena"))
        assert (got.status_code, got.headers["content-type"]) == (200, "image/jpeg")
        shown = Image.open(io.BytesIO(got.content))
        assert shown.format == "JPEG"
        assert max(shown.size) <= 200
        assert f'src="{url_of(server, "Alena").removeprefix(server.url)}"' in alena.get("/p/Alena").text


@pytest.mark.parametrize(
    "content",
    [
        b"x",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 99,
        picture()[:200],
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        picture("BMP"),
        picture("PNG", (4097, 4097), "1"),
        picture() + b"\0" * CONTENT_MAX_BYTES,
        jpeg_of_scans(13_687, side_px=4096),
    ],
)
def test_what_is_no_picture_changes_nothing(server: BesedaServer, content: bytes) -> None:
    with signed_in(server, "Alena") as alena:
        upload(alena, picture())
        before = url_of(server, "Alena")
        assert upload(alena, content).status_code in (403, 413)
        assert url_of(server, "Alena") == before


@pytest.mark.parametrize("form", ["JPEG", "GIF"])
def test_nothing_but_the_picture_is_served(server: BesedaServer, form: str) -> None:
    with signed_in(server, "Alena") as alena:
        assert upload(alena, save(Image.new("L", (300, 300)), form, comment=SECRET)).status_code == 303
        assert SECRET not in httpx.get(url_of(server, "Alena")).content


def test_one_that_was_kept_with_a_comment_is_served_without(server: BesedaServer) -> None:
    """As the first version made them."""
    account = server.run(server.core.accounts.find("Alena"))

    async def keep() -> None:
        async with server.beseda.parts.store.unit() as unit:
            content = save(Image.new("RGB", (90, 90)), "JPEG", comment=SECRET)
            await unit.pictures.set(account.id, content, server.clock.now())

    server.run(keep())
    got = httpx.get(url_of(server, "Alena"))
    assert SECRET not in got.content
    assert Image.open(io.BytesIO(got.content)).size == (90, 90)


def test_a_new_one_has_another_address_and_none_is_none(server: BesedaServer) -> None:
    with signed_in(server, "Alena") as alena:
        upload(alena, picture())
        first = url_of(server, "Alena")
        server.clock.move(1)
        upload(alena, picture(size=(10, 10)))
        assert url_of(server, "Alena") != first
        assert httpx.get(first).status_code == 404
        assert alena.post("/picture").status_code == 303
        assert url_of(server, "Alena") == ""
    for path in ("/picture/1-1.jpg", "/picture/x", "/picture/99999999999999999999-1.jpg"):
        assert httpx.get(server.url + path).status_code == 404


def test_who_may_not(server: BesedaServer) -> None:
    with httpx.Client(base_url=server.url) as nobody:
        assert upload(nobody, picture()).status_code == 403
        nobody.post("/login", data={"nick": "Hostka", "sex": "f"})
        assert upload(nobody, picture()).status_code == 403
    with signed_in(server, "Alena") as alena:
        assert upload(alena, picture(), Origin="https://evil.example.org").status_code == 403
        told = upload(alena, b"x", Accept="text/html,*/*")
        assert (told.status_code, told.headers["content-type"]) == (403, "text/html; charset=utf-8")
        assert "<nav" in told.text
        account = server.run(server.core.accounts.find("Alena"))

        async def worsen() -> None:
            async with server.beseda.parts.store.unit() as unit:
                await unit.karma.add_gift(account.id, account.id, -1, "", server.clock.now())
                await unit.karma.recount(account.id, server.clock.now().replace(year=2020))

        server.run(worsen())
        assert upload(alena, picture()).status_code == 403
        assert url_of(server, "Alena") == ""


def karma(server: BesedaServer, nick: str) -> tuple[int, int]:
    account = server.run(server.core.accounts.find(nick))
    return account.karma_given, account.karma_earned


def test_reported_pictures(server: BesedaServer) -> None:
    vera_id = server.run(server.core.accounts.find("Vera")).id
    server.run(server.core.accounts.set_role(vera_id, Role.ROOM_ADMIN))
    with signed_in(server, "Alena") as alena, signed_in(server, "Brana") as brana, signed_in(server, "Vera") as vera:
        assert brana.post("/report/1").status_code == 404
        upload(alena, picture())
        assert alena.post("/report/1").status_code == 403
        for _ in range(2):
            assert brana.post("/report/1").status_code == 303
        assert brana.post("/report/settle/1", data={"delete": "1"}).status_code == 403
        brana.get("/Praha")
        brana.post("/json/getText", data={"roomId": 1, "text": "ahoj"})
        assert karma(server, "Brana") == (0, 1)
        assert vera.post("/report/settle/1", data={"delete": "0"}).status_code == 303
        assert karma(server, "Brana") == (0, 0)
        server.clock.move(1)
        upload(alena, picture())
        brana.post("/report/1")
        assert vera.post("/report/settle/1", data={"delete": "1"}).status_code == 303
        assert (karma(server, "Alena"), url_of(server, "Alena")) == ((-10, 0), "")
        assert vera.post("/report/settle/1", data={"delete": "1"}).status_code == 404
