"""Writes owners' typed columns from what their `project` functions return."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import models
from psycopg.types.json import Jsonb

from ehr.fhir.models import Projection
from ehr.lib import json
from ehr.lib.postgresql.copying import copy_rows


@dataclass(frozen=True, slots=True)
class Columns:
    """How one projected table is written: its columns, the attributes they come from, what adapts each value."""

    table: str
    names: tuple[str, ...]
    attributes: tuple[str, ...]
    adapters: tuple[Callable[[Any], Any] | None, ...]
    changes: str

    def values(self, row: dict[str, Any]) -> list[Any]:
        """The row in column order. Raises KeyError when `project` left a column out."""
        return [
            row[attribute] if adapt is None or row[attribute] is None else adapt(row[attribute])
            for attribute, adapt in zip(self.attributes, self.adapters, strict=True)
        ]

    def upsert(self, parameter: int) -> str:
        """Makes the rows equal to those of a JSON array, the statement's parameter of this number."""
        names = ", ".join(f'"{name}"' for name in self.names)
        return f"""INSERT INTO "{self.table}" ({names})
        SELECT {names} FROM json_populate_recordset(NULL::"{self.table}", ${parameter}::json)
        ON CONFLICT (key) DO UPDATE SET {self.changes}"""

    def deletion(self) -> str:
        """Removes the rows whose keys the statement's first parameter lists."""
        return f'DELETE FROM "{self.table}" WHERE key = ANY($1::int8[])'

    def records(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """What `upsert` takes as a JSON array. Raises KeyError when `project` left a column out."""
        pairs = list(zip(self.names, self.attributes, strict=True))
        return [{name: row[attribute] for name, attribute in pairs} for row in rows]


@functools.cache
def columns_of(model: type[Projection]) -> Columns:
    """The columns of a projected table; generated columns are the database's own."""
    meta = model._meta  # noqa: SLF001 - Django's public meta API
    fields = [field for field in meta.concrete_fields if not getattr(field, "generated", False)]
    names = tuple(str(field.column) for field in fields)
    quoted = [f'"{name}"' for name in names]
    changes = ", ".join(f"{name} = EXCLUDED.{name}" for name in quoted if name != '"key"')
    return Columns(
        table=meta.db_table,
        names=names,
        attributes=tuple(field.attname for field in fields),
        adapters=tuple(_adapter(field) for field in fields),
        changes=changes,
    )


def copy(cursor: psycopg.Cursor[Any], model: type[Projection], projected: Sequence[dict[str, Any]]) -> None:
    """Writes the rows of many resources that are all new."""
    columns = columns_of(model)
    copy_rows(cursor, columns.table, columns.names, map(columns.values, projected))


def _adapter(field: "models.Field[Any, Any]") -> Callable[[Any], Any] | None:
    if isinstance(field, models.JSONField):
        return functools.partial(Jsonb, dumps=json.encode)
    return None
