"""docs/performance.md and the table of the README: what the benchmarks said, and on what they said it."""

import contextlib
import io
import os
import platform
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import TextIO

from bench._processes import CORES

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/performance.md"
README = ROOT / "README.md"
FIGURES = re.compile(r"(?<=<!-- by make performance -->\n).*?(?=<!-- so far -->)", re.DOTALL)
BESIDE = re.compile(r"^Beseda / (.+?) +one sender +([\d.]+)x +16 senders +([\d.]+)x$", re.MULTILINE)
LOAD = os.getloadavg()[0]
"""Of this machine, before the first benchmark of a run: later ones find what those before them have left."""
BUSY = 0.5
"""With more load for each core others were at work."""
HEAD = """# Performance

Written by `make performance`, which runs the benchmarks of `bench/` and puts down what they print; each says at its top
what it compares, and with what fairness. `make performance ARGS="fanout peers"` measures these alone and leaves the
rest of the page as it is. What is not below has not been measured for this page.

How to read it: servers stand on one core and who loads them on another, over loopback, in turn within one run; a figure
is the median of several rounds, with the lowest and the highest beside it. A network costs more per byte and a real
disk more per sync than this does. Times of the wall clock on a virtual machine vary by tens of per cent whatever one
does: compare the columns of one table, not tables of two runs. CPU times leave out most of what others took.

What is slower than others, and why:

- **ngircd** takes little more than half of the CPU for a delivery, and delivers what one sender says twice as fast: it
  keeps nothing, so no line of it waits for a disk, and its lines are shorter. Whoever comes later finds nothing of what
  was said. Behind many senders at once it is idle most of the time: it leaves Nagle's algorithm on (RFC 1122, 4.2.3.4),
  by which a line waits until the client's machine has acknowledged the one before.
- **One sender alone** waits for one sync of the disk a message here, and so does `/live` where the next line is said
  when all have heard the last: nchan keeps lines in memory, and the hub alone, which writes to the sockets, takes as
  long as nchan. Archives of others that sync as well are slower still; ejabberd's mnesia and Prosody's own files do not
  sync, and lose what was acknowledged when the power fails, the first of them also when the process is killed. Senders
  at once share a sync here.
- **A post alone** is durable a third as often as a row that `sqlite3` inserts into a table of its own: it touches three
  pages in place of one, and is written by a thread, for the loop must not stand still while a disk is slow.
- **Memory and start**: Python with its event loop and TLS takes some 20 MiB (RSS) before anything of this server is
  there, and most of the start is Python making the server's classes. Programs in C and Lua begin at 3 and 6 MiB, in
  hundredths of a second.
"""


class _Both(io.StringIO):
    """What is printed is seen, and kept."""

    def __init__(self, seen: TextIO) -> None:
        super().__init__()
        self._seen = seen

    def write(self, text: str) -> int:
        self._seen.write(text)
        self._seen.flush()
        return super().write(text)


def measured(name: str, module: ModuleType, main: Callable[[], object]) -> tuple[str, str]:
    """The section of a benchmark, which is run, "" when it said only why it was not; and what did not hold, which the
    section tells too, "" when all did."""
    began = datetime.now(UTC)
    failed = ""
    with contextlib.redirect_stdout(_Both(sys.stdout)) as printed:
        try:
            main()
        except AssertionError as error:
            failed = f"{name}: {error}"
            print(f"!! {error}")
    told = _told(printed.getvalue())
    if all(line.startswith("!!") for line in told.splitlines()):
        return "", failed
    section = [
        f"## {name}",
        "",
        (module.__doc__ or "").strip(),
        "",
        f"By `python -m bench {name}` on {began:%d %B %Y}, {machine()}; {loaded(LOAD)}",
        "",
        "```text",
        told,
        "```",
        "",
    ]
    return "\n".join(section), failed


def _told(printed: str) -> str:
    """Without the last line, if it is for programs."""
    lines = printed.strip("\n").splitlines()
    if lines and lines[-1].startswith("{"):
        del lines[-1]
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def machine() -> str:
    found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="ascii"))
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return (
        f"{len(CORES)} cores of {found[1].strip() if found else platform.machine()}, Linux {platform.release()},"
        f" Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, commit {commit.stdout.strip() or '?'}"
    )


def loaded(load: float) -> str:
    told = f"load before the run {load:.1f}."
    if load <= BUSY * len(CORES):
        return told
    return (
        f"{told} **Others were at work on this machine**: times are too long, and only what is compared tells anything."
    )


def sections() -> dict[str, str]:
    """Those that the page has, by benchmark."""
    if not PAGE.exists():
        return {}
    parts = re.split(r"(?m)^## (\w+)\n", PAGE.read_text("utf-8"))
    return {name: f"## {name}\n{text.rstrip()}\n" for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def figures(peers: str) -> str:
    """The README's table, of the section of the peers."""
    rows = [f"| {name} | {one} | {many} |" for name, one, many in BESIDE.findall(peers)]
    head = ["| Beseda's deliveries a second, times those of | one sender | 16 at once |", "|---|---|---|"]
    return "\n".join([*head, *rows, ""])


def write(new: Iterator[tuple[str, tuple[str, str]]]) -> list[str]:
    """Put each section in its place as soon as it is there: a run that is cut short leaves what it has measured, and
    what was not measured stays as it was. All that does not hold."""
    failures = []
    for name, (section, failed) in new:
        failures += [failed] if failed else []
        if not section:
            continue
        kept = sections() | {name: section}
        PAGE.write_text("\n".join([HEAD, *(kept[each].rstrip() + "\n" for each in sorted(kept))]), encoding="utf-8")
        if name == "peers":
            README.write_text(FIGURES.sub(figures(section), README.read_text("utf-8")), encoding="utf-8")
    return failures
