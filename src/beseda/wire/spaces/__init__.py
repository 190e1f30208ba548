"""Spaces' messages: calls, the envelope and its codes, letters and contacts, the live channel."""
