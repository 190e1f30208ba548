"""The server as a process: starts, says what there is, drains when it is told to stop."""

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable
from dataclasses import astuple

import structlog
import uvloop

from beseda import __version__
from beseda.adapters import heap
from beseda.api.base import read_host
from beseda.domain.ids import AccountId
from beseda.server.background import repeat
from beseda.server.beseda import Beseda, run_beseda
from beseda.server.config import Config
from beseda.server.logs import configure_logs
from beseda.server.storage import Absent, database_name
from beseda.server.systemd import notify, watchdog_s
from beseda.server.worker import Worker, part_of

INTERRUPTED = 130
"""Exit code after a second Ctrl-C."""
Greet = Callable[[Beseda], Awaitable[str]]


def run(config: Config, greet: Greet, absent: Absent = Absent.MAKE) -> int:
    """Serve until SIGTERM, SIGHUP or Ctrl-C; the exit code.

    `greet` is given the running server, and says what to print. Raises what `run_beseda` does.
    """
    heap.share()  # no thread has begun
    configure_logs(config.log)
    worker: Worker | None = None
    if config.server.workers > 1:
        from beseda.server.workers import Workers

        became = Workers(config).run()
        if isinstance(became, int):
            return became
        worker = became
        configure_logs(config.log, worker=worker.number)
        config = part_of(config, worker.number)
        absent = absent if worker.greets else Absent.REFUSE
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(_serve(config, greet, absent, worker))
        except asyncio.CancelledError:
            return INTERRUPTED
    return 0


async def _serve(config: Config, greet: Greet, absent: Absent, worker: Worker | None) -> None:
    log = structlog.get_logger()
    stop = _stop_by_signal(worker)
    async with run_beseda(config, absent=absent, worker=worker) as beseda:
        if worker is None or worker.greets:
            print(await greet(beseda), flush=True)  # noqa: T201 - all that goes to standard output; logs go to the other
        log.info("started", url=beseda.url, version=__version__)
        gc.freeze()  # what is there now stays: the collector need not look at it again and again
        notify("READY=1", f"STATUS=listens on {beseda.url}")
        beating = asyncio.create_task(repeat(_beat, every_s)) if (every_s := watchdog_s()) else None
        await stop.wait()
        notify("STOPPING=1")
        log.info("stopping", drain_s=config.server.drain_s)
        if beating is not None:
            beating.cancel()
    log.info("stopped")


async def _beat() -> None:
    """The loop turns: what else may be wrong, a start anew would not mend."""
    notify("WATCHDOG=1")


def _stop_by_signal(worker: Worker | None) -> asyncio.Event:
    """Set by the first signal; a second SIGTERM or Ctrl-C cancels the caller's task, which ends what is under way.

    SIGHUP is no second one: systems send it beside SIGTERM, and a terminal that goes away may send it twice. Who was
    started with `nohup` goes on. A worker is stopped by its lifeline, too: systems send SIGTERM to all processes, and
    it is no second one beside that.
    """
    loop, task, stop, signalled = asyncio.get_running_loop(), asyncio.current_task(), asyncio.Event(), asyncio.Event()

    def hang_up() -> None:
        signalled.set()
        stop.set()

    def on_signal() -> None:
        if signalled.is_set() and task is not None:
            task.cancel()
        hang_up()

    def on_end(lifeline: int) -> None:
        loop.remove_reader(lifeline)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        loop.add_signal_handler(signal.SIGHUP, hang_up)
    if worker is not None:
        loop.add_reader(worker.lifeline, on_end, worker.lifeline)
    return stop


async def greeting(beseda: Beseda, config: Config, account_command: str) -> str:
    """Where each protocol answers, where the data is, and how to make the first account when there is none."""
    lines = [*addresses(beseda, config), f"  {'Data':<9} {database_name(config)}"]
    if not await beseda.parts.core.accounts.list_registered(after=AccountId(0), limit=1):
        lines += ["", f"There is no account yet. To make the first:  {account_command}"]
    return "\n".join(lines) + "\n"


def addresses(beseda: Beseda, config: Config) -> list[str]:
    """The base address of each protocol: by path, and by host name where one is configured.

    Where only one protocol answers nothing goes by path: then this machine's own address does.
    """
    scheme, _, public = (config.server.base_url or beseda.url).partition("://")
    names = {read_host(name) for hosts in astuple(config.hosts) for name in hosts}
    name, port = read_host(public) or ("", None)
    has_one = not names.isdisjoint({(name, port), (name, None)})
    url = beseda.url if has_one else f"{scheme}://{public}"
    rows = [
        ("Chat.cz", "/api/rooms", config.hosts.chatcz),
        ("Spaces", "/neoapi/session", config.hosts.spaces),
        ("SpaceWeb", "/rpc/", config.hosts.spaceweb),
    ]
    lines = [f"Beseda {__version__} listens on {beseda.url}"]
    for name, path, hosts in rows:
        lines.append(f"  {name:<9} {url}{path}" + "".join(f"   and {scheme}://{host}/" for host in hosts))
    lines += [f"  {'DNS':<9} {address} (UDP and TCP)" for address in beseda.dns]
    return [*lines, f"  {'Health':<9} {beseda.ops_url}/health/ready"] if beseda.ops_url else lines
