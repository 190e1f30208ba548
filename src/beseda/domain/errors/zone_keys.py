"""Keys of zones, and what is asked by them."""

from beseda.domain.errors.missing import NotFound
from beseda.domain.errors.refused import Refused


class ZoneKeyNotFound(NotFound):
    """The zone has no key of that name."""

    code = "zone_key_not_found"


class ZoneKeyTaken(Refused):
    """The zone has a key of that name."""

    code = "zone_key_taken"


class ZoneKeyRefused(Refused):
    """No such key can be made; `detail` says in English why."""

    code = "zone_key_refused"
    detail: str


class OutOfScope(Refused):
    """The key may not do that; `name` and `type` are those of a record set, "" for all that there are."""

    code = "out_of_scope"
    name: str
    type: str


class PrerequisiteFailed(Refused):
    """A change was wanted only if something holds of `name` that does not; `condition` is the lasting word for it."""

    code = "prerequisite_failed"
    name: str
    condition: str
