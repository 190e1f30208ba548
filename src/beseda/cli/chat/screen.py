"""The terminal client: lines, people, rooms and what is written, on one screen."""

import asyncio
import time
from collections import deque
from collections.abc import Coroutine, Iterable

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.data_structures import Point
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import (
    BufferControl,
    ConditionalContainer,
    Dimension,
    Float,
    FloatContainer,
    FormattedTextControl,
    HSplit,
    Layout,
    VSplit,
    Window,
)
from prompt_toolkit.layout.menus import CompletionsMenu
from prompt_toolkit.layout.processors import BeforeInput
from prompt_toolkit.styles import Style

from beseda.cli.chat.talk import OpenRoom, Talk
from beseda.cli.chat.words import COMMANDS, OWN, WITH_NICK, clock, describe
from beseda.cli.member import printable
from beseda.client import lines
from beseda.client.errors import BesedaError
from beseda.client.lines import Line

PEOPLE_COLUMNS = 20
NARROW_COLUMNS = 60
"""With fewer columns than that people are not shown beside the lines."""
AWAKE_EVERY_S = 300.0
SAID_MAX = 500
STYLE = Style.from_dict(
    {
        "bar": "reverse",
        "bar.current": "reverse bold underline",
        "time": "ansibrightblack",
        "event": "ansibrightblack",
        "nick": "bold",
        "me": "bold ansigreen",
        "whisper": "italic ansimagenta",
        "said": "ansiyellow",
        "lost": "reverse ansired",
    }
)


