"""Benchmarks: each runs beside the thing it must beat, in turn, several times, and prints medians and ratios."""
