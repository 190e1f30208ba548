"""`beseda serve`, from the words of the command line to a running server."""

import gc
import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from beseda.server.config import Config

TEXTS = {"--data", "--database", "--config", "--listen"}
FLAGS = {"--json", "--new"}
UNWANTED = ("greenlet", "typing_extensions")
"""What structlog and msgspec would take if it is there, and do without; a MiB each."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which server is meant, and how to answer."""

    data: Path | None = None
    database: str | None = None
    config: Path | None = None
    json: bool = False

    def but(self, later: "Place") -> "Place":
        """The same, with what was said later instead."""
        return Place(
            later.data or self.data,
            self.database if later.database is None else later.database,
            later.config or self.config,
            later.json or self.json,
        )

    def command_line(self, words: str) -> str:
        """Another command on the same server; the address of a database may hold a password and is left out."""
        program = "beseda" if shutil.which("beseda") else sys.argv[0]
        if program.endswith("__main__.py"):
            program = f"{sys.executable} -m beseda"
        named = (("--config", self.config), ("--data", self.data), ("--database", self.database and "..."))
        return f"{program} {words}" + "".join(f" {name} {shlex.quote(str(value))}" for name, value in named if value)

    def load(self, **overrides: object) -> "Config":
        """The configuration; `listen="..."` stands for the setting `server.listen`. Raises ConfigError."""
        from beseda.server.config import load_config

        given = {"data": self.data, "database": self.database, **overrides}
        return load_config(self.config, overrides={f"server.{name}": value for name, value in given.items()})


def serve(place: Place, *, listen: str | None = None, new: bool = False) -> int:
    """Run the server until it is told to stop; the exit code. Raises what `run_beseda` does."""
    from beseda.server.run import greeting, run
    from beseda.server.storage import Absent

    config = place.load(listen=listen)
    account_command = place.command_line("account add NICK")
    return run(
        config,
        lambda beseda: greeting(beseda, config, account_command),
        Absent.MAKE_NEW if new else Absent.MAKE,
    )


def serve_plainly(words: Sequence[str]) -> int | None:
    """The same without typer, which a server would keep for good, with pydantic: 10 MiB, and a third of the start.

    None for what is not as plain as service managers write it (`--help`, a fault): that is the command line's matter.
    """
    options = read_plainly(words)
    if options is None:
        return None
    for name in UNWANTED:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        import beseda.server.run
    except ModuleNotFoundError:
        return None
    finally:
        for name in UNWANTED:
            del sys.modules[name]  # migrations need them
    gc.freeze()  # nor will it be
    gc.enable()
    listen, new = options.pop("listen", None), options.pop("new", False)
    place = Place(**options)
    try:
        return serve(place, listen=listen, new=new)
    except Exception as error:
        from beseda.server.cli.output import explain, show_refusal

        refusal = explain(error)
        if refusal is None:
            raise
        show_refusal(refusal, as_json=place.json)
        return 1
    except KeyboardInterrupt:
        return beseda.server.run.INTERRUPTED


def read_plainly(words: Sequence[str]) -> dict[str, Any] | None:
    """The options of `beseda serve` by name; None when there is more to say of them than what they are."""
    options: dict[str, Any] = {}
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if word in FLAGS:
            options[name[2:]] = True
            continue
        value = value if equals else next(rest, "")
        if name not in TEXTS or not value or value.startswith("-") or not value.isprintable():
            return None
        options[name[2:]] = Path(value) if name in ("--data", "--config") else value
    return options