class Screen:
    """Shows a talk. Enter says, Tab completes, Page Up and Down scroll, Ctrl-N and Ctrl-P change the room."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._said: dict[OpenRoom | None, deque[tuple[Line | None, str]]] = {}
        self._up = 0
        """How many lines the end is below what is shown."""
        self._awake_at_s = time.monotonic()
        self._tasks: set[asyncio.Task[None]] = set()
        self._input = Buffer(
            multiline=False, completer=_Words(talk), complete_while_typing=False, history=InMemoryHistory()
        )
        self._input.on_text_changed += lambda _: self._stay_awake()
        self._app: Application[None] = Application(
            layout=Layout(self._container(), focused_element=self._input),
            key_bindings=self._keys(),
            style=STYLE,
            full_screen=True,
            mouse_support=False,
        )

    async def run(self) -> None:
        """Until one quits, or the rooms end. Raises what ended them."""
        talk = self._talk
        talk.told, talk.said, talk.changed = self._tell, self._say, self._app.invalidate
        helpers = [asyncio.create_task(each) for each in (talk.mark_read(), self._wait_for_end(), self._tick())]
        try:
            await self._app.run_async()
        finally:
            for task in (*helpers, *self._tasks):
                task.cancel()
        if talk.failure:
            raise talk.failure

    async def _wait_for_end(self) -> None:
        await self._talk.ended.wait()
        self._app.exit()

    async def _tick(self) -> None:
        """Whether there is a connection is looked at every second."""
        connected = True
        while True:
            await asyncio.sleep(1)
            if self._talk.live.is_connected != connected:
                connected = not connected
                self._app.invalidate()

    # What is shown

    def _container(self) -> FloatContainer:
        is_wide = Condition(lambda: self._app.output.get_size().columns >= NARROW_COLUMNS)
        talk = Window(
            FormattedTextControl(self._lines, get_cursor_position=self._cursor, show_cursor=False), wrap_lines=True
        )
        people = VSplit(
            [
                Window(width=1, char="│", style="class:time"),
                Window(FormattedTextControl(self._people), width=Dimension.exact(PEOPLE_COLUMNS)),
            ]
        )
        field = Window(BufferControl(self._input, input_processors=[BeforeInput("> ")]), height=1)
        body = HSplit(
            [
                Window(FormattedTextControl(self._rooms), height=1, style="class:bar"),
                VSplit([talk, ConditionalContainer(people, is_wide)]),
                Window(FormattedTextControl(self._status), height=1, style="class:bar"),
                field,
            ]
        )
        menu = Float(xcursor=True, ycursor=True, content=CompletionsMenu(max_height=8))
        return FloatContainer(body, [menu])

    def _rooms(self) -> StyleAndTextTuples:
        shown: StyleAndTextTuples = []
        for each in self._talk.rooms:
            unread = f" {each.unread}" if each.unread else ""
            style = "class:bar.current" if each is self._talk.current else "class:bar"
            shown += [(style, f" {printable(each.name)}{unread} "), ("class:bar", " ")]
        return shown

    def _status(self) -> StyleAndTextTuples:
        live, current = self._talk.live, self._talk.current
        told = f" {printable(live.me.nick)} in {printable(current.name)}, {len(current.nicks)} here" if current else ""
        lost = [] if live.is_connected else [("class:lost", " connecting again … ")]
        up = f"  {self._up} lines below" if self._up else ""
        return [*lost, ("class:bar", f"{told}{up}  /help")]

    def _people(self) -> StyleAndTextTuples:
        current = self._talk.current
        nicks = sorted(current.nicks.values(), key=str.casefold) if current else []
        return [("", f" {nick}\n") for nick in nicks]

    def _shown(self) -> list[tuple[Line | None, str]]:
        """The lines of the room, and among them what was told to this one alone."""
        current = self._talk.current
        notes = self._said.get(current, deque())
        if current is None:
            return list(notes)
        shown: list[tuple[Line | None, str]] = []
        waiting = deque(notes)
        while waiting and waiting[0][0] is None:
            shown.append((None, waiting.popleft()[1]))
        for line in current.lines:
            shown.append((line, ""))
            while waiting and waiting[0][0] is line:
                shown.append((None, waiting.popleft()[1]))
        return shown + [(None, text) for _, text in waiting]

    def _visible(self) -> list[tuple[Line | None, str]]:
        """As many as there is room for, the last of which is at the bottom."""
        shown = self._shown()
        end = max(len(shown) - self._up, 1)
        return shown[max(end - self._app.output.get_size().rows, 0) : end]

    def _lines(self) -> StyleAndTextTuples:
        shown: StyleAndTextTuples = []
        for line, text in self._visible():
            shown += self._fragments(line) if line is not None else [("class:said", f"      {text}")]
            shown.append(("", "\n"))
        return shown[:-1]

    def _fragments(self, line: Line) -> StyleAndTextTuples:
        speaker, text = describe(line)
        text = text.replace("\n", " ⏎ ").replace("\u200d", "")  # terminals disagree how wide joined emoji are
        at = ("class:time", f"{clock(line)} ")
        if isinstance(line, lines.Whisper):
            return [at, ("class:whisper", f"{speaker}: {text}")]
        if not speaker:
            return [at, ("class:event", f"· {text}")]
        mine = isinstance(line, lines.Text) and line.author.id == self._talk.live.me.id
        return [at, ("class:me" if mine else "class:nick", f"{speaker}: "), ("", text)]

    def _cursor(self) -> Point:
        """The line that is to be seen, however long those before it are."""
        return Point(0, max(len(self._visible()) - 1, 0))

    def _tell(self, opened: OpenRoom, _: Line) -> None:
        """Whoever has scrolled up stays where he is."""
        if opened is self._talk.current and self._up:
            self._up += 1

    def _say(self, text: str) -> None:
        """For this one alone: it stands below what was the last line then."""
        current = self._talk.current
        last = current.lines[-1] if current and current.lines else None
        kept = self._said.setdefault(current, deque(maxlen=SAID_MAX))
        kept.extend((last, part) for part in printable(text).split("\n"))
        self._up = 0
        self._app.invalidate()

    # What is done

    def _start(self, deed: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(deed)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()

        @keys.add("enter")
        def _(event: KeyPressEvent) -> None:
            text = self._input.text
            self._input.reset(append_to_history=True)
            self._up = 0
            if text.strip():
                self._start(self._talk.say(text))

        @keys.add("tab")
        def _(event: KeyPressEvent) -> None:
            if self._input.complete_state:
                self._input.complete_next()
            else:
                self._input.start_completion(insert_common_part=True)

        @keys.add("s-tab")
        def _(event: KeyPressEvent) -> None:
            self._input.complete_previous()

        @keys.add("pageup")
        def _(event: KeyPressEvent) -> None:
            self._scroll(self._page())

        @keys.add("pagedown")
        def _(event: KeyPressEvent) -> None:
            self._scroll(-self._page())

        for key, steps in (("c-n", 1), ("c-p", -1)):
            keys.add(key)(lambda _, steps=steps: self._turn(steps))

        @keys.add("c-c")
        @keys.add("c-d", filter=Condition(lambda: not self._input.text))
        def _(event: KeyPressEvent) -> None:
            self._talk.ended.set()

        @keys.add("c-l")
        def _(event: KeyPressEvent) -> None:
            event.app.renderer.clear()

        return keys

    def _turn(self, steps: int) -> None:
        self._up = 0
        self._talk.turn(steps)

    def _page(self) -> int:
        return max(self._app.output.get_size().rows - 5, 1)

    def _scroll(self, steps: int) -> None:
        """Up by so many lines; at the top earlier ones are loaded."""
        top = max(len(self._shown()) - self._page(), 0)
        if steps > 0 and self._up + steps >= top:
            self._start(self._load_more())
        self._up = min(max(self._up + steps, 0), max(len(self._shown()) - 1, 0))
        self._stay_awake()

    async def _load_more(self) -> None:
        try:
            await self._talk.more()
        except BesedaError:
            return

    def _stay_awake(self) -> None:
        """Tell the server now and then that somebody sits here."""
        if time.monotonic() - self._awake_at_s > AWAKE_EVERY_S:
            self._awake_at_s = time.monotonic()
            self._start(self._tell_awake())

    async def _tell_awake(self) -> None:
        try:
            await self._talk.live.awake()
        except BesedaError:
            return


class _Words(Completer):
    """Commands at the beginning, nicks everywhere else; in quotes where a command needs it."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        before = document.text_before_cursor
        if before.startswith("/") and " " not in before:
            for word, told in {**OWN, **COMMANDS}.items():
                if word.startswith(before[1:].casefold()):
                    yield Completion(f"/{word} ", -len(before), display=f"/{word}", display_meta=told)
            return
        command, _, rest = before.partition(" ")
        if command in ("/room", "/join"):
            names, beginning, end = [each.name for each in self._talk.rooms], rest, ""
        else:
            beginning = before.rpartition(" ")[2]
            names = list(self._talk.current.nicks.values()) if self._talk.current else []
            end = " " if " " in before else ": "
        for name in sorted(names, key=str.casefold):
            if name.casefold().startswith(beginning.lstrip('"').casefold()):
                quoted = f'"{name}"' if " " in name and command[1:] in WITH_NICK else name
                yield Completion(f"{quoted}{end}", -len(beginning), display=name)
