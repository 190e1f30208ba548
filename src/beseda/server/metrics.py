"""What the server counts, and the Prometheus text of it."""

import functools
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from beseda.api.base import Outcome

Counted = dict[str, Any]
"""What was counted, as JSON has it; see Metrics.counted."""
JOINED: dict[str, Callable[[float, float], float]] = {"beseda_bus_up": min, "beseda_backup_age_seconds": max}
JOINED |= dict.fromkeys(("beseda_database_log_bytes", "beseda_disk_free_bytes"), max)
"""Gauges of which several processes have no sum."""
BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


def _sum(one: float, other: float) -> float:
    return one + other


@dataclass(slots=True)
class Calls:
    """`buckets` count those that took no longer than each of BUCKETS_S, and than the one before; and the rest."""

    count: int = 0
    seconds: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))


class Metrics:
    """Requests by protocol, method and outcome; and gauges that are read when asked for."""

    def __init__(self) -> None:
        self._calls: dict[tuple[str, Outcome], Calls] = {}
        self.gauges: dict[str, tuple[str, Callable[[], float]]] = {}
        """Name -> (help, value); names that end in _total are counters."""

    def count(self, protocol: str, outcome: Outcome, seconds: float) -> None:
        calls = self._calls.get((protocol, outcome))
        if calls is None:
            calls = self._calls[protocol, outcome] = Calls()
        calls.count += 1
        calls.seconds += seconds
        calls.buckets[bisect_left(BUCKETS_S, seconds)] += 1

    def counted(self) -> Counted:
        """All of it now, to be added to what another process has counted."""
        return {
            "calls": [
                [protocol, outcome.method, outcome.code, calls.count, calls.seconds, calls.buckets]
                for (protocol, outcome), calls in self._calls.items()
            ],
            "gauges": {name: value() for name, (_, value) in self.gauges.items()},
        }

    def add(self, counted: Counted, *, counters_only: bool = False, sign: int = 1) -> None:
        """What another process has counted; or take that away. Gauges are what they were then."""
        for protocol, method, code, count, seconds, buckets in counted["calls"]:
            calls = self._calls.setdefault((protocol, Outcome(method, code)), Calls())
            calls.count += sign * count
            calls.seconds += sign * seconds
            calls.buckets = [a + sign * b for a, b in zip(calls.buckets, buckets, strict=True)]
        for name, value in counted["gauges"].items():
            if not counters_only or name.endswith("_total"):
                joined = sign * value
                if (known := self.gauges.get(name)) is not None:
                    joined = JOINED.get(name, _sum)(known[1](), joined)
                self.gauges[name] = ("", functools.partial(float, joined))

    def described(self) -> list[tuple[str, str, str, str]]:
        """Of each: its name as queries have it, its type, its labels, what it says."""
        return sorted(
            (
                f"{family.name}_total" if family.type == "counter" else family.name,
                family.type,
                ", ".join(getattr(family, "_labelnames", ())),
                family.documentation,
            )
            for family in self.collect()
        )

    def latencies(self) -> Calls:
        """All calls so far together."""
        total = Calls()
        for calls in self._calls.values():
            total.count += calls.count
            total.seconds += calls.seconds
            total.buckets = [a + b for a, b in zip(total.buckets, calls.buckets, strict=True)]
        return total

    def count_of(self, codes: frozenset[str]) -> int:
        """How many calls came to one of these outcomes."""
        return sum(calls.count for (_, outcome), calls in self._calls.items() if outcome.code in codes)

    def render(self) -> bytes:
        """The exposition text."""
        from prometheus_client import generate_latest
        from prometheus_client.registry import CollectorRegistry

        registry = CollectorRegistry()
        registry.register(self)
        text: bytes = generate_latest(registry)
        return text

    def collect(self) -> Iterator[Any]:
        """Called by prometheus_client."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

        requests = CounterMetricFamily("beseda_requests", "Answered calls", labels=["protocol", "method", "outcome"])
        latency = HistogramMetricFamily(
            "beseda_request_seconds", "From the end of the request's head to the answer", labels=["protocol", "method"]
        )
        by_method: dict[tuple[str, str], Calls] = {}
        for (protocol, outcome), calls in self._calls.items():
            requests.add_metric([protocol, outcome.method, outcome.code], calls.count)
            total = by_method.setdefault((protocol, outcome.method), Calls())
            total.seconds += calls.seconds
            total.buckets = [a + b for a, b in zip(total.buckets, calls.buckets, strict=True)]
        for labels, total in by_method.items():
            running, buckets = 0, []
            for bound, count in zip((*BUCKETS_S, float("inf")), total.buckets, strict=True):
                running += count
                buckets.append(("+Inf" if bound == float("inf") else str(bound), running))
            latency.add_metric(list(labels), buckets, total.seconds)
        yield requests
        yield latency
        for name, (text, value) in self.gauges.items():
            if name.endswith("_total"):
                yield CounterMetricFamily(name.removesuffix("_total"), text, value=value())
            else:
                yield GaugeMetricFamily(name, text, value=value())
