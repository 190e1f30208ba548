"""Beseda: one community server behind three client protocols."""

__version__ = "0.1.0"
