"""What a server sees coming: that there is no fresh backup, that the disk fills up."""

import shutil
from pathlib import Path

from beseda.server.config import Config
from beseda.server.metrics import Metrics
from beseda.server.scheduled_backups import ScheduledBackups

FREE_MIN_BYTES = 256 * 1024 * 1024
FREE_MIN_SHARE, FREE_ENOUGH_BYTES = 0.05, 2 * 1024 * 1024 * 1024
"""On a small disk the share counts, until there is enough all the same."""


class Watching:
    """The scheduled backups, and warnings for /health/ready and /metrics."""

    def __init__(self, config: Config, metrics: Metrics) -> None:
        self._folder = config.server.data
        self.backups = ScheduledBackups(config)
        self.service = self.backups.service()
        metrics.gauges |= {
            "beseda_backup_age_seconds": ("Age of the newest scheduled backup", lambda: self.backups.age_s),
            "beseda_backup_failures_total": ("Scheduled backups that failed", lambda: self.backups.failed),
            "beseda_disk_free_bytes": (
                "Room on the disk of the data folder",
                lambda: shutil.disk_usage(self._folder).free,
            ),
        }

    def worries(self) -> dict[str, str]:
        """By part; empty when there are none."""
        full = disk_worry(self._folder)
        return self.backups.warnings() | ({"disk": full} if full else {})


def disk_worry(folder: Path) -> str:
    """That little is left on a disk; "" when there is enough."""
    try:
        disk = shutil.disk_usage(folder)
    except OSError as error:
        return str(error)
    if disk.free < FREE_MIN_BYTES or disk.free < min(FREE_MIN_SHARE * disk.total, FREE_ENOUGH_BYTES):
        return f"{folder}: {disk.free // 1024**2} MiB are left of {disk.total // 1024**2}"
    return ""
