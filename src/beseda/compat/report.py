"""What became of the scenes: a table of what is covered, JUnit XML, and whether all is well."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from xml.etree import ElementTree

from beseda.compat.scenes import PROTOCOLS, Need, Scene


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Result:
    """How a scene went; `why` says what went otherwise, or what the target lacks."""

    scene: Scene
    outcome: Outcome
    why: str = ""
    seconds: float = 0.0


def _topic(result: Result) -> tuple[str, str]:
    return result.scene.protocol, result.scene.topic


def table(results: Sequence[Result]) -> list[str]:
    """A line a topic, and one for all."""
    rows = [["PROTOCOL", "TOPIC", "SCENES", *(outcome.value.upper() for outcome in Outcome)]]
    for (protocol, topic), found in groupby(results, key=_topic):
        rows.append([PROTOCOLS.get(protocol, protocol), topic, *_counts(list(found))])
    rows.append(["all", "", *_counts(results)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _counts(results: Sequence[Result]) -> list[str]:
    of = [sum(result.outcome is outcome for result in results) for outcome in Outcome]
    return [str(len(results)), *(str(count) if count else "-" for count in of)]


def junit(results: Iterable[Result], target: str) -> bytes:
    """One suite, a case a scene (the format that CI servers read)."""
    results = list(results)
    suite = ElementTree.Element(
        "testsuite",
        name=f"beseda compat {target}",
        tests=str(len(results)),
        failures=str(sum(result.outcome is Outcome.FAILED for result in results)),
        skipped=str(sum(result.outcome is Outcome.NOT_RUN for result in results)),
        errors="0",
        time=f"{sum(result.seconds for result in results):.3f}",
    )
    for result in results:
        scene = result.scene
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname=f"{scene.protocol}.{scene.topic}",
            name=_plain(scene.title),
            time=f"{result.seconds:.3f}",
        )
        if result.outcome is not Outcome.PASSED:
            tag = "failure" if result.outcome is Outcome.FAILED else "skipped"
            ElementTree.SubElement(case, tag, message=_plain(result.why))
    return bytes(ElementTree.tostring(suite, "utf-8", xml_declaration=True)) + b"\n"


def _plain(text: str) -> str:
    """Without what XML 1.0 has no way to write: servers may answer anything."""
    return "".join(char if char.isprintable() or char in "\n\t" else "\ufffd" for char in text)


COVERAGE_HEAD = """\
# What is covered

<!-- Written by `make docs`; a test compares. -->

The scenes of [compat/](../compat/README.md) show by example what each protocol sends and receives. All of them pass
against this version: the tests play them, each against a server of its own. `beseda compat run URL` plays them
against any server, this one or another that speaks the protocols, and prints this table with what passed, what failed,
and what was not run as the target lacks what it needs:

- **members**: made-up people can register (at `/register`, as on Beseda);
- **an operator**: rooms, applications, domains, money, ranks and settings can be prepared, and members blocked;
- **a clock that moves**: time passes when it is told to, and the server restarts;
- **an empty server**: nothing is there but what the scene says;
- **a name server**: what is published of domains can be asked for by DNS (`--name-server`).

Members can be had of any server that lets people register; all five of one with a [control port](testing.md).

| protocol | topic | scenes | members at most | an operator | a clock that moves | an empty server | a name server |
|---|---|---|---|---|---|---|---|
"""


def coverage(scenes: Sequence[Scene]) -> str:
    """docs/coverage.md."""
    rows = []
    for (protocol, topic), found in groupby(scenes, key=lambda scene: (scene.protocol, scene.topic)):
        rows.append(_row(PROTOCOLS[protocol], f"[{topic}](../compat/{protocol}/{topic}.txt)", list(found)))
    return COVERAGE_HEAD + "\n".join([*rows, _row("all", "", scenes)]) + "\n"


def _row(protocol: str, topic: str, scenes: Sequence[Scene]) -> str:
    needs = [scene.needs for scene in scenes]
    counts = [sum(it <= {Need.MEMBERS} for it in needs)]
    counts += [sum(need in it for it in needs) for need in (Need.OPERATOR, Need.CLOCK, Need.EMPTY, Need.NAMES)]
    cells = [protocol, topic, str(len(scenes)), *(str(count) if count else "" for count in counts)]
    return "| " + " | ".join(cells) + " |"
