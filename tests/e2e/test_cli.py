"""What operators do at the command line, as people and as programs."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer

from beseda import __version__
from beseda.adapters.sql.schema import SCHEMA
from beseda.server.cli import app
from beseda.server.cli.billing import minor
from beseda.server.cli.output import amount
from e2e.console import Console
from e2e.serving import BESEDA

INVITE = re.compile("[a-z2-9]{20}")


@pytest.fixture
def console(tmp_path: Path) -> Console:
    return Console(tmp_path / "data").begin()


def test_an_account_is_added_with_all_that_a_member_may_tell(console: Console) -> None:
    words = "account add Alena --email alena@example.org --phone +420600000000 --sex f --born 1990-02-03 --age-public"
    added = console.json(*words.split())
    assert re.fullmatch("[a-z2-9]{4}(-[a-z2-9]{4}){3}", added.pop("password"))
    assert added.pop("created") == added.pop("active")
    assert added == {
        "id": 1,
        "nick": "Alena",
        "standing": "active",
        "role": "member",
        "sex": "f",
        "born": "1990-02-03",
        "age_public": True,
    }
    shown = console.json("account", "show", "alena")
    assert (shown["id"], shown["registered"], shown["rooms"], shown["karma"]) == (1, True, [], 0)


def test_a_password_read_from_standard_input_is_not_told(console: Console) -> None:
    done = console.run("account", "add", "Alena", "--password-stdin", stdin="  kratka zima 7\n")
    assert done.code == 0
    assert "zima" not in done.out + done.err
    assert "password" not in console.json("account", "password", "Alena", "--password-stdin", stdin="kratka zima 8")


def test_accounts_are_listed_in_columns(console: Console) -> None:
    assert console.run("account", "list").out == ""
    assert console.json("account", "list") == []
    for nick in ("Alena", "Борис"):
        console.run("account", "add", nick)
    head, *rows = console.run("account", "list").out.splitlines()
    assert head.split()[:3] == ["ID", "NICK", "STANDING"]
    assert [row.split()[1] for row in rows] == ["Alena", "Борис"]
    assert {row.index("active") for row in rows} == {head.index("STANDING")}


def test_blocking_freezing_and_waking(console: Console) -> None:
    console.run("account", "add", "Alena")
    assert console.json("account", "block", "Alena")["standing"] == "blocked"
    assert console.json("account", "block", "1", "--frozen")["standing"] == "frozen"
    assert console.json("account", "unblock", "Alena")["standing"] == "active"


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        ("account show Nikdo", "account_not_found", "account not found: Nikdo"),
        ("account show 99", "account_not_found", "account not found: 99"),
        ("account add alena", "nick_taken", "nick taken"),
        ("account add Al", "nick_invalid", "nick invalid: shorter than 3 characters"),
        ("account add Boris --email x", "email_invalid", "email invalid"),
        ("account add Boris --email x@a_b.example", "email_invalid", "email invalid"),
        ("account add Boris --phone 601123456", "phone_invalid", "phone invalid"),
        ("room show Nikde", "room_not_found", "room not found: Nikde"),
        ("room add Praha", "room_name_taken", "room name taken"),
        ("room admin add Praha Nikdo", "account_not_found", "account not found: Nikdo"),
        ("app grant 7 Alena", "app_not_found", "app not found: 7"),
        ("domain add Alena www.vzor.ru", "domain_name_invalid", "domain name invalid: www.vzor.ru"),
        ("domain add Alena vzor.neni", "zone_not_served", "zone not served: neni"),
        ("domain remove vzor.ru", "domain_not_found", "domain not found: vzor.ru"),
        ("domain remove vzor.ru..", "domain_name_invalid", "domain name invalid: vzor.ru.."),
        ("domain add Alena vzor.ru --directory ../x", "directory_invalid", "directory invalid"),
        ("balance charge Alena 5", "balance_too_low", "balance too low: needed 5.00, available 0.00"),
        ("balance credit Alena 0", "amount_invalid", "amount invalid"),
    ],
)
def test_a_refusal_is_one_line_or_one_value(console: Console, words: str, error: str, message: str) -> None:
    console.run("account", "add", "Alena")
    console.run("room", "add", "Praha")
    done = console.run(*words.split())
    assert (done.code, done.out, done.err) == (1, "", f"beseda: {message}\n")
    told = console.json(*words.split(), code=1)
    assert (told["error"], told["message"]) == (error, message)


@pytest.mark.parametrize(
    "words",
    [
        "account add",
        "account add Alena --born 1850-01-01",
        "account add Alena --born 30.2.1990",
        "account add Alena --born 0001-01-01",
        "account add Alena --born 9999-12-31",
        "account add Alena --born 19900203",
        "account add Alena --sex x",
        "invite add --uses 0",
        "invite add --uses 1000001",
        "room add Praha --web javascript:alert(1)",
        "room add Praha --web https://<x>",
        f"app add {'a' * 51}",
        "app add \u202e",
        "balance credit Alena 1,50",
        "balance credit Alena 1.234",
        "balance credit Alena -- -1",
        "balance credit Alena 1e3",
        "balance credit Alena ١٢",
        "nonsense",
        "demo",
    ],
)
def test_wrong_usage_ends_with_2_and_changes_nothing(tmp_path: Path, words: str) -> None:
    console = Console(tmp_path / "data")
    done = console.run(*words.split(" -- ")[0].split(), *(["--", "-1"] if " -- " in words else []))
    assert (done.code, done.out) == (2, "")
    assert "Error: " in done.err
    assert not (console.data / "beseda.db").exists()


def test_rooms(console: Console) -> None:
    console.run("account", "add", "Alena")
    added = console.json("room", "add", "Praha", "--description", "O  Praze", "--web", "https://praha.example.org")
    assert added == {
        "id": 1,
        "name": "Praha",
        "permanent": True,
        "lock": "open",
        "users": 0,
        "description": "O Praze",
        "web": "https://praha.example.org",
    }
    assert console.json("room", "list") == [added]
    assert console.json("room", "admin", "add", "praha", "Alena")["admins"] == ["Alena"]
    assert console.json("room", "show", "1") == added | {"admins": ["Alena"], "occupants": []}
    assert console.json("room", "admin", "remove", "Praha", "Alena")["admins"] == []
    assert console.json("room", "permanent", "Praha")["vanished"] is False
    assert console.json("room", "permanent", "Praha", "--off")["vanished"] is True
    assert console.json("room", "list") == []


def test_applications(console: Console) -> None:
    console.run("account", "add", "Alena")
    brana = console.json("app", "add", "Brána")
    assert len(brana.pop("api_key")) == 43
    assert console.json("app", "list") == [brana]
    granted = console.json("app", "grant", "Brána", "Alena")
    assert len(granted.pop("token")) == 43
    assert granted == {"app": "Brána", "nick": "Alena"}
    console.run("app", "add", "Brána")
    assert "2 applications" in console.run("app", "revoke", "Brána").err
    assert console.json("app", "revoke", "1")["revoked"] is True
    assert console.json("app", "grant", "1", "Alena", code=1)["error"] == "app_not_found"
    assert [app["revoked"] for app in console.json("app", "list")] == [True, False]


def test_domains(console: Console) -> None:
    for nick in ("Alena", "Boris"):
        console.run("account", "add", nick)
    added = console.json("domain", "add", "Alena", "Вжоы.РФ", "--renewal", "bonus_money", "--directory", "vzor")
    assert added.pop("created")
    assert added == {
        "name": "вжоы.рф",
        "ascii": "xn--b1aiy6c.xn--p1ai",
        "nick": "Alena",
        "renewal": "bonus_money",
        "directory": "vzor",
    }
    assert console.json("domain", "add", "Boris", "xn--b1aiy6c.xn--p1ai", code=1)["error"] == "domain_taken"
    assert console.json("domain", "show", "вжоы.рф")["nick"] == "Alena"
    assert [domain["name"] for domain in console.json("domain", "list", "Alena")] == ["вжоы.рф"]
    assert console.json("domain", "list", "Boris") == []
    assert console.json("domain", "remove", "вжоы.рф")["nick"] == "Alena"
    assert console.json("domain", "list", "Alena") == []


def test_money_is_moved_once_for_a_key(console: Console) -> None:
    for nick in ("Alena", "Boris"):
        console.run("account", "add", nick)
    paid = console.json("balance", "credit", "Alena", "99.5", "--memo", "červen", "--key", "2026-06")
    assert (paid["real"], paid["bonus"], paid["moved"], paid["memo"]) == ("99.50", "0.00", "99.50", "červen")
    assert console.json("balance", "credit", "Alena", "99.50", "--key", "2026-06")["entry"] == paid["entry"]
    for words in ("Alena 5", "Boris 99.50"):
        done = console.run("balance", "credit", *words.split(), "--key", "2026-06")
        assert (done.code, "already moved 99.50" in done.err) == (2, True)
    console.run("balance", "credit", "Alena", "10", "--bonus")
    assert console.json("balance", "show", "Alena") == {"nick": "Alena", "real": "99.50", "bonus": "10.00"}
    for _ in range(2):
        charged = console.json("balance", "charge", "Alena", "109.50", "--key", "rent")
        assert (charged["real"], charged["bonus"], charged["moved"]) == ("0.00", "0.00", "109.50")
    assert console.json("balance", "show", "Boris")["real"] == "0.00"


@pytest.mark.parametrize(("text", "value"), [("1", 100), ("0.1", 10), ("0.07", 7), ("12.50", 1250), ("007", 700)])
def test_amounts_are_decimal_strings(text: str, value: int) -> None:
    assert minor(text) == value
    assert minor(amount(value)) == value


def test_invitations(console: Console) -> None:
    invited = console.json("invite", "add", "--uses", "3")
    assert INVITE.fullmatch(invited["code"])
    assert invited["uses"] == 3


def test_options_stand_before_or_after_the_command_and_the_later_ones_win(tmp_path: Path) -> None:
    one, other = Console(tmp_path / "one").begin(), Console(tmp_path / "other").begin()
    one.run("account", "add", "Alena")
    other.run("account", "add", "Boris")
    done = one.run("--data", str(other.data), "--json", "account", "list")
    assert '"nick":"Alena"' in done.out
    assert (
        '"nick":"Boris"' in one.run("--json", "--database", f"sqlite://{other.data}/beseda.db", "account", "list").out
    )


def test_a_configuration_file_is_read(console: Console, tmp_path: Path) -> None:
    file = tmp_path / "beseda.toml"
    file.write_text('[accounts]\npassword_min = 20\n[domains]\nzones = ["рф"]\n', "utf-8")
    options = ("--config", str(file))
    refusal = console.json("account", "add", "Alena", "--password-stdin", *options, stdin="kratka zima 7", code=1)
    assert (refusal["error"], refusal["min_chars"]) == ("password_too_short", 20)
    file.write_text("[accounts]\npassword_minimum = 20\n")
    refusal = console.json("account", "list", *options, code=1)
    assert refusal["message"] == "accounts.password_minimum: there is no such setting"


def test_migrating_says_whether_there_was_anything_to_do(console: Console) -> None:
    assert console.json("migrate") == {"schema": SCHEMA, "migrated": False}


VALUES = {"role": ["observer"], "reason": ["Nikdo tu není"]}
"""Those of options that have to be there and are no flags."""


def every_command() -> list[list[str]]:
    """The words of each command that works on a database, with arguments that it takes."""
    arguments = {"NICK": "Alena", "ROOM": "Praha", "APP": "1", "DOMAIN": "vzor.ru", "AMOUNT": "5", "NAME": "Brana"}
    arguments |= {"TOKEN": "1", "NEW": "Cyril", "INVITE": "abc", "LINE": "1", "ID": "1", "KEY": "lego", "REQUEST": "7"}
    arguments |= {"FILE": __file__, "[FILE]": __file__, "TEXT": "Ahoj"}
    found = [["migrate"]]
    for group, commands in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        for name, command in getattr(commands, "commands", {}).items():
            if deeper := getattr(command, "commands", None):
                found += [[group, name, sub, *words(each, arguments)] for sub, each in deeper.items()]
            else:
                found.append([group, name, *words(command, arguments)])
    return found


def words(command: Any, arguments: dict[str, str]) -> list[str]:
    needed = [arguments[each.metavar] for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option"]
    for each in options:
        if each.required or each.name == "yes":
            needed += [each.opts[0], *VALUES.get(each.name, [])]
    return needed


@pytest.mark.parametrize("words", every_command(), ids=lambda words: " ".join(words[:3]))
def test_no_command_makes_a_database_where_there_is_none(tmp_path: Path, words: list[str]) -> None:
    console = Console(tmp_path / "data")
    done = console.run(*words)
    where = f"{tmp_path}/data/beseda.db"
    message = f"{where} holds no database of Beseda; `beseda serve` makes one. Nothing was changed"
    assert (done.code, done.out, done.err) == (1, "", f"beseda: {message}\n")
    assert console.json(*words, code=1) == {"error": "no_database", "message": message}
    assert not console.data.exists()
    console.data.mkdir()
    (console.data / "beseda.db").touch()
    assert console.json(*words, code=1)["error"] == "no_database"
    assert (console.data / "beseda.db").stat().st_size == 0
    assert [each.name for each in console.data.iterdir()] == ["beseda.db"]


def test_the_program_itself() -> None:
    """As it is installed: with arguments that are no text at all, and without any."""
    version = subprocess.run([*BESEDA, "--version"], capture_output=True, text=True, check=True)
    assert version.stdout == f"beseda {__version__}\n"
    foreign = subprocess.run([*BESEDA, "account", "add", b"\xff\xfe\xfd"], capture_output=True, text=True, check=False)
    assert (foreign.returncode, foreign.stderr) == (2, "beseda: the arguments are not UTF-8\n")


def test_every_command_says_what_it_is_for() -> None:
    for group in [app, *(each.typer_instance for each in app.registered_groups)]:
        assert group is not None
        for command in group.registered_commands:
            assert command.help or (command.callback and command.callback.__doc__), command.name


def test_the_sites_admin_of_rooms_is_made_and_unmade(console: Console) -> None:
    console.json("account", "add", "Alena", "--password-stdin", stdin="kratka zima 7\n")
    assert console.json("account", "role", "Alena", "--room-admin")["role"] == "room_admin"
    assert console.json("account", "show", "Alena")["role"] == "room_admin"
    assert console.json("account", "role", "Alena", "--member")["role"] == "member"


def test_tokens_are_made_listed_and_revoked(console: Console) -> None:
    console.json("account", "add", "Alena", "--password-stdin", stdin="kratka zima 7\n")
    console.json("room", "add", "Praha")
    made = console.json(
        *["token", "add", "Alena", "echo", "--bot", "--days", "30", "--room", "Praha", "--protocol", "live"]
    )
    assert made["token"].startswith("beseda_")
    assert (made["name"], made["used"], made["scope"]) == ("echo", "never", "bot, live, room 1")
    whole = console.json("token", "add", "Alena", "skript")
    assert (whole["scope"], whole["expires"]) == ("everything", "never")
    listed = console.json("token", "list", "Alena")
    assert [each["id"] for each in listed] == [made["id"], whole["id"]]
    assert not any("token" in each for each in listed)
    assert console.json("token", "revoke", str(made["id"]))["name"] == "echo"
    assert [each["id"] for each in console.json("token", "list", "Alena")] == [whole["id"]]
    for words, error in (
        ("token revoke 1", "token_not_found"),
        ("token list Nikdo", "account_not_found"),
        ("token add Alena x --room Nikde", "room_not_found"),
        ("token add Alena x --protocol gopher", "token_invalid"),
    ):
        assert console.json(*words.split(), code=1)["error"] == error
    for words in ("token add Alena x --days 0", f"token add Alena {'x' * 51}"):
        assert console.run(*words.split()).code == 2
