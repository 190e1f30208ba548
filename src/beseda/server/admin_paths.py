"""Where the admin's pages are, and which of them one may be sent to."""

ROOT = "/admin/"
SIGN_IN, SIGN_OUT, SECOND_FACTOR = f"{ROOT}sign-in", f"{ROOT}sign-out", f"{ROOT}second-factor"


def target(to: str) -> str:
    """One of these pages; whatever else is asked for is the first."""
    return to if to.startswith(ROOT) and "\\" not in to and not to.startswith(f"{ROOT}sign-") else ROOT
