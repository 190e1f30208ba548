"""What all tests share."""

import functools
import inspect
from typing import Any

import httpx
import pytest
from hypothesis import settings

settings.register_profile("beseda", derandomize=True, database=None, deadline=None)
settings.load_profile("beseda")
"""The same examples at every run, however slow the machine."""

httpx._transports.default.create_ssl_context = functools.cache(httpx.create_ssl_context)  # type: ignore[attr-defined]
"""A client reads 140 certificates when it is made, which takes longer than starting a server; here it does so once."""


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def` tests in the loop in which their fixtures live: that of the fixture `runner` or `world`."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    given = pyfuncitem.funcargs
    arguments = {name: given[name] for name in inspect.signature(pyfuncitem.obj).parameters}
    loop: Any = given["runner"] if "runner" in given else given["world"]
    loop.run(pyfuncitem.obj(**arguments))
    return True
