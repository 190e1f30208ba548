"""The table of questions.txt once more, asked by Knot's `kdig`, which reads answers by itself (see .ci/run)."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import dns.rdata
import dns.rdataclass
import dns.rdatatype
import pytest

from api.dns.line import Line, cases, make_answers, read_zones

pytestmark = pytest.mark.long
HERE = Path(__file__).parent
CASES = [
    (question, expected)
    for question, expected in cases(HERE / "questions.txt")
    if not {"AXFR", "IXFR"}.intersection(question.split())  # which kdig takes for a whole transfer
]
SECTIONS = {";; ANSWER SECTION:": "an", ";; AUTHORITY SECTION:": "au", ";; ADDITIONAL SECTION:": "ad"}


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    with Line(make_answers(read_zones((HERE / "zones.txt").read_text()))) as line:
        yield line


def kdig(line: Line, question: str) -> list[str]:
    """As questions.txt has it: the code with the flags, then the records."""
    how, name, kind, *rest = question.split()
    way, _, size = how.partition("/")
    options = {"tcp": ["+tcp"], "udp": ["+noedns", "+ignore"], "edns": ["+edns=0", "+ignore"], "do": ["+dnssec"]}[way]
    options += ["+ignore", f"+bufsize={size or 1232}"] if way in ("edns", "do") else []
    numbers = [f"TYPE{int(dns.rdatatype.from_text(kind))}", f"CLASS{int(dns.rdataclass.from_text(*rest or ['IN']))}"]
    command = ["kdig", "@127.0.0.1", "-p", str(line.port), "+time=5", "+retry=0", *options]
    command += ["-q", name, "-t", numbers[0], "-c", numbers[1]]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    head, records, section = "", [], ""
    for told in ran.stdout.splitlines():
        if "status: " in told:
            head = told.partition("status: ")[2].partition(";")[0].replace("NOTIMPL", "NOTIMP")
        elif told.startswith(";; Flags: "):
            flags = told.removeprefix(";; Flags: ").partition(";")[0].split()
            head = " ".join([head, *(flag for flag in ("aa", "tc", "ra") if flag in flags)])
        elif "flags: do" in told:
            head += " do"
        elif told.startswith(";;"):
            section = SECTIONS.get(told, "")
        elif section and told:
            owner, ttl, _, rdtype, data = told.split(maxsplit=4)
            records.append(f"{section} {owner} {ttl} {rdtype} {dns.rdata.from_text('IN', rdtype, data)}")
    return [head, *sorted(records)]


def test_kdig_hears_what_is_written(line: Line) -> None:
    assert len(CASES) >= 60
    heard = {question: kdig(line, question) for question, _ in CASES}
    written = {question: [expected[0], *sorted(expected[1:])] for question, expected in CASES}
    written["udp EXAMPLE.oRg A"][1] = written["udp EXAMPLE.oRg A"][1].replace("EXAMPLE.oRg", "example.org")  # its way
    assert heard == written
