"""A room's page in Chromium where there is much of everything.

What is seen first, by a reader whose machine is four times as slow and who has nothing kept, and what moves meanwhile:
nothing may. The median of several times, the shortest and the longest beside it. The room has
100,000 lines and 500 people. A member scrolls up and down in it while 50 lines a second are said: no task of the page
may take 100 ms, and its memory stays flat over 10,000 lines. Then an hour of busy use, the page's clock moved: what it
sends never meets `socket_frame`, by which the server would cut it off. Needs Chromium.
"""

import asyncio
import contextlib
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, expect, sync_playwright

from beseda.core.caller import Caller
from beseda.domain.ids import RoomId
from beseda.domain.limits import LIMITS, Bucket, take
from beseda.domain.sessions import Handle
from beseda.testing import PASSWORD, BesedaServer

LINES = 100_000
PEOPLE = 500
TALK_S = 30.0
LINES_PER_S = 50
FLAT_LINES = 10_000
BUSY_S = 3_600
COMING_IN_MS = 5_000
SIGHTS = 7
QUICK = {"SIGHTS": 1, "LINES": 2_000, "PEOPLE": 50, "TALK_S": 1.0, "FLAT_LINES": 300, "BUSY_S": 22}
LONGEST_MS = 100
FLAT = 1.2
SHIFTED = 0.01
ON_THE_PAGE = 400
"""Lines at most."""
PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SETTINGS = {"server.limits": dict.fromkeys(("room_line", "socket_frame", "search"), "100000000/0.001")}
"""The room is loud, and frames are counted here, where time is moved."""
ADDRESS = "192.0.2.7"
TEXT = "Dobrý den, jak se dnes máte? Tady prší, a zítra má být ještě hůř."
WATCH_TASKS = """
window.longTasks = [];
new PerformanceObserver(list => {
  for (const task of list.getEntries()) longTasks.push(task.duration);
}).observe({ type: "longtask", buffered: true });
"""
SCROLL = """
async seconds => {
  const log = document.getElementById("lines");
  const until = performance.now() + seconds * 1000;
  let [way, frames, most] = [-240, 0, 0];
  for (let step = 1; performance.now() < until; step++) {
    log.scrollTop += way;
    await new Promise(requestAnimationFrame);
    frames++;
    if (step % 120 === 0) way = -way;
    if (step % 10 === 0) most = Math.max(most, document.querySelectorAll(".line").length);
  }
  return [frames, most];
}
"""
SLOWER = 4
SEEN_MS = 1_000
WATCH_SIGHT = """
window.shifts = 0;
new PerformanceObserver(list => {
  for (const shift of list.getEntries()) if (!shift.hadRecentInput) shifts += shift.value;
}).observe({ type: "layout-shift", buffered: true });
const drawn = new MessageChannel();
drawn.port1.onmessage = () => { window.seenMs = performance.now(); };
const look = () => {
  const line = document.querySelector(".rooms .row, .line");
  if (line?.checkVisibility({ visibilityProperty: true })) drawn.port2.postMessage(0);
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
LIVE_A_SECOND = """
second => {
  const log = document.getElementById("lines");
  log.scrollTop = second % 30 < 10 ? 0 : log.scrollHeight;
  const text = document.getElementById("text");
  const press = (field, key) => field.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const write = (field, words) => {
    field.value = words;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  if (text) write(text, `half a sentence ${second}`);
  if (text && second % 3 === 0) press(text, "Enter");
  if (second % 5 === 0) document.querySelectorAll(".my-rooms a")[(second / 5) % 2]?.click();
  if (second % 11 === 0) document.querySelector("#people button")?.click();
  if (second % 11 === 1) document.querySelector("dialog button")?.click();
  if (second % 20 === 0) document.querySelector(".search-button")?.click();
  const seek = document.getElementById("seek");
  if (seek) write(seek, `pr${"x".repeat(second % 3)}`);
}
"""


def settle(server: BesedaServer) -> tuple[Caller, dict[str, str]]:
    """Everybody comes in: who talks there, and the cookies of the one who looks."""
    core = server.core
    for name in ("Praha", "Brno"):
        server.run(core.rooms.add(name))
    for number in range(PEOPLE):
        server.member(f"Somebody {number}")
        server.enter(f"Somebody {number}", "Praha")
    looking = server.enter("Somebody 0", "Brno")
    signed_in = server.run(core.auth.sign_in("Somebody 1", PASSWORD, kind=Handle.COOKIE, address=ADDRESS))
    return Caller(ADDRESS, signed_in.account, signed_in.session), looking


def fill(folder: Path, first_ms: int) -> None:
    """What was said in the first room so far."""
    database = sqlite3.connect(folder / "beseda.db", isolation_level=None)
    [head] = database.execute("SELECT head_seq FROM room_heads WHERE room_id = 1").fetchone()
    rows = (
        (1, head + n, first_ms + n, "text", n // 3 % 7 + 1, None, f"{n} {TEXT}", 0, "", None)
        for n in range(1, LINES + 1)
    )
    database.execute("BEGIN")
    database.executemany("INSERT INTO room_lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    database.execute(
        "UPDATE room_heads SET head_seq = ?, head_ms = ? WHERE room_id = 1", (head + LINES, first_ms + LINES)
    )
    database.execute("COMMIT")
    database.close()


async def say(server: BesedaServer, speaker: Caller, count: int, per_s: float) -> None:
    began = time.perf_counter()
    for number in range(count):
        await server.core.messages.post(speaker, RoomId(1), f"said {number} {TEXT}")
        await asyncio.sleep(max(0.0, began + number / per_s - time.perf_counter()))


@contextlib.contextmanager
def reading(browser: Browser, server: BesedaServer, cookies: dict[str, str]) -> Iterator[Page]:
    context = browser.new_context(base_url=server.url, viewport={"width": 1280, "height": 800})
    context.add_cookies([{"name": name, "value": value, "url": server.url} for name, value in cookies.items()])
    page = context.new_page()
    page.set_default_timeout(60_000)
    try:
        yield page
    finally:
        context.close()


def tasks(page: Page, what: str) -> None:
    """How long the page was at it without a pause; those of less than 50 ms are not told."""
    durations: list[float] = page.evaluate("longTasks.splice(0)")
    too_long = [each for each in durations if each > LONGEST_MS]
    longest = max(durations, default=0)
    told = "ok" if not too_long else f"!! {len(too_long)} over {LONGEST_MS} ms"
    print(f"  {what:44} {len(durations):4} tasks of 50 ms or more, the longest {longest:5.0f} ms  {told}")


def heap_kib(session: CDPSession) -> tuple[int, int]:
    """What the page's scripts hold, and its nodes, when what nobody needs is gone."""
    session.send("HeapProfiler.collectGarbage")
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    return int(metrics["JSHeapUsedSize"] / 1024), int(metrics["Nodes"])


def first_sight(browser: Browser, server: BesedaServer, speaker: Caller, cookies: dict[str, str]) -> None:
    print(f"{SLOWER} times as slow, {SIGHTS} times each")
    moved = 0.0
    for path, what in (("/", "the start page"), ("/Brno", "a room"), ("/Praha", f"a room of {PEOPLE} people")):
        seen, shifts = zip(*(sight(browser, server, cookies, path) for _ in range(SIGHTS)), strict=True)
        middle, moved = statistics.median(seen), max(moved, *shifts)
        told = "ok" if middle < SEEN_MS else f"!! more than {SEEN_MS} ms"
        between = f"{middle:4.0f} ms ({min(seen):.0f} to {max(seen):.0f})"
        print(f"  {what:24} first seen after {between}, moved by {max(shifts):.4f}  {told}")
    assert moved < SHIFTED, "what is read moves"


def sight(browser: Browser, server: BesedaServer, cookies: dict[str, str], path: str) -> tuple[float, float]:
    """After how many milliseconds a page has a line that can be read, and by how much it moved."""
    with reading(browser, server, cookies) as page:
        page.add_init_script(WATCH_SIGHT)
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(path)
        page.locator(".rooms .row, .line").first.wait_for()
        page.wait_for_timeout(1_000)
        seen_ms, shifts = page.evaluate("[seenMs, shifts]")
        return seen_ms, shifts


def loud_room(browser: Browser, server: BesedaServer, speaker: Caller, cookies: dict[str, str]) -> None:
    with reading(browser, server, cookies) as page:
        page.add_init_script(WATCH_TASKS)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        page.goto("/Praha")
        page.wait_for_timeout(COMING_IN_MS)  # looking for an element would compile scripts in the page, as its own task
        print(f"a room of {LINES:,} lines and {PEOPLE} people")
        tasks(page, "coming in")
        expect(page.locator("#people li")).to_have_count(PEOPLE)
        talk = server.submit(say(server, speaker, int(LINES_PER_S * TALK_S), LINES_PER_S))
        frames, most = page.evaluate(SCROLL, TALK_S)
        talk.result()
        tasks(page, f"scrolling, {LINES_PER_S} lines/s, {frames / TALK_S:.0f} frames/s")
        print(f"  at most {most} lines on the page")
        if page.locator(".to-end").count():
            page.locator(".to-end").click()
        hear(page, server, speaker, ON_THE_PAGE + 100)
        before = heap_kib(session)
        hear(page, server, speaker, FLAT_LINES)
        after = heap_kib(session)
        tasks(page, f"{FLAT_LINES:,} lines as fast as they come")
        told = f"{before[0]:,} KiB and {before[1]:,} nodes, then {after[0]:,} KiB and {after[1]:,} nodes"
        print(f"  memory over {FLAT_LINES:,} lines: {told}: {after[0] / before[0]:.2f}")
        assert most <= ON_THE_PAGE, f"{most} lines were on the page"
        assert after[0] < FLAT * before[0], "the page keeps what it does not show"


def hear(page: Page, server: BesedaServer, speaker: Caller, count: int) -> None:
    """So many lines are said while their end is read."""
    for start in range(0, count, 100):
        server.run(say(server, speaker, min(100, count - start), 1e9))
        server.run(server.core.messages.post(speaker, RoomId(1), f"until {start}."))
        page.locator(".said", has_text=f"until {start}.").last.wait_for()


def busy_hour(browser: Browser, server: BesedaServer, speaker: Caller, cookies: dict[str, str]) -> None:
    """Somebody talks, scrolls, searches, looks at cards and goes from room to room, every second of it."""
    with reading(browser, server, cookies) as page:
        page.clock.install()
        sockets: list[Any] = []
        sent = 0
        page.on("websocket", lambda socket: opened(socket))
        now, bucket, waits = 0.0, Bucket(LIMITS["socket_frame"].burst, 0.0), 0

        def count() -> None:
            nonlocal sent, bucket, waits
            sent += 1
            bucket, wait_s = take(LIMITS["socket_frame"], bucket, now)
            waits += wait_s > 0

        def opened(socket: Any) -> None:
            sockets.append(socket)
            socket.on("framesent", lambda _: count())

        page.goto("/Praha")
        page.locator(".line").nth(20).wait_for()
        fewest = bucket.tokens
        for second in range(BUSY_S):
            now = float(second)
            server.submit(say(server, speaker, 1, 1e9))
            page.evaluate(LIVE_A_SECOND, second)
            page.clock.run_for(1000)
            server.move_clock(1)
            fewest = min(fewest, bucket.tokens)
        print(f"{BUSY_S:,} s of busy use: {sent:,} frames on {len(sockets)} connection, {sent / BUSY_S:.2f} a second;")
        print(f"  of the {LIMITS['socket_frame'].burst:.0f} that may come at once {fewest:.0f} were left at least")
        assert waits == 0, f"{waits} frames were too many"
        assert len(sockets) == 1, "the connection was lost"


def main() -> None:
    if PROGRAM is None:
        print("!! the pages are LEFT OUT: there is no Chromium here")
        return
    parts: tuple[Callable[..., None], ...] = (first_sight, loud_room, busy_hour)
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir=Path.cwd()) as folder,
        BesedaServer(SETTINGS, data=Path(folder)) as server,
        sync_playwright() as playwright,
    ):
        speaker, cookies = settle(server)
        fill(Path(folder), int(server.clock.now().timestamp() * 1000) - LINES)
        server.restart()
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox", "--disable-gpu"])
        with contextlib.ExitStack() as all_parts:  # whatever one finds, the others are measured too
            for part in reversed(parts):
                all_parts.callback(part, browser, server, speaker, cookies)
        browser.close()
