"""What questions are answered, over real sockets: the table in questions.txt."""

from collections.abc import Iterator
from pathlib import Path

import dns.message
import dns.query
import dns.rdataclass
import pytest

from api.dns.line import Line, cases, make_answers, read_zones, told

HERE = Path(__file__).parent
CASES = cases(HERE / "questions.txt")


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    with Line(make_answers(read_zones((HERE / "zones.txt").read_text()))) as line:
        yield line


def ask(line: Line, question: str) -> dns.message.Message:
    how, name, rdtype, *rest = question.split()
    way, _, size = how.partition("/")
    message = dns.message.make_query(name, rdtype, rest[0] if rest else "IN")
    message.use_edns(0 if way in ("edns", "do") else False, payload=int(size or 1232), ednsflags=0x8000 * (way == "do"))
    query = dns.query.tcp if way == "tcp" else dns.query.udp
    return query(message, "127.0.0.1", timeout=10, port=line.port)


@pytest.mark.parametrize(("question", "expected"), CASES, ids=[question for question, _ in CASES])
def test_a_question_is_answered(line: Line, question: str, expected: list[str]) -> None:
    """Twice: the second answer comes from what was kept of the first."""
    for _ in range(2):
        answer = ask(line, question)
        assert sorted(told(answer)[1:]) == sorted(expected[1:])
        assert told(answer)[0] == expected[0]
        assert (answer.edns == 0) is question.startswith(("edns", "do"))


def test_there_are_sixty_questions_at_least() -> None:
    assert len(CASES) >= 60
