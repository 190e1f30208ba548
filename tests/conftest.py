"""What all tests share."""

from hypothesis import settings

settings.register_profile("beseda", derandomize=True, database=None, deadline=None)
settings.load_profile("beseda")
"""The same examples at every run, however slow the machine."""
