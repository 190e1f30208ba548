"""The refusal that a call ends with: protocols say it in their own ways, and whoever is asked why wants the fact."""

from contextvars import ContextVar

from beseda.domain.errors import BesedaError

_REFUSED: ContextVar[BesedaError | None] = ContextVar("refused", default=None)
"""Of the call under way: each has a context of its own."""


def note_refusal(error: BesedaError) -> None:
    """The answer to this call says that, in whatever words."""
    _REFUSED.set(error)


def refusal_of_call() -> BesedaError | None:
    return _REFUSED.get()
