"""What a server sees coming: that there is no fresh backup, that the disk fills up, or the log of SQLite."""

import shutil
from pathlib import Path

from beseda.adapters.sql.sqlite import MEMORY
from beseda.server.config import Config
from beseda.server.metrics import Metrics
from beseda.server.scheduled_backups import ScheduledBackups
from beseda.server.storage import is_postgres, sqlite_path

FREE_MIN_BYTES = 256 * 1024 * 1024
FREE_MIN_SHARE, FREE_ENOUGH_BYTES = 0.05, 2 * 1024 * 1024 * 1024
"""On a small disk the share counts, until there is enough all the same."""
LOG_WORRY_BYTES = 512 * 1024 * 1024
"""SQLite's log is emptied when nobody reads what is older; it gets so long while somebody does for minutes."""


class Watching:
    """The scheduled backups, and warnings for /health/ready and /metrics."""

    def __init__(self, config: Config, metrics: Metrics) -> None:
        self._folder = config.server.data
        self._log = None if is_postgres(config) else _log_of(sqlite_path(config))
        self.backups = ScheduledBackups(config)
        self.service = self.backups.service()
        metrics.gauges |= {
            "beseda_backup_age_seconds": ("Age of the newest scheduled backup", lambda: self.backups.age_s),
            "beseda_backup_failures_total": ("Scheduled backups that failed", lambda: self.backups.failed),
            "beseda_database_log_bytes": ("SQLite's write-ahead log; 0 with PostgreSQL", lambda: size_of(self._log)),
            "beseda_disk_free_bytes": (
                "Room on the disk of the data folder",
                lambda: shutil.disk_usage(self._folder).free,
            ),
        }

    def worries(self) -> dict[str, str]:
        """By part; empty when there are none."""
        full = disk_worry(self._folder)
        long = log_worry(size_of(self._log))
        found = {"disk": full, "database log": long}
        return self.backups.warnings() | {part: told for part, told in found.items() if told}


def disk_worry(folder: Path) -> str:
    """That little is left on a disk; "" when there is enough."""
    try:
        disk = shutil.disk_usage(folder)
    except OSError as error:
        return str(error)
    if disk.free < FREE_MIN_BYTES or disk.free < min(FREE_MIN_SHARE * disk.total, FREE_ENOUGH_BYTES):
        return f"{folder}: {disk.free // 1024**2} MiB are left of {disk.total // 1024**2}"
    return ""


def _log_of(database: Path) -> Path | None:
    return None if database == MEMORY else database.with_name(f"{database.name}-wal")


def size_of(file: Path | None) -> int:
    """In bytes; 0 for one that is not there."""
    try:
        return file.stat().st_size if file else 0
    except OSError:
        return 0


def log_worry(size_bytes: int) -> str:
    """That the log of SQLite does not get shorter; "" while it is short enough."""
    if size_bytes < LOG_WORRY_BYTES:
        return ""
    return f"has {size_bytes // 1024**2} MiB: something reads the database for long, and keeps it from shrinking"
