# Written by tools/twins.py from src/beseda/client/_async/__init__.py: change that, then `make twins`.
"""The clients as they are written; `make twins` writes the plain ones in `_sync` from them."""
