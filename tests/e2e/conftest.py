"""What the tests of the whole share."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    from e2e.browser import chromium

    with chromium() as running:
        yield running


@pytest.fixture(autouse=True)
def _windows_closed(request: pytest.FixtureRequest) -> Iterator[None]:
    """A browser is shared by tests, their windows are not: each that is left open works on beside all that follow."""
    browser: Browser | None = request.getfixturevalue("browser") if "browser" in request.fixturenames else None
    yield
    for context in browser.contexts if browser is not None else ():
        context.close()
