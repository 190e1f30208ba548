"""`beseda doctor` finds what is wrong, and touches nothing."""

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.console import Console
from e2e.serving import QUICK_HASHES


@pytest.fixture
def console(tmp_path: Path) -> Console:
    console = Console(tmp_path / "data").begin()
    console.run("account", "add", "Alena")
    console.run("balance", "credit", "Alena", "100")
    return console


def findings(console: Console) -> dict[str, tuple[bool, str]]:
    """All but how long a hash takes; the exit code says whether all is well."""
    done = console.run("doctor", "--json")
    told = json.loads(done.out)
    assert done.code == (0 if all(each["ok"] for each in told) else 1)
    return {each["check"]: (each["ok"], each["detail"]) for each in told if each["check"] != "password hashing"}


def change(console: Console, *statements: str) -> None:
    with contextlib.closing(sqlite3.connect(console.data / "beseda.db")) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


def test_a_healthy_place(console: Console) -> None:
    found = findings(console)
    assert [check for check, (ok, _) in found.items() if not ok] == []
    assert list(found) == [
        "configuration",
        "clock",
        "data folder",
        "server key",
        "database",
        "integrity",
        "schema",
        "time",
        "ledger",
        "room names",
        "durability",
        "backups",
    ]
    assert "FULL" in found["durability"][1]


def test_names_that_rooms_could_not_be_given_today(console: Console) -> None:
    assert findings(console)["room names"] == (True, "could all be given today")
    for name in ("Brno", "Praha", "Plzeň", "Zlín", "COCHA"):
        console.run("room", "add", name)
    change(
        console,
        "UPDATE rooms SET name = 'Brno: střed' WHERE name = 'Brno'",
        "UPDATE rooms SET name = 'Рraha' WHERE name = 'Praha'",
        "UPDATE rooms SET name = 'a,b' WHERE name = 'Plzeň'",
        "UPDATE rooms SET name = 'Сосна', look_key = NULL WHERE name = 'Zlín'",
    )
    ok, detail = findings(console)["room names"]
    assert ok
    assert detail == "4 could not be given today, and go on working: 'Brno: střed', 'Рraha', 'a,b', 'Сосна'"


def test_lines_that_are_not_found_yet_are_counted(console: Console) -> None:
    console.run("room", "add", "Praha")
    assert "search" not in findings(console)
    change(console, "UPDATE room_heads SET head_seq = 5000000", "INSERT INTO search_heads VALUES (1, 200000)")
    assert findings(console)["search"] == (
        True,
        "up to 4,800,000 lines are not found yet: a running server gets to them by itself",
    )


def test_contacts_that_would_not_be_taken_today_are_listed(console: Console) -> None:
    console.run("account", "add", "Brana", "--email", "brana@example.org", "--phone", "+420601123456")
    console.run("account", "add", "Cyril", "--phone", "+420601123457")
    assert {"e-mails", "phones"}.isdisjoint(findings(console))
    change(
        console,
        "UPDATE accounts SET email = 'a@xn--e1afmkfd.xn--p1ai', email_key = '<a@xn--e1afmkfd.xn--p1ai>' WHERE id = 1",
        "UPDATE accounts SET phone = '+601123456' WHERE id = 2",
        "UPDATE accounts SET phone = '+4402079460958' WHERE id = 3",
    )
    found = findings(console)
    assert found["e-mails"] == (True, "addresses of older members in another spelling: Alena a@xn--e1afmkfd.xn--p1ai")
    assert found["phones"] == (True, "no numbers of any country: Brana +601123456, Cyril +4402079460958")


def test_hashes_that_are_too_quick_are_a_hint(console: Console) -> None:
    (hashing,) = [each for each in console.json("doctor") if each["check"] == "password hashing"]
    assert hashing["ok"] is True
    assert "Hint: raise accounts.hash_memory_kib" in hashing["detail"]


@pytest.mark.long
def test_hashes_that_are_too_slow_are_a_fault(console: Console, tmp_path: Path) -> None:
    file = tmp_path / "beseda.toml"
    file.write_text("[accounts]\nhash_memory_kib = 65536\nhash_passes = 12\n")
    environment = QUICK_HASHES.copy()
    QUICK_HASHES.clear()
    try:
        told = console.json("doctor", "--config", str(file), code=1)
    finally:
        QUICK_HASHES.update(environment)
    (hashing,) = [each for each in told if each["check"] == "password hashing"]
    assert hashing["ok"] is False
    assert "lower accounts.hash_memory_kib" in hashing["detail"]


def test_before_the_first_start_nothing_is_wrong_and_nothing_is_made(tmp_path: Path) -> None:
    console = Console(tmp_path / "none")
    assert [check for check, (ok, _) in findings(console).items() if not ok] == []
    assert not console.data.exists()


def test_a_database_that_is_gone_while_its_key_is_there(console: Console) -> None:
    (console.data / "beseda.db").unlink()
    assert findings(console)["database"] == (
        False,
        f"{console.data}/beseda.db is missing, though there is a server key: restore it",
    )


def replace_folder(console: Console) -> None:
    shutil.rmtree(console.data)
    console.data.touch()


def open_to_all(console: Console) -> None:
    console.data.chmod(0o755)
    (console.data / "beseda.db").chmod(0o644)


BROKEN: dict[str, tuple[Callable[[Console], None], str]] = {
    "data folder": (replace_folder, "Not a directory"),
    "server key": (lambda it: (it.data / "server.key").unlink(), "is missing, though there is a database"),
    "database": (open_to_all, "chmod 700"),
    "integrity": (lambda it: change(it, "INSERT INTO handles VALUES ('x', 'sid', 99)"), "1 rows refer to nothing"),
    "schema": (lambda it: change(it, "UPDATE schema_state SET version = 99, oldest_code = 99"), "Install a newer"),
    "time": (lambda it: change(it, "UPDATE accounts SET accessed_ms = accessed_ms + 864000000"), "ahead of the clock"),
    "ledger": (lambda it: change(it, "UPDATE ledger_books SET balance_minor = balance_minor + 1"), "books are not"),
}


@pytest.mark.parametrize("check", BROKEN)
def test_what_is_wrong_is_found(console: Console, check: str) -> None:
    harm, told = BROKEN[check]
    harm(console)
    ok, detail = findings(console)[check]
    assert not ok
    assert told in detail


def test_a_key_that_others_can_read(console: Console) -> None:
    (console.data / "server.key").chmod(0o644)
    assert findings(console)["server key"] == (False, f"{console.data}/server.key has mode 644, not 600")


def test_a_file_that_is_no_database(console: Console) -> None:
    (console.data / "beseda.db").write_bytes(b"something else entirely" * 100)
    assert "not a database" in findings(console)["database"][1]


def test_a_bad_configuration_is_a_finding(console: Console, tmp_path: Path) -> None:
    file = tmp_path / "beseda.toml"
    file.write_text("[log]\nlevel = 'loud'\n")
    (found,) = console.json("doctor", "--config", str(file), code=1)
    assert (found["check"], found["ok"]) == ("configuration", False)
    assert "log.level" in found["detail"]


def test_a_server_that_does_not_sync_says_so(console: Console, tmp_path: Path) -> None:
    file = tmp_path / "beseda.toml"
    file.write_text("[server]\ndurable = false\n")
    told = console.json("doctor", "--config", str(file))
    assert "NORMAL" in next(each["detail"] for each in told if each["check"] == "durability")
