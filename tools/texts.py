"""`make texts`: the messages of pages, scripts and commands, gathered into catalogues; and what is read at run time.

Messages are found in the code, the templates and the modules; a catalogue gains new ones, untranslated, and loses those
that nobody says any more. Then the `.mo` files and the scripts' catalogues are written anew.
"""

import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import beseda.server.cli  # noqa: F401 - which knows all commands
from beseda.api.web.refusals import by_code
from beseda.api.web.texts import COMMANDS, LANGUAGES, PSEUDO, pseudo, texts_of
from beseda.server.admin_forms import texts
from beseda.server.cli.operations import operations

API = Path(__file__).parents[1] / "src/beseda/api"
SERVER = API.parent / "server"
WEB = API / "web"
LOCALE, SCRIPTS = WEB / "locale", WEB / "static/texts"
DATE = datetime(2026, 11, 27, tzinfo=UTC)
"""In the heads of catalogues, where it would change at every run for nothing."""
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
SOURCES = (
    ("python", sorted(API.glob("web/*.py")) + sorted(API.glob("chatcz/*.py")) + sorted(SERVER.glob("admin_*.py"))),
    ("jinja2.ext:babel_extract", sorted(WEB.glob("templates/*.html"))),
)
MODULES = sorted(WEB.glob("static/*.js"))
STRING = r'"((?:[^"\\]|\\.)+)"'
SAID = re.compile(rf"(?<![\w.])_(?:\(\s*{STRING}\s*[,)]|n\(\s*{STRING},\s*{STRING},)")
"""A text in a module: templates of htm hide those in them from Babel's reader of scripts."""


def gather() -> Catalog:
    """All messages, with the files that say them."""
    catalog = Catalog(project="Beseda", charset="utf-8", creation_date=DATE)
    for method, paths in SOURCES:
        for path in paths:
            with path.open("rb") as source:
                for line, message, _, context in extract(method, source, KEYWORDS, (), {"trimmed": "true"}):
                    if message and message[0]:
                        catalog.add(message, None, [(path.name, line)], context=context)
    for path in MODULES:
        for one, singular, plural in SAID.findall(path.read_text("utf-8")):
            catalog.add(one or (singular, plural), None, [(path.name, 1)])
    return catalog


def gather_commands() -> Catalog:
    """What the operator's commands say of themselves. What is not translated yet is shown in English."""
    catalog = Catalog(project="Beseda", charset="utf-8", creation_date=DATE)
    others = {message.id for message in gather()}
    for text in sorted(set[str]().union(*map(texts, operations().values())) - others):
        catalog.add(text, None)
    return catalog


def catalogues(kind: str = "") -> Iterator[tuple[str, Path, Catalog]]:
    """Those of the languages that are translated into; the `kind` "commands-" has what commands say."""
    for language in LANGUAGES:
        if language == "en":
            continue
        path = LOCALE / f"{kind}{language}.po"
        with path.open("rb") as file:
            yield language, path, read_po(file, locale=language)


def mo_of(catalog: Catalog) -> bytes:
    made = io.BytesIO()
    write_mo(made, catalog)
    return made.getvalue()


def script_of(language: str, catalog: Catalog | None, messages: Catalog) -> str:
    """The module of texts that scripts say, in one language; English needs none, as messages are English."""
    texts: dict[str, str | list[str]] = {}
    for message in messages:
        if not message.id or not any(name.endswith(".js") for name, _ in message.locations):
            continue
        one = message.id[0] if isinstance(message.id, tuple) else message.id
        if language == PSEUDO:
            texts[one] = [pseudo(each) for each in message.id] if isinstance(message.id, tuple) else pseudo(one)
        elif catalog is not None:
            string = catalog.get(message.id).string
            texts[one] = list(string) if isinstance(string, tuple) else string
    told = {"language": language, "texts": texts, "refusals": by_code(texts_of(language))}
    return f"export default {json.dumps(told, ensure_ascii=False, separators=(',', ':'), sort_keys=True)};\n"


def main() -> None:
    messages = gather()
    SCRIPTS.mkdir(exist_ok=True)
    write("", messages)
    write(COMMANDS, gather_commands())
    texts_of.cache_clear()
    by_language = {language: catalog for language, _, catalog in catalogues()}
    for language in (*LANGUAGES, PSEUDO):
        text = script_of(language, by_language.get(language), messages)
        (SCRIPTS / f"{language}.js").write_text(text, "utf-8")


def write(kind: str, messages: Catalog) -> None:
    """The catalogues of a kind, with these messages and no others."""
    for language, path, catalog in catalogues(kind):
        catalog.update(messages, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        catalog.header_comment = f"# {LANGUAGES[language]}"
        catalog.revision_date, catalog.last_translator, catalog.language_team = DATE, "Beseda", language
        catalog.msgid_bugs_address, catalog.copyright_holder = "", ""
        with path.open("wb") as file:
            write_po(file, catalog, width=120, omit_header=False, sort_output=True, include_lineno=False)
        path.with_suffix(".mo").write_bytes(mo_of(catalog))


if __name__ == "__main__":
    main()
