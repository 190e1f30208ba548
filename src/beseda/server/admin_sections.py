"""What stands on which of the admin's pages: commands by section, listings as tables, what can be done with a row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from beseda.api.forms import Form
from beseda.api.words import N_
from beseda.domain.operators import OperatorRole
from beseda.server.admin_forms import SHOWN_AT_ONCE, page_size
from beseda.server.admin_words import readable
from beseda.server.cli.operations import Operation
from beseda.server.cli.output import Record


@dataclass(frozen=True, slots=True)
class Section:
    """`groups` are those of the command line, by their first words."""

    name: str
    title: str
    icon: str
    groups: frozenset[str]


SECTIONS = (
    Section("members", N_("Members"), "users", frozenset({"account", "invite", "balance"})),
    Section("rooms", N_("Rooms"), "message-circle", frozenset({"room"})),
    Section("reports", N_("Reports"), "flag", frozenset({"report"})),
    Section("announcements", N_("Announcements"), "bell", frozenset({"announcement"})),
    Section("apps", N_("Applications"), "settings", frozenset({"app"})),
    Section("tokens", N_("Tokens and operators"), "key-round", frozenset({"token", "operator"})),
    Section("domains", N_("Domains"), "globe", frozenset({"domain"})),
    Section("limits", N_("Limits"), "ban", frozenset({"limit"})),
    Section("audit", N_("Audit"), "clock", frozenset({"audit"})),
)
OTHER = Section("other", N_("Other commands"), "ellipsis", frozenset())
"""Commands of groups that stand in no section, such as new ones."""
FIRST = (
    "account/list",
    "room/list",
    "report/list",
    "announcement/list",
    "app/list",
    "operator/list",
    "domain/requests",
)
"""What a section shows before others."""
ALIASES = {
    "announcement": ("id",),
    "app": ("id",),
    "invite": ("name",),
    "label": ("key",),
    "number": ("id",),
    "room": ("name",),
    "token": ("id",),
    "zone": ("name",),
}
"""Under which names a record has what an argument wants."""
ACTS_MAX = 4


def section_of(path: str) -> Section:
    group = path.partition("/")[0] if "/" in path else ""
    return next((each for each in SECTIONS if group in each.groups), OTHER)


def address_of(path: str, given: Mapping[str, object] | None = None) -> str:
    """The page of a command, with its form filled in."""
    return f"/admin/do/{path}" + (f"?{urlencode(given, doseq=True)}" if given else "")


class Commands:
    """All that somebody of a role may do, by path and by section."""

    def __init__(self, operations: Mapping[str, Operation], role: OperatorRole) -> None:
        self.by_path = {path: each for path, each in operations.items() if each.least <= role}

    def sections(self) -> list[Section]:
        """Those in which there is something to do."""
        used = {section_of(path).name for path in self.by_path}
        return [each for each in (*SECTIONS, OTHER) if each.name in used]

    def of(self, section: Section) -> list[tuple[str, Operation]]:
        return [(path, each) for path, each in self.by_path.items() if section_of(path) == section]

    def listing(self, section: Section) -> str:
        """The command whose answer a section shows; "" for none: one that lists, and needs to be told nothing."""
        lists = [
            path
            for path, each in self.of(section)
            if not each.changes and not any(parameter.required for parameter in each.parameters)
        ]
        return next((path for path in FIRST if path in lists), lists[0] if lists else "")

    def acts(self, path: str, record: Record, given: Mapping[str, object]) -> list[tuple[str, Operation]]:
        """Addresses of what can be done with a row of a listing, its own `show` before all else.

        Where a command wants the number that the row begins with, only such are meant.
        """
        group = path.rpartition("/")[0]
        key = next(iter(record), "")
        found = []
        for other, each in self.by_path.items():
            arguments = [str(one.name) for one in each.parameters if one.param_type_name == "argument"]
            known = {name: _find(name, record, given) for name in arguments}
            if other != path and other.rpartition("/")[0] == group and arguments and all(known.values()):
                found.append((key in arguments, other, known, each))
        if any(named for named, *_ in found):
            found = [each for each in found if each[0]]
        shows = [each for each in found if each[1].endswith("/show")]
        return [(address_of(other, known), each) for _, other, known, each in (shows or found)[:ACTS_MAX]]

    def related(self, path: str, given: Mapping[str, object]) -> list[tuple[str, Operation]]:
        """Addresses of what else begins with the same argument: of the same group, or about the same member."""
        argument = _first_argument(self.by_path[path])
        if not argument or argument not in given:
            return []
        group = path.partition("/")[0]
        found = [
            (other, each)
            for other, each in self.by_path.items()
            if other != path
            and _first_argument(each) == argument
            and (argument == "nick" or other.partition("/")[0] == group)
        ]
        found.sort(key=lambda each: each[0].partition("/")[0] != group)
        return [(address_of(other, {argument: given[argument]}), each) for other, each in found]


def _first_argument(operation: Operation) -> str:
    return next((str(each.name) for each in operation.parameters if each.param_type_name == "argument"), "")


def _find(name: str, record: Record, given: Mapping[str, object]) -> object:
    if name in record:
        return record[name]
    aliases = () if "nick" in record else ALIASES.get(name, ())
    return next((record[alias] for alias in aliases if alias in record), given.get(name))


@dataclass(frozen=True, slots=True)
class Row:
    cells: list[object]
    acts: list[tuple[str, Operation]]


@dataclass(frozen=True, slots=True)
class Table:
    """A page of a listing. `pages` are the addresses before and after it, "" for none; `words` what was sought.

    `searched` is whether one can seek in it: one that pages itself has parameters for that.
    """

    columns: list[str]
    rows: list[Row]
    total: int | None
    pages: tuple[str, str]
    searched: bool
    words: str


def table(commands: Commands, path: str, answer: Sequence[Record], given: Mapping[str, object], query: Form) -> Table:
    """What a listing answered, some rows of it; `query` says which and what is sought."""
    words, page = (query.get("q") or "").strip(), max(1, _number(query.get("page") or ""))
    found = [each for each in answer if not words or words.casefold() in " ".join(map(str, each.values())).casefold()]
    size = page_size(commands.by_path[path])
    shown = found if size else found[(page - 1) * SHOWN_AT_ONCE :][:SHOWN_AT_ONCE]
    rows = [Row([readable(*fact) for fact in each.items()], commands.acts(path, each, given)) for each in shown]
    if size:
        before, after = "", _next_of(path, commands.by_path[path], found, given)
    else:
        more = page * SHOWN_AT_ONCE < len(found)
        before = _page_of(path, given, words, page - 1) if page > 1 else ""
        after = _page_of(path, given, words, page + 1) if more else ""
    total = None if size else len(found)
    searched = not size and (len(answer) > SHOWN_AT_ONCE // 5 or bool(words))
    return Table([*(answer[0] if answer else ())], rows, total, (before, after), searched, words)


def _page_of(path: str, given: Mapping[str, object], words: str, page: int) -> str:
    return address_of(path, {**given, **({"q": words} if words else {}), "page": page})


def _next_of(path: str, operation: Operation, found: Sequence[Record], given: Mapping[str, object]) -> str:
    """Of a listing that pages itself, by the number that its rows begin with."""
    if len(found) < int(str(given.get("limit") or SHOWN_AT_ONCE)):
        return ""
    by = next((str(each.name) for each in operation.parameters if each.name in {"before", "after"}), "")
    return address_of(path, {**given, by: next(iter(found[-1].values()))}) if by else ""


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


COLUMNS = frozenset(
    {
        *(N_("active"), N_("admin"), N_("admins"), N_("arguments"), N_("ascii"), N_("asked"), N_("at"), N_("at once")),
        *(N_("author"), N_("before"), N_("code"), N_("command"), N_("counted by"), N_("created"), N_("data")),
        *(N_("deed"), N_("deleted"), N_("due"), N_("ended"), N_("entry"), N_("expires"), N_("karma"), N_("kind")),
        *(N_("limit"), N_("limited now"), N_("lock"), N_("moved"), N_("names"), N_("number"), N_("occupants")),
        *(N_("open"), N_("outcome"), N_("profile views"), N_("real"), N_("registered"), N_("reporter"), N_("revoked")),
        *(N_("rooms"), N_("scope"), N_("secret"), N_("seen"), N_("settled"), N_("since"), N_("standing")),
        *(N_("text"), N_("then one every s"), N_("types"), N_("used"), N_("users"), N_("uses left"), N_("web")),
        *(N_("who"), N_("api key"), N_("problems"), N_("sound"), N_("schema"), N_("migrated"), N_("vanished")),
        *(N_("second factor"), N_("shown"), N_("until"), N_("same as"), N_("taken from"), N_("wait s"), N_("request")),
        *(N_("address"), N_("member"), N_("sessions"), N_("lines"), N_("records"), N_("keys"), N_("tokens"), N_("to")),
        *(N_("letters"), N_("domains")),
    }
)
"""Names that answers of commands have, for the catalogues; others are shown in English."""
SECRETS = frozenset({"api_key", "code", "link", "password", "secret", "token"})
"""What an answer tells once."""


def facts(answer: Record) -> Iterator[tuple[str, Any, bool]]:
    """Of one thing: names, values, and whether it is told this once."""
    for name, value in answer.items():
        yield name, readable(name, value), name in SECRETS and isinstance(value, str)
