"""A database of its own for each test, in the PostgreSQL of them all, whose address has `{}` for a database's name."""

import itertools

import asyncpg

_numbers = itertools.count(1)


async def create_database(postgres: str, like: str = "") -> str:
    """A new database; its address. `like` is that of one to copy, to which nobody is connected."""
    name = f"test_{next(_numbers)}"
    await _run(postgres, f"CREATE DATABASE {name}" + (f" TEMPLATE {_name(postgres, like)}" if like else ""))
    return postgres.format(name)


async def drop_database(postgres: str, address: str) -> None:
    """Whoever is connected to it is cut off."""
    await _run(postgres, f"DROP DATABASE {_name(postgres, address)} WITH (FORCE)")


async def _run(postgres: str, statement: str) -> None:
    connection = await asyncpg.connect(postgres.format("postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _name(postgres: str, address: str) -> str:
    before, after = postgres.split("{}")
    return address.removeprefix(before).removesuffix(after)
