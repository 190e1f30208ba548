"""`beseda compat run` against a server with a control port, one without, and one that is something else."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from beseda.cli.compat import group
from beseda.compat.hands import Outside
from beseda.compat.report import Outcome
from beseda.compat.run import run
from beseda.compat.scenes import Need, find_scenes, read_scenes
from beseda.testing import BesedaServer
from beseda.testing.control import Control


def compat(*arguments: str) -> Result:
    return CliRunner().invoke(group, ["run", *arguments])


def read(xml: Path) -> ElementTree.Element:
    return ElementTree.parse(xml).getroot()  # noqa: S314 - our own


def last(done: Result) -> list[str]:
    """How many scenes there are, and how many passed, failed and were not run."""
    return done.stdout.splitlines()[-1].split()[1:]


@pytest.fixture(scope="module")
def control() -> Iterator[Control]:
    with Control() as running:
        yield running


@pytest.mark.long
def test_with_a_control_port_all_is_run(control: Control, tmp_path: Path) -> None:
    """Settings, members, money, a moving clock, a restart: of each protocol a topic."""
    for only in ("spaceweb/pay", "spaces/channel", "chatcz/token"):
        count = len(find_scenes(only=only))
        xml = tmp_path / "results.xml"
        done = compat(control.server.url, "--control", control.url, "--only", only, "--junit", str(xml))
        assert (done.exit_code, last(done)) == (0, [str(count), str(count), "-", "-"]), done.stderr
        suite = read(xml)
        assert (suite.tag, suite.get("tests"), suite.get("failures"), suite.get("skipped")) == (
            *("testsuite", str(count)),
            *("0", "0"),
        )
        assert len(suite.findall("testcase")) == count


def test_without_one_made_up_people_register(beseda_server: BesedaServer, tmp_path: Path) -> None:
    """What needs more is not run, and never counted as passed."""
    xml = tmp_path / "results.xml"
    done = compat(beseda_server.url, "--protocol", "spaceweb", "--only", "spaceweb/requests", "--junit", str(xml))
    scenes, passed, failed, not_run = last(done)
    assert done.exit_code == 0, done.stderr
    assert failed == "-"
    assert int(passed) > 0
    assert int(not_run) > 0
    assert int(passed) + int(not_run) == int(scenes)
    assert "not run" in done.stderr
    reasons = [case[0].get("message") for case in read(xml) if len(case)]
    assert len(reasons) == int(not_run)
    assert any("needs" in str(reason) for reason in reasons)


ASKED = """\
# A question

The name server is asked www.vzor.ru A
  REFUSED

# A change

The name server is told for vzor.ru by lego.vzor.ru c2VjcmV0
  add www 300 A 192.0.2.1
  NOTAUTH
"""


def test_without_a_name_server_what_asks_one_is_not_run(beseda_server: BesedaServer, tmp_path: Path) -> None:
    """Never passed, whatever else of the scene could be."""
    done = compat(beseda_server.url, "--only", "spaceweb/name_server")
    count = str(len(find_scenes(only="spaceweb/name_server")))
    assert (done.exit_code, last(done)) == (1, [count, "-", "-", count])
    assert "a name server" in done.stderr
    file = tmp_path / "spaceweb" / "asked.txt"
    file.parent.mkdir()
    file.write_text(ASKED, "utf-8")
    scenes = list(read_scenes(file))
    for address in ("", "nowhere", "127.0.0.1:", "127.0.0.1:99999"):
        hands = Outside(beseda_server.url, address)
        hands.provides = frozenset({Need.MEMBERS, Need.NAMES})  # as a control port says, whatever its server does
        assert [(it.outcome, it.why) for it in run(scenes, hands)] == [
            (Outcome.NOT_RUN, "the target has no name server that can be asked")
        ] * 2, address
    with socket.create_server(("127.0.0.1", 0)) as listening:
        silent = f"127.0.0.1:{listening.getsockname()[1]}"
    (told,) = run(scenes[1:], Outside(beseda_server.url, silent))
    assert told.outcome is Outcome.FAILED
    assert "no answer" in told.why


def test_who_lets_nobody_register_lacks_members() -> None:
    with BesedaServer({"accounts.registration": "closed"}) as server:
        done = compat(server.url, "--only", "spaces/mail-send")
    assert done.exit_code == 1
    assert last(done)[1:3] == ["-", "-"]
    assert "nobody may register: 422" in done.stderr


@pytest.mark.long
@pytest.mark.timeout(300)
def test_one_server_is_played_on_again_and_again() -> None:
    """What needs nothing but members leaves nothing behind that another scene would notice."""
    scenes = [scene for scene in find_scenes() if scene.needs <= {Need.MEMBERS}]
    assert len(scenes) > 100
    with BesedaServer({"server.limits": {"register": "100000/1"}}) as server:
        server.move_clock(86_400 * 400)
        for _ in range(2):
            results = list(run(scenes, Outside(server.url)))
            assert [(it.scene.name, it.why) for it in results if it.outcome is not Outcome.PASSED] == []


class Liar(BaseHTTPRequestHandler):
    """Answers everything with a page, as a parked domain does."""

    def do_GET(self) -> None:
        body = b"<html>\x01\xff</html>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *given: object) -> None:  # noqa: A002 - as the base class calls it
        pass


@pytest.fixture
def liar() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Liar) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_another_server_fails(liar: str, tmp_path: Path) -> None:
    xml = tmp_path / "results.xml"
    done = compat(liar, "--protocol", "spaceweb", "--only", "spaceweb/requests", "--junit", str(xml))
    assert done.exit_code == 1
    assert last(done)[1] == "-"
    assert "FAILED spaceweb/requests" in done.stderr
    assert read(xml).findall("testcase/failure")


def test_members_of_another_server_are_none(liar: str) -> None:
    done = compat(liar, "--only", "spaces/mail-read")
    assert (done.exit_code, last(done)[1]) == (1, "-")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["http://127.0.0.1:1"], 1, "http://127.0.0.1:1"),
        (["nowhere"], 2, "give the address without a path"),
        (["http://127.0.0.1:1/chat"], 2, "give the address without a path"),
        (["http://127.0.0.1:1", "--protocol", "icq"], 2, "chatcz, spaces, spaceweb"),
        (["http://127.0.0.1:1", "--only", "nothing of the kind"], 2, "in its name"),
        (["http://127.0.0.1:1", "--control", "http://127.0.0.1:1"], 1, "http://127.0.0.1:1"),
    ],
)
def test_what_cannot_be_run(arguments: list[str], code: int, told: str) -> None:
    done = compat(*arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert told in done.stderr


def test_a_control_port_of_another_server(control: Control, beseda_server: BesedaServer) -> None:
    done = compat(beseda_server.url, "--control", control.url)
    assert done.exit_code == 1
    assert f"not {beseda_server.url}" in done.stderr
