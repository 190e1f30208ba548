"""The rules: frozen dataclasses and pure functions. No I/O, no clock, no randomness, no third-party import."""
