"""Answers and refusals of commands: aligned text for people, one JSON value for programs."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import typer

from beseda.adapters.sql.schema import SchemaRefused
from beseda.api.jsontext import write_json
from beseda.domain.errors import BesedaError, OutcomeUnknown, RecordRefused, RecordsRefused, StoreUnavailable
from beseda.server.config import ConfigError
from beseda.server.logs import printable
from beseda.server.restore import BackupRefused
from beseda.server.storage import NoDatabase

Record = Mapping[str, object]
Answer = Record | Sequence[Record] | None
"""One thing, a list of things, or nothing to tell."""


def show(answer: Answer, *, as_json: bool) -> None:
    if as_json:
        typer.echo(write_json(answer))
    elif isinstance(answer, Mapping):
        typer.echo("\n".join(_aligned([name.replace("_", " "), _text(value)] for name, value in answer.items())))
    elif answer:
        rows = [[_text(value) for value in record.values()] for record in answer]
        typer.echo("\n".join(_aligned([[name.replace("_", " ").upper() for name in answer[0]], *rows])))


def show_refusal(refusal: Record, *, as_json: bool) -> None:
    if as_json:
        show(refusal, as_json=True)
    else:
        typer.echo(f"beseda: {refusal['message']}", err=True)


def explain(error: Exception) -> Record | None:
    """A refusal's lasting code, a sentence, and its facts; None for what is no refusal but a fault in the program."""
    match error:
        case ConfigError():
            return {"error": "bad_configuration", "message": _line(error)}
        case SchemaRefused():
            return {"error": "schema_refused", "message": _line(error)}
        case BackupRefused():
            return {"error": "backup_refused", "message": _line(error)}
        case NoDatabase():
            return {"error": "no_database", "message": _line(error)}
        case sqlite3.Error():
            return {"error": "database_damaged", "message": f"database: {_line(error)}"}
        case StoreUnavailable() | OutcomeUnknown():
            reason = getattr(error, "reason", error.__cause__) or "does not answer"
            return {"error": error.code, "message": f"database: {_line(reason)}"}
        case RecordRefused() | RecordsRefused():
            refusals = error.refusals if isinstance(error, RecordsRefused) else (error,)
            details = [str(getattr(each, "detail", each)) for each in refusals]
            return {"error": error.code, "message": printable("; ".join(details)), "details": details}
        case BesedaError():
            facts = {name.removesuffix("_minor"): _fact(name, value) for name, value in vars(error).items()}
            return {"error": error.code, "message": _sentence(error.code, facts), **facts}
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            return {"error": "system_error", "message": _line(f"{where}{error.strerror or error}")}
        case _:
            return None


def amount(minor: int) -> str:
    """Minor units as a decimal string: 1250 is "12.50"."""
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02}"


def moment(at: datetime) -> str:
    """UTC in ISO 8601, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _sentence(code: str, facts: Record) -> str:
    match list(facts.values()):
        case []:
            told = ""
        case [str(only)]:
            told = f": {only}"
        case _:
            told = ": " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in facts.items())
    return printable(code.replace("_", " ") + told)


def _fact(name: str, value: object) -> object:
    return amount(value) if name.endswith("_minor") and isinstance(value, int) else value


def _line(text: object) -> str:
    return printable(" ".join(str(text).split()))


def _text(value: object) -> str:
    match value:
        case None | "" | []:
            return "-"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(_text, value))
        case _:
            return printable(str(value))


def _aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    """Columns two spaces apart; the last is as long as it likes."""
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table)
    return [line.rstrip() for line in lines]
