"""What is kept of a call that was refused, for whoever is asked why."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from beseda.domain.errors import BesedaError

KEPT = timedelta(days=7)
KEPT_MAX = 200_000
"""Of all; the oldest go first."""
WAIT_MAX, LISTED_MAX = timedelta(days=1), 10_000
"""How far back one looks for who still has to wait, and at how many at most."""
TOLD_TEXTS = frozenset({"condition", "limit", "lock", "reason", "type"})
"""Facts of refusals that are texts of ours: any other may be a secret, or somebody's words."""
REQUEST_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{8,16}")


@dataclass(frozen=True, slots=True)
class Refusal:
    """`method` and `outcome` are those of the metrics; `error` is the refusal's code, "" for what no rule refused."""

    request_id: str
    at: datetime
    protocol: str
    method: str
    outcome: str
    address: str
    error: str
    facts: Mapping[str, object]


def facts_of(error: BesedaError | None) -> dict[str, object]:
    """What may be kept of a refusal's facts."""
    facts = vars(error) if error else {}
    return {name: value for name, value in facts.items() if _is_plain(name, value)}


def _is_plain(name: str, value: object) -> bool:
    return isinstance(value, int | float) or (isinstance(value, str) and name in TOLD_TEXTS)
