"""Plays the scenes of compat/ against a server, this one or any other, and tells how it went.

`scenes` reads them, `player` plays one, with `hands` for what is prepared beside the protocols; `report` sums up. It
knows nothing of how Beseda is made, and needs nothing that `pip install beseda` does not bring.
"""
