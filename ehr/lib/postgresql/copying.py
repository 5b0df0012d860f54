"""COPY of many rows, written as its text format here: a fraction of what adapting each value on its own takes."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from types import NoneType
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from ehr.lib import json

ROWS_AT_ONCE = 200


def copy_rows(cursor: psycopg.Cursor[Any], table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Appends the rows, whose values stand in the order of `names`, to a table.

    Takes int, str, bool, Decimal, date, datetime, Jsonb, None, and lists of these; KeyError for anything else.
    """
    remaining = iter(rows)
    columns = ", ".join(f'"{name}"' for name in names)
    with cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as copy:
        while chunk := list(islice(remaining, ROWS_AT_ONCE)):
            copy.write("".join(map(_line, chunk)))


def _line(row: Sequence[Any]) -> str:
    return "\t".join([_FORMATS[value.__class__](value) for value in row]) + "\n"


def _text(value: str) -> str:
    """The text with what COPY reads as its own marks escaped."""
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    if "\t" in value:
        value = value.replace("\t", "\\t")
    if "\n" in value:
        value = value.replace("\n", "\\n")
    return value.replace("\r", "\\r") if "\r" in value else value


def _array(values: list[Any]) -> str:
    if values and values[0].__class__ is int and None not in values:
        return f"{{{','.join(map(str, values))}}}"
    return _text(f"{{{','.join(map(_item, values))}}}")


def _item(value: Any) -> str:
    if value is None:
        return "NULL"
    if value.__class__ is str:
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return _FORMATS[value.__class__](value)


_FORMATS: dict[type, Callable[[Any], str]] = {
    int: str,
    str: _text,
    bool: lambda value: "t" if value else "f",
    Decimal: str,
    date: str,
    datetime: lru_cache(maxsize=1 << 12)(str),
    list: _array,
    Jsonb: lambda value: _text(json.encode(value.obj).decode()),
    NoneType: lambda value: "\\N",  # noqa: ARG005 - the shape of a format
}
