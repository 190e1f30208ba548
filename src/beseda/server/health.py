"""Whether the server can take work: what /health/ready tells, and `beseda doctor` asks the server that runs."""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import structlog

from beseda.adapters.sql.engine import Database, SqlStore, reason
from beseda.core.patience import be_patient
from beseda.domain.errors import OutcomeUnknown, StoreUnavailable

RUN_FILE = "server.run"
"""In the data folder while the server runs: where its operator's listener is."""
PATIENCE_S = 1.3
"""How long the database may keep an answer waiting, which is due within two seconds."""
WRITTEN_WITHIN_S = 10.0
"""When nothing has been written for so long, or the last was not, it is tried."""


async def database_trouble(store: SqlStore, database: Database) -> str:
    """Why the database cannot be read and written; "" when it can."""
    be_patient(PATIENCE_S)
    if ailment := database.ailment():
        return ailment
    try:
        await database.reader.fetch("SELECT version FROM schema_state")
        if store.trouble or monotonic() - store.written_s > WRITTEN_WITHIN_S:
            await store.probe()
    except (StoreUnavailable, OutcomeUnknown) as error:
        return reason(error)
    return ""


@contextlib.contextmanager
def running(folder: Path, ops_url: str) -> Iterator[None]:
    """Leave word of where the operator's listener is. That it cannot be left keeps nobody from serving."""
    path = folder / RUN_FILE
    try:
        path.write_text(json.dumps({"pid": os.getpid(), "ops_url": ops_url}) + "\n", "utf-8")
    except OSError as error:
        structlog.get_logger().warning("beseda doctor will not find this server", reason=str(error))
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()


def find_running(folder: Path) -> str:
    """The address of the operator's listener of the server that runs on this folder; "" when none has left word."""
    try:
        told = json.loads((folder / RUN_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return ""
    url = told.get("ops_url") if isinstance(told, dict) else None
    return url if isinstance(url, str) and url.startswith("http://") else ""
