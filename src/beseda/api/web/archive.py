"""A member's data as a ZIP: a file of JSON lines for each kind, and what is a file of its own."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

from beseda.core.own_data import Facts, Record

if TYPE_CHECKING:
    from zipfile import ZipFile

ZIP = b"application/zip"
IN_MEMORY = 8 * 1024 * 1024
"""Bytes of an archive beyond which it is made on disk."""
FILES = {"picture": "picture.jpg"}


async def zipped(records: AsyncIterator[Record], more: Mapping[str, str]) -> bytes:
    """The archive; records of a kind come together. `more` are texts by the names of their files."""
    from zipfile import ZIP_DEFLATED, ZipFile

    with SpooledTemporaryFile(IN_MEMORY) as file:
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            await _write(archive, records)
            for name, text in more.items():
                archive.writestr(name, text)
        file.seek(0)
        return file.read()


async def _write(archive: "ZipFile", records: AsyncIterator[Record]) -> None:
    kind = ""
    with ExitStack() as opened:
        async for name, facts in records:
            if name != kind:
                opened.close()
                file, kind = opened.enter_context(archive.open(FILES.get(name, f"{name}.jsonl"), "w")), name
            file.write(facts if isinstance(facts, bytes) else _encoded(facts))


def _encoded(facts: Facts) -> bytes:
    return json.dumps(facts, ensure_ascii=False, default=_moment).encode() + b"\n"


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(value)
