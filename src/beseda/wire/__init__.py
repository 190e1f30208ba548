"""The protocols' messages both ways, as types and pure functions: no core, no I/O.

The server (`beseda.api`) decodes calls and encodes answers with them, the client (`beseda.client`) the other way round.
Names in Python are the field's words; `rename` gives the wire's. A reader passes over what it does not know.
"""
