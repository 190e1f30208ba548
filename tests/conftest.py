"""What all tests share."""

import functools
import gc
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer.testing
from hypothesis import settings

from beseda.server.config import LogConfig
from beseda.server.logs import configure_logs
from beseda.testing.postgres import run_postgres

settings.register_profile("beseda", derandomize=True, database=None, deadline=None)
settings.load_profile("beseda")
"""The same examples at every run, however slow the machine."""

httpx._transports.default.create_ssl_context = functools.cache(httpx.create_ssl_context)  # type: ignore[attr-defined]
"""A client reads 140 certificates when it is made, which takes longer than starting a server; here it does so once."""

for what in ("connect", "read", "write", "pool"):
    setattr(httpx._config.DEFAULT_TIMEOUT_CONFIG, what, 60.0)
"""Whoever says nothing else waits 5 s, for which the machine that CI runs on may stand still."""


@functools.cache
def made(app: typer.Typer, groups: int, commands: int) -> Any:
    """Three quarters of a command that is run within the tests' process would be making all commands anew."""
    return typer.main.get_command(app)


typer.testing._get_command = lambda app: made(  # type: ignore[attr-defined,assignment]
    app, len(app.registered_groups), len(app.registered_commands)
)


configure_logs(LogConfig(level="warning"), libraries=False)
"""Before `capture_logs` does: what it finds unset it leaves as structlog's own, which prints to standard output."""

gc.disable()
"""Nothing of what collecting makes is garbage, and looking at it all takes a third of the time; see below."""

LONG = re.compile(r"^pytestmark = .*\bpytest\.mark\.long\b", re.MULTILINE)
"""Of a file in which everything takes long."""

ALONE = ("failure", "e2e/test_dns_tools.py::test_dnsperf", "e2e/test_serve.py::test_it_says_where_it_is")
"""Where tests of those that take long are marked `alone`."""

WAITS = "failure/test_nodes_stay.py"
"""Minutes go by in it in which it does next to nothing: it begins first, and is not alone."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Files in which everything takes long are not read when that is not wanted."""
    if config.option.markexpr != "not long" or collection_path.suffix != ".py":
        return None
    return LONG.search(collection_path.read_text("utf-8")) is not None or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        place = f"{item.path.relative_to(here).as_posix()}::{item.name}"
        if place.startswith(ALONE) and item.path != here / WAITS:
            item.add_marker(pytest.mark.alone)
    items.sort(key=lambda item: item.path != here / WAITS)


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL for all tests, each of which makes a database of its own; see `run_postgres`."""
    with run_postgres() as address:
        yield address


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def` tests in the loop in which their fixtures live: that of the fixture `runner` or `world`."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    given = pyfuncitem.funcargs
    arguments = {name: given[name] for name in inspect.signature(pyfuncitem.obj).parameters}
    loop: Any = given["runner"] if "runner" in given else given["world"]
    loop.run(pyfuncitem.obj(**arguments))
    return True
