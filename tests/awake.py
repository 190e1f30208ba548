"""How long something took while this machine was awake: that of CI may stand still for seconds."""

import threading
import time

TICK_S = 0.02
MOST_S = 0.2
"""No more passes from one tick to the next; what is beyond it, the machine was not there."""


class _Clock:
    def __init__(self) -> None:
        self._passed_s = 0.0
        self._ticked_s = time.monotonic()
        self._lock = threading.Lock()
        threading.Thread(target=self._tick, name="awake", daemon=True).start()

    def _tick(self) -> None:
        while True:
            time.sleep(TICK_S)
            self.look()

    def look(self) -> float:
        with self._lock:
            now = time.monotonic()
            self._passed_s += min(now - self._ticked_s, MOST_S)
            self._ticked_s = now
            return self._passed_s


awake_s = _Clock().look
"""As `time.monotonic`, but for the seconds in which this process, and so the machine, did nothing at all."""
