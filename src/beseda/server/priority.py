"""Work that can wait: the processors are for whoever else wants them."""

import contextlib
import os
from pathlib import Path

NICENESS = 15
"""At 10 whoever wakes up still waits some milliseconds for who runs; at 19 the work nearly stops on a busy machine."""


def give_way(process_id: int = 0) -> None:
    """This process, or another of the same user, gets little beside others, and all when there are none.

    Linux compares processes only within a session (`sched_autogroup`, see sched(7)) and gives all sessions the same,
    so the session of a process that began one is lowered as well. That of somebody's terminal is left as it is.
    """
    process_id = process_id or os.getpid()
    with contextlib.suppress(OSError):  # it is over already, or may not: see packaging/systemd/beseda.service
        niceness = max(os.getpriority(os.PRIO_PROCESS, process_id), NICENESS)
        os.setpriority(os.PRIO_PROCESS, process_id, niceness)
    with contextlib.suppress(OSError):  # it is over, or the system has no such groups
        if os.getsid(process_id) == process_id:
            Path(f"/proc/{process_id}/autogroup").write_text(str(NICENESS), "ascii")
