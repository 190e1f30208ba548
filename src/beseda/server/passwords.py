"""The passwords that everybody tries first."""

from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """Case-folded; a new password must not be one of them."""
    return frozenset(files("beseda.server").joinpath("common_passwords.txt").read_text("utf-8").split())
