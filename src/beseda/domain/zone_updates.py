"""Changing a zone by request: what it presupposes, and what becomes of its records (RFC 2136, 3.2 and 3.4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from beseda.domain.errors import PrerequisiteFailed
from beseda.domain.records import APEX, TTL_MIN, Data, RecordSet
from beseda.domain.zones import Key, Sets


class Condition(Enum):
    """What must hold of a name, or of a name and type (RFC 2136, 2.4)."""

    NAME_IN_USE = auto()
    NAME_NOT_IN_USE = auto()
    SET_EXISTS = auto()
    SET_ABSENT = auto()
    SET_IS = auto()
    """One record of a set that must be just what all of these together say."""


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """What must hold for anything to be done."""

    condition: Condition
    name: str
    type: str = ""
    data: Data | None = None


class Action(Enum):
    """What is done (RFC 2136, 2.5)."""

    ADD = auto()
    DELETE_SET = auto()
    DELETE_NAME = auto()
    DELETE_RECORD = auto()


@dataclass(frozen=True, slots=True)
class Instruction:
    """One thing to be done."""

    action: Action
    name: str
    type: str = ""
    ttl: int = 0
    data: Data | None = None


@dataclass(frozen=True, slots=True)
class ZoneUpdate:
    """A whole request; it is carried out wholly or not at all."""

    zone: str
    prerequisites: tuple[Prerequisite, ...] = ()
    instructions: tuple[Instruction, ...] = ()

    @property
    def names(self) -> set[str]:
        """All names it is about."""
        return {each.name for each in self.prerequisites} | {each.name for each in self.instructions}


def check_prerequisites(sets: Sets, given: Sequence[Prerequisite]) -> None:
    """Nothing, or PrerequisiteFailed for the first that does not hold. `sets` are what is served at these names."""
    used = {name for name, _ in sets}
    wanted: dict[Key, set[bytes]] = {}
    for each in given:
        key, data = (each.name, each.type), each.data
        match each.condition:
            case Condition.NAME_IN_USE if each.name not in used:
                raise PrerequisiteFailed(name=each.name, condition="name_in_use")
            case Condition.NAME_NOT_IN_USE if each.name in used:
                raise PrerequisiteFailed(name=each.name, condition="name_not_in_use")
            case Condition.SET_EXISTS if key not in sets:
                raise PrerequisiteFailed(name=each.name, condition="set_exists")
            case Condition.SET_ABSENT if key in sets:
                raise PrerequisiteFailed(name=each.name, condition="set_absent")
            case Condition.SET_IS if data is not None:
                wanted.setdefault(key, set()).add(data.wire)
    for key, values in wanted.items():
        if key not in sets or {each.wire for each in sets[key].data} != values:
            raise PrerequisiteFailed(name=key[0], condition="set_is")


def carry_out(sets: Sets, instructions: Iterable[Instruction]) -> dict[Key, RecordSet | None]:
    """The record sets that become others, as they are to be; None for those that go.

    What the RFC says to ignore is ignored (3.4.2.2 to 3.4.2.4): a CNAME beside other data and the other way round, the
    SOA, the last NS of the zone.
    """
    state: dict[Key, RecordSet] = dict(sets)
    for each in instructions:
        key = (each.name, each.type)
        match each.action:
            case Action.ADD:
                _add(state, each)
            case Action.DELETE_SET if key != (APEX, "NS"):
                state.pop(key, None)
            case Action.DELETE_NAME:
                for there in [there for there in state if there[0] == each.name and there != (APEX, "NS")]:
                    del state[there]
            case Action.DELETE_RECORD:
                _delete_record(state, key, each.data)
    return {key: state.get(key) for key in {*sets, *state} if state.get(key) != sets.get(key)}


def _add(state: dict[Key, RecordSet], wanted: Instruction) -> None:
    name, type_, data = wanted.name, wanted.type, wanted.data
    beside = {there[1] for there in state if there[0] == name and there[1] != type_}
    if data is None or type_ == "SOA" or (beside if type_ == "CNAME" else "CNAME" in beside):
        return
    had = state.get((name, type_))
    kept = () if had is None or type_ == "CNAME" else tuple(each for each in had.data if each != data)
    ttl = max(wanted.ttl, TTL_MIN)
    state[name, type_] = replace(had, ttl=ttl, data=(*kept, data)) if had else RecordSet(name, type_, ttl, (data,))


def _delete_record(state: dict[Key, RecordSet], key: Key, data: Data | None) -> None:
    had = state.get(key)
    if had is None or data not in had.data:
        return
    kept = tuple(each for each in had.data if each != data)
    if kept:
        state[key] = replace(had, data=kept)
    elif key != (APEX, "NS"):
        del state[key]
