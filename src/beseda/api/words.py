"""Texts for people, as the catalogues of the pages know them."""


def N_(message: str) -> str:  # noqa: N802 - the name that gettext knows
    """Mark an English text for the catalogues; the page that shows it looks it up in the reader's language."""
    return message
