"""Buses that carry hints between nodes."""
