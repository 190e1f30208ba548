"""Where the backups are that the server makes by itself: what is there, how old it is, and what is due or goes."""

import contextlib
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from beseda.server.config import Config
from beseda.server.periods import read_period

REGULAR = re.compile(r"beseda-([0-9]{8}T[0-9]{6}Z)\.jsonl\.gz")
STAMP = "%Y%m%dT%H%M%SZ"
LATE = 1.5
"""So many periods old, and an operator should look why."""


class BackupFiles:
    """The folder of a configuration. Reads names; what else lies there is left alone."""

    def __init__(self, config: Config) -> None:
        given = config.backup.folder
        self.folder = Path(given).expanduser() if given else config.server.data / "backups"
        self.every = read_period(config.backup.every)
        self.keep = config.backup.keep

    def regular(self) -> list[tuple[datetime, Path]]:
        """Those made every so often, the oldest first."""
        if not self.folder.is_dir():
            return []
        named = ((REGULAR.fullmatch(path.name), path) for path in self.folder.iterdir())
        return sorted((datetime.strptime(m[1], STAMP).replace(tzinfo=UTC), path) for m, path in named if m)

    def all(self) -> list[tuple[datetime, str, int]]:
        """All backups that lie there, whoever made them: when, under which name, of how many bytes; oldest first."""
        if not self.folder.is_dir():
            return []
        found = []
        for path in self.folder.glob("*.jsonl.gz"):
            with contextlib.suppress(OSError):  # rotated away meanwhile
                told = path.stat()
                found.append((datetime.fromtimestamp(told.st_mtime, UTC), path.name, told.st_size))
        return sorted(found)

    def newest(self) -> datetime | None:
        return max((at for at, _ in self.regular()), default=None)

    def next_path(self, now: datetime) -> Path:
        return self.folder / f"beseda-{now:{STAMP}}.jsonl.gz"

    def before_migration(self, now: datetime, old: int, new: int) -> Path:
        """A name for a backup that is kept until somebody removes it."""
        return self.folder / f"before-schema-{new}-from-{old}-{now:{STAMP}}.jsonl.gz"

    def rotate(self) -> list[Path]:
        """Remove the oldest beyond those that are kept; which."""
        gone = [path for _, path in self.regular()[: -self.keep]]
        for path in gone:
            path.unlink(missing_ok=True)
        return gone

    def complaint(self, now: datetime, since: datetime) -> str:
        """That the newest is too old, "" when it is not; `since` is when somebody began to make them."""
        if self.every is None:
            return ""
        newest = self.newest()
        age = now - (newest or since)
        if age < max(self.every * LATE, self.every + timedelta(minutes=30)):
            return ""
        hours = age // timedelta(hours=1)
        return f"the newest in {self.folder} is {hours} h old" if newest else f"there is none in {self.folder}"
