"""`beseda domain zone`: an operator looks at zones, and reads and writes master files."""

from pathlib import Path

import pytest

from e2e.console import Console

FILE = """$TTL 600
@ A 192.0.2.1
@ MX 10 mail
www CNAME nikde
alias CNAME www.lab
*.lab A 192.0.2.2
sub NS ns.sub
x.sub TXT "a"
"""


@pytest.fixture
def console(tmp_path: Path) -> Console:
    console = Console(tmp_path / "data").begin()
    console.json("account", "add", "Alena", "--password-stdin", stdin="kratka zima 7")
    console.json("domain", "add", "Alena", "vzor.ru")
    return console


def test_a_zone_is_read_in_shown_checked_and_written_out(console: Console, tmp_path: Path) -> None:
    file, out = tmp_path / "zone.txt", tmp_path / "out.txt"
    file.write_text(FILE)
    told = console.json("domain", "zone", "import", "vzor.ru", str(file), "--dry-run")
    assert {each["change"] for each in told} == {"+"}
    assert console.json("domain", "zone", "show", "vzor.ru") == []
    assert console.json("domain", "zone", "import", "vzor.ru", str(file)) == told
    assert console.json("domain", "zone", "import", "vzor.ru", str(file)) == []
    shown = console.json("domain", "zone", "show", "VZOR.ru.")
    assert {"name": "www", "ttl": 600, "type": "CNAME", "data": "nikde.vzor.ru."} in shown
    assert len(shown) == 7
    for words in (("vzor.ru",), ("vzor.ru", str(file))):
        assert {
            (each["name"], each["type"], each["warning"]) for each in console.json("domain", "zone", "check", *words)
        } == {
            ("@", "MX", "mail has no address"),
            ("www", "CNAME", "nikde does not exist"),
            ("sub", "NS", "ns.sub has no address"),
            ("x.sub", "TXT", "sub is served by others"),
        }
    printed = console.run("domain", "zone", "export", "vzor.ru").out
    assert console.json("domain", "zone", "export", "vzor.ru", "--output", str(out))["zone"] == "vzor.ru"
    assert out.read_text() == printed
    assert printed.startswith("$ORIGIN vzor.ru.\n$TTL 3600\n@\t\tIN\tSOA\tlocalhost. hostmaster.vzor.ru. ")
    assert console.json("domain", "zone", "import", "vzor.ru", str(out)) == []


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        ("www A x\n", "zone_file_invalid", "zone file invalid: line 1, detail Text input is malformed."),
        (
            "a A 192.0.2.1\na CNAME b\n",
            "record_refused",
            "a CNAME: a CNAME stands alone at its name, and there is one: A",
        ),
        (
            "jiny.cz. A 192.0.2.1\n",
            "records_refused",
            "jiny.cz. A: no name of a record in this zone: not below vzor.ru.",
        ),
    ],
)
def test_a_file_that_is_not_taken(console: Console, tmp_path: Path, content: str, code: str, message: str) -> None:
    file = tmp_path / "zone.txt"
    file.write_text(content)
    refusal = console.json("domain", "zone", "import", "vzor.ru", str(file), code=1)
    assert (refusal["error"], refusal["message"]) == (code, message)
    assert console.run("domain", "zone", "import", "vzor.ru", str(file)).err == f"beseda: {message}\n"
    assert console.json("domain", "zone", "show", "nikde.ru", code=1)["error"] == "domain_not_found"
    assert (
        console.json("domain", "zone", "import", "vzor.ru", str(tmp_path / "nikde"), code=1)["error"] == "system_error"
    )
