"""`python -m beseda` is `beseda`."""

from beseda.server.cli import main

main()
