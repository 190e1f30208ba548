"""The same from coroutines, in the test's own loop."""

import asyncio

import httpx
import pytest

from beseda.testing import AsyncBesedaServer, BesedaServer


def test_its_calls_are_awaited(async_beseda_server: AsyncBesedaServer, beseda_server: BesedaServer) -> None:
    async def go() -> None:
        server = async_beseda_server
        assert server.url == beseda_server.url
        alena = await server.member("Alena")
        room = await server.room("Kavárna", admin=alena)
        await asyncio.gather(room.say(alena, "Ahoj!"), server.member("Brana"))
        assert await room.texts() == ["Ahoj!"]
        await server.fail_next("chatcz.rooms")
        async with httpx.AsyncClient(base_url=server.url) as http:
            assert [(await http.get("/api/rooms")).json()["status"] for _ in range(2)] == [503, 200]
        with pytest.raises(ValueError, match="no protocol has a call"):
            await server.fail_next("nothing")
        before = await server.move_clock(0)
        assert (await server.move_clock(61) - before).total_seconds() == 61

    asyncio.run(go())


def test_it_is_started_and_stopped_by_a_block() -> None:
    async def go() -> str:
        async with AsyncBesedaServer({"accounts.registration": "closed"}) as server:
            await server.room("Praha")
            await server.restart()
            async with httpx.AsyncClient(base_url=server.url) as http:
                assert [room["name"] for room in (await http.get("/api/rooms")).json()["rooms"]] == ["Praha"]
            return server.url

    url = asyncio.run(go())
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)
