"""Implementations of the core's ports. They do not know each other, nor any protocol."""
