"""Storage in SQL written by hand, one file per topic, the same statements for SQLite and PostgreSQL."""
