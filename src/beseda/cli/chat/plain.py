"""Talking line by line: for pipes, for screen readers, and where there is no terminal client."""

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Iterator

import msgspec
import typer

from beseda.cli.chat.talk import OpenRoom, Talk
from beseda.cli.chat.words import clock, describe
from beseda.cli.member import say
from beseda.client.lines import Line


class Plain:
    """Lines go to standard output, all else to standard error. `stays` when standard input has ended."""

    def __init__(self, talk: Talk, *, as_json: bool, stays: bool) -> None:
        self._talk = talk
        self._as_json = as_json
        self._stays = stays
        self._broken: BrokenPipeError | None = None

    async def run(self) -> None:
        """Until the input ends, or the rooms do. Raises what ended them."""
        talk = self._talk
        talk.told, talk.said = self._show, say
        for opened in talk.rooms:
            for line in opened.lines:
                self._show(opened, line)
        marking = asyncio.create_task(talk.mark_read())
        typing = asyncio.create_task(self._type())
        try:
            await talk.ended.wait()
        finally:
            marking.cancel()
            typing.cancel()
        if failure := self._broken or talk.failure:
            raise failure

    def _show(self, opened: OpenRoom, line: Line) -> None:
        if self._broken:
            return
        try:
            typer.echo(self._written(opened, line))
            sys.stdout.flush()
        except BrokenPipeError as error:
            self._broken = error
            self._talk.ended.set()

    def _written(self, opened: OpenRoom, line: Line) -> str:
        if self._as_json:
            members = {"kind": type(line).__name__, "room": opened.name, **msgspec.structs.asdict(line)}
            return msgspec.json.encode(members).decode()
        speaker, text = describe(line)
        room = f"[{opened.name}] " if len(self._talk.rooms) > 1 else ""
        beginning = f"{clock(line)} {room}" + (f"<{speaker}> " if speaker else "-- ")
        return beginning + text.replace("\n", f"\n{clock(line)} {room}   ")

    async def _type(self) -> None:
        """Say what is typed, one after another."""
        typed: asyncio.Queue[str | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        threading.Thread(target=_read, args=[loop, typed], daemon=True).start()
        while (text := await typed.get()) is not None:
            await self._talk.say(text)
        if not self._stays:
            self._talk.ended.set()


def _read(loop: asyncio.AbstractEventLoop, typed: "asyncio.Queue[str | None]") -> None:
    """In a thread, as nothing else can wait for every kind of input; and from below Python's buffer, which no thread
    may hold when the program ends."""
    rest = b""
    with contextlib.suppress(RuntimeError, OSError):  # the loop is closed, or the terminal gone: nobody listens
        for got in _typed():
            *whole, rest = (rest + got).split(b"\n")
            for line in whole:
                loop.call_soon_threadsafe(typed.put_nowait, _text(line))
        if rest:
            loop.call_soon_threadsafe(typed.put_nowait, _text(rest))
        loop.call_soon_threadsafe(typed.put_nowait, None)


def _typed() -> Iterator[bytes]:
    try:
        number = sys.stdin.fileno()
    except OSError:  # no file: somebody runs this inside a program of his own
        yield sys.stdin.buffer.read()
        return
    while got := os.read(number, 65_536):
        yield got


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip("\r")
