"""Writes the plain twins of what is written with `await`: of the client, and of its tests. Run by `make twins`.

    .venv/bin/python -m tools.twins          # writes them
    .venv/bin/python -m tools.twins --check  # says which are not what they should be

Names decide: `AsyncX` is `X`, `async_x` is `x`, and `_async` is `_sync`; `async` and `await` go. ruff puts in order
what has become shorter. httpcore and psycopg do the same.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("src/beseda/client/_async", "tests/client/_async")
WARNING = "# Written by tools/twins.py from {source}: change that, then `make twins`.\n"
RULES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\bAsync(?=[A-Z]\w)", ""),
        (r"\basync_(?=[a-z])", ""),
        (r"\b_async\b", "_sync"),
        (r"\basync (?=def|with|for)", ""),
        (r"\bawait (?=\S)", ""),
        (r"\b__a(enter|exit|iter|next)__\b", r"__\1__"),
        (r"\baclose\b", "close"),
        (r"\baread\b", "read"),
        (r"\baiter_bytes\b", "iter_bytes"),
        (r"\banext\b", "next"),
        (r"\baiter\b", "iter"),
        (r"\bStopAsyncIteration\b", "StopIteration"),
        (r"\bhandle_async_request\b", "handle_request"),
    )
)


def twin_of(source: Path) -> Path:
    """Where the twin stands."""
    return Path(str(source).replace("/_async", "/_sync", 1))


def write_plain(source: Path) -> str:
    """The text of the twin."""
    text = source.read_text("utf-8")
    for pattern, replacement in RULES:
        text = pattern.sub(replacement, text)
    return _in_order(WARNING.format(source=source.relative_to(ROOT)) + text, twin_of(source))


def _in_order(text: str, path: Path) -> str:
    ruff = [str(Path(sys.executable).parent / "ruff"), "--quiet"]
    for command in (["check", "--select", "I", "--fix-only"], ["format"]):
        arguments = [*ruff[:1], *command, *ruff[1:], "--stdin-filename", str(path), "-"]
        done = subprocess.run(arguments, input=text, capture_output=True, text=True, check=False, cwd=ROOT)  # noqa: S603
        if done.returncode:
            raise SystemExit(f"{path}: {done.stderr}")
        text = done.stdout
    return text


def sources() -> list[Path]:
    return [path for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.py"))]


def differing() -> dict[Path, str]:
    """The twins that are not what they should be, and what they should be; "" for one that has no source."""
    wanted = {twin_of(source): write_plain(source) for source in sources()}
    there = {path for folder in FOLDERS for path in twin_of(ROOT / folder).glob("*.py")}
    found = {path: text for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text}
    return found | dict.fromkeys(there - wanted.keys(), "")


def main() -> None:
    found = differing()
    for path, text in found.items():
        if "--check" in sys.argv:
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")
        elif text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        else:
            path.unlink()
    if "--check" in sys.argv and found:
        sys.exit(1)


if __name__ == "__main__":
    main()
