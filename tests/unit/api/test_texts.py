"""Texts of the pages: all of them translated, none of them for nothing, one source for pages and scripts."""

import importlib
import re
import sys
from pathlib import Path

import pytest

from beseda.api.web.texts import PSEUDO, money, number, preferred, pseudo, texts_of

sys.path.insert(0, str(Path(__file__).parents[3] / "tools"))
tool = importlib.import_module("texts")

FACTS = re.compile(r"\{\w+\}")


def test_every_text_is_translated_and_every_translation_is_said() -> None:
    said = {message.id for message in tool.gather() if message.id}
    for language, _, catalog in tool.catalogues():
        translated = {message.id: message.string for message in catalog if message.id}
        assert translated.keys() == said, language
        for message, string in translated.items():
            forms = string if isinstance(string, tuple) else (string,)
            assert all(forms), (language, message)
            english = message if isinstance(message, tuple) else (message,)
            for form in forms:
                assert set(FACTS.findall(form)) == set(FACTS.findall(english[-1])), (language, message)


def test_what_is_read_at_run_time_is_made_of_the_catalogues() -> None:
    """`make texts` writes it."""
    messages = tool.gather()
    by_language = {}
    for language, path, catalog in tool.catalogues():
        assert path.with_suffix(".mo").read_bytes() == tool.mo_of(catalog), language
        by_language[language] = catalog
    for language in ("cs", "ru", "en", PSEUDO):
        script = tool.script_of(language, by_language.get(language), messages)
        assert (tool.SCRIPTS / f"{language}.js").read_text("utf-8") == script, language


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "cs"),
        ("ru", "ru"),
        ("en-GB,en;q=0.5", "en"),
        ("fr,ru;q=0.8,cs;q=0.9", "cs"),
        ("sk-SK", "cs"),
        ("cs;q=0, de", "en"),
        ("xx", "en"),
        ("ru;q=nan, cs;q=x, ,;;", "en"),
    ],
)
def test_the_language_that_is_wanted_most(accept: str, language: str) -> None:
    assert preferred(accept) == language


def test_plural_forms_and_numbers_are_each_languages_own() -> None:
    people = [texts_of("cs").ngettext("{n} person", "{n} people", n) for n in (1, 3, 5)]
    assert people == ["{n} člověk", "{n} lidé", "{n} lidí"]
    people = [texts_of("ru").ngettext("{n} person", "{n} people", n) for n in (1, 3, 5, 21)]
    assert people == ["{n} человек", "{n} человека", "{n} человек", "{n} человек"]
    assert [number(12345, language) for language in ("cs", "en")] == ["12\u00a0345", "12,345"]
    assert [money(-123405, language) for language in ("ru", "en")] == ["\u22121\u00a0234,05", "\u22121,234.05"]


def test_the_made_up_language_keeps_facts() -> None:
    assert FACTS.findall(pseudo("{actor} took out {target}")) == ["{actor}", "{target}"]
    assert len(pseudo("Sign in")) > len("Sign in")
