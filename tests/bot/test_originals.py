"""Bots at the original services: no sockets of ours, idle ones are put out, sessions last a day."""

import logging
from typing import Any

import pytest

from beseda.bot import Bot, ChatCzNetwork, SpacesNetwork
from bot.originals import PASSWORD, ROOM, ChatCz, Spaces, listening
from bot.test_networks import AGAIN, QUICK, echo, serving, until


def chatcz(original: ChatCz, login: str = "Robot") -> Bot:
    return echo(
        ChatCzNetwork(original.url, login=login, password=PASSWORD, rooms=["Praha"], manners=QUICK, again=AGAIN)
    )


def spaces(original: Spaces) -> Bot:
    its: dict[str, Any] = {"login": "Robot", "password": PASSWORD, "manners": QUICK, "again": AGAIN}
    return echo(SpacesNetwork(original.url, rooms=[ROOM], letters=True, look_s=0.5, **its))


@pytest.mark.parametrize(
    ("original", "login"),
    [(ChatCz(), "Robot"), (ChatCz(names=False, tells_room=False), "robot"), (ChatCz(names=False), "robot@example.org")],
)
async def test_a_bot_of_chatcz_goes_in_again_and_answers_nobody_twice(original: ChatCz, login: str) -> None:
    async with listening(original):
        async with serving(chatcz(original, login)):
            original.say("Alena", "ahoj <b>")
            await until(lambda: original.texts()[-1] == "Alena: ahoj <b>")
            original.put_out("Robot")
            await until(lambda: "Robot" in original.inside)
            original.say("Alena", "zpět")
            await until(lambda: original.texts()[-1] == "Alena: zpět")
            original.pass_a_day()
            await until(lambda: original.sign_ins == 2)
            original.say("Alena", "ráno")
            await until(lambda: original.texts()[-1] == "Alena: ráno")
            original.say("Alena", "!rank")
            await until(lambda: original.texts()[-1] == "Alena: MEMBER")
        wanted = [text for said in ("ahoj <b>", "zpět", "ráno") for text in (said, f"Alena: {said}")]
        assert original.texts() == [*wanted, "!rank", "Alena: MEMBER"]
        assert original.strange == []
        assert "Robot" not in original.inside


async def test_what_is_said_just_when_the_session_has_ended_is_said_all_the_same() -> None:
    original = ChatCz()
    async with listening(original):
        bot = chatcz(original)

        @bot.command("konec")
        async def end(ctx: Any) -> None:
            original.pass_a_day()
            await ctx.reply("řečeno")

        async with serving(bot):
            original.say("Alena", "!konec")
            await until(lambda: original.texts()[-1] == "Alena: řečeno")
        assert original.sign_ins == 2


async def test_a_bot_of_spaces_signs_in_again_and_hears_by_its_new_channel() -> None:
    original = Spaces()
    async with listening(original):
        async with serving(spaces(original)):
            await until(lambda: any(original.sockets.values()))
            await original.say("Alena", "ahoj <b>")
            await original.write("dopis", received=True)
            await until(lambda: original.texts()[-1] == "Alena: ahoj <b>" and len(original.letters) == 2)
            original.pass_a_day()
            await until(lambda: original.sign_ins == 2 and sum(map(len, original.sockets.values())) == 1)
            await until(lambda: len(original.sockets) == 2)
            await original.say("Alena", "ráno")
            await original.write("druhý", received=True)
            await until(lambda: original.texts()[-1] == "Alena: ráno" and len(original.letters) == 4)
            await until(lambda: not [letter for letter in original.letters if "not_read" in letter])
        assert original.texts() == ["ahoj <b>", "Alena: ahoj <b>", "ráno", "Alena: ráno"]
        assert [letter["text"] for letter in original.letters] == ["dopis", "dopis", "druhý", "druhý"]
        assert original.strange == []
        assert original.sessions == {}


async def test_a_letter_that_comes_before_the_last_was_marked_is_not_lost() -> None:
    """All of a contact are marked at once: also those that nobody has seen."""
    original = Spaces()
    async with listening(original):
        bot = spaces(original)

        @bot.command("a")
        async def more(ctx: Any) -> None:
            await original.write("druhý", received=True)

        async with serving(bot):
            await original.write("!a", received=True)
            await until(lambda: original.letters[-1]["text"] == "druhý" and "received" not in original.letters[-1])
            await until(lambda: not [letter for letter in original.letters if "not_read" in letter])
        assert [letter["text"] for letter in original.letters] == ["!a", "druhý", "druhý"]


async def test_texts_of_rooms_that_are_pieces_of_pages_leave_the_letters_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    original = Spaces(html_rooms=True)
    async with listening(original):
        await original.say("Alena", "ahoj")
        bot = spaces(original)
        await original.write("dopis", received=True)
        with caplog.at_level(logging.WARNING, "beseda.bot"):
            network: Any = bot.networks[0]
            async with serving(bot, ready=lambda: network.me is not None):
                await until(lambda: len(original.letters) == 2 and "chat.getMessages" in caplog.text)
        assert original.strange == []
