"""`python -m beseda` is `beseda`."""

from beseda.cli import main

main()
