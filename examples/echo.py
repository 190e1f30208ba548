"""Repeats what it is told: `!echo Ahoj!`.

BESEDA_URL is the server, BESEDA_TOKEN a personal token (`beseda token add Robot echo --bot`), ROOM the room. Where it
was is kept in STATE: a text that came while it was away is repeated when it is back, and none twice.
"""

import os

from beseda.bot import Bot, Context

bot = Bot(rooms=[os.environ.get("ROOM", "Praha")], state=os.environ.get("STATE", "echo.json"))


@bot.command("echo", help="Repeats what you say")
async def echo(ctx: Context, *, text: str) -> None:
    await ctx.room.say(text)


if __name__ == "__main__":
    bot.run()
