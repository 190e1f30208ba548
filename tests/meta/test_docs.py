"""Pages of docs/ that follow from the code are as the code is: `make docs` writes them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bench import _page
from beseda.domain.limits import LIMITS
from beseda.server.config import settings
from beseda.server.docs import PAGES, configuration, limits
from tools.layers import PICTURE, draw, imports
from tools.reference import pages

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_as_the_code_is(name: str) -> None:
    page: Callable[[], str] = PAGES[name]
    assert DOCS.joinpath(name).read_text("utf-8") == page()


def test_the_reference_is_as_the_docstrings_are() -> None:
    written = {path.name: path.read_text("utf-8") for path in DOCS.joinpath("reference").iterdir()}
    assert written == pages(), "run `make docs`"


def test_the_picture_of_the_parts_is_as_they_import_each_other() -> None:
    assert DOCS.joinpath(PICTURE).read_text("utf-8") == draw(imports()), "run `make docs`"


def test_the_figures_of_the_readme_are_those_that_were_measured() -> None:
    told = _page.FIGURES.search(_page.README.read_text("utf-8"))
    assert told
    assert told[0] == _page.figures(_page.sections()["peers"])
    assert "ngircd" in told[0]


def test_every_limit_is_there() -> None:
    for limit in LIMITS.values():
        assert f"| {limit.name} |" in limits()


def test_every_setting_is_there() -> None:
    for setting in settings().values():
        assert setting.doc in configuration()
        assert setting.environment_name in configuration()
