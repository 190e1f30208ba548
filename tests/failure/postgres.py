"""A database of its own for each test, in the PostgreSQL of them all."""

import itertools

import asyncpg

_numbers = itertools.count(1)


async def create_database(postgres: str) -> str:
    """A new database; its address."""
    name = f"failure_{next(_numbers)}"
    connection = await asyncpg.connect(postgres.format("postgres"))
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    return postgres.format(name)
