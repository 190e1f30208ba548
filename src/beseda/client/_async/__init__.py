"""The clients as they are written; `make twins` writes the plain ones in `_sync` from them."""
