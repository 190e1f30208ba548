"""The program: `beseda`, or `python -m beseda`."""

import gc
import os
import sys


def main() -> None:
    """Exit codes: 0, 1 for a refusal, 2 for wrong usage."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.modules["rich"] = None  # type: ignore[assignment]  # else those who print better with it import all of it
    gc.disable()  # nothing of what importing makes is garbage, and looking takes a fifth of the time
    if sys.argv[1:2] == ["serve"] and "_BESEDA_COMPLETE" not in os.environ:
        from beseda.server.start import serve_plainly

        code = serve_plainly(sys.argv[2:])
        if code is not None:
            sys.exit(code)
    from beseda.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
