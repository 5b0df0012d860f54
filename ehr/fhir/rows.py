"""Rows of the record store's tables, gathered for many resources and sent in one go."""

import functools
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ehr.audit import actions as audit_actions
from ehr.audit import trail
from ehr.fhir import projections
from ehr.fhir.models import Projection
from ehr.fhir.registry import owners
from ehr.fhir.search.extract import IndexEntries
from ehr.lib import json
from ehr.lib.postgresql.copying import copy_rows
from ehr.lib.postgresql.statements import Statement, array
from ehr.lib.tenancy import raw_cursor

if TYPE_CHECKING:
    from ehr.fhir.store import Stored

COPY_FROM = 100  # new resources; below, one statement is quicker than setting up the COPYs

# Columns as "name:type".
TABLES: dict[str, tuple[str, ...]] = {
    "fhir_resource": (
        "key:int8",
        "type:text",
        "id:text",
        "version_id:int4",
        "last_updated:timestamptz",
        "deleted:bool",
        "content:text",
        "patient_id:text",
        "tokens:int8[]",
    ),
    "fhir_string_index": ("key:int8", "ordinal:int4", "param:int4", "folded:text", "exact:text"),
    "fhir_date_index": (
        "key:int8",
        "ordinal:int4",
        "param:int4",
        "low:timestamptz",
        "high:timestamptz",
        "context:int8[]",
    ),
    "fhir_quantity_index": (
        "key:int8",
        "ordinal:int4",
        "param:int4",
        "low:numeric",
        "high:numeric",
        "unit:text",
        "system:text",
        "base_low:numeric",
        "base_high:numeric",
        "base_unit:text",
        "context:int8[]",
    ),
    "fhir_reference_index": ("key:int8", "ordinal:int4", "param:int4", "target:int8"),
}
INDEXES = tuple(table for table in TABLES if table != "fhir_resource")
NAMES = {table: tuple(column.split(":")[0] for column in columns) for table, columns in TABLES.items()}


def _insert(table: str, parameter: int) -> str:
    names = ", ".join(NAMES[table])
    return f"INSERT INTO {table} ({names}) SELECT {names} FROM {_records(table, parameter)}"


def _records(table: str, parameter: int) -> str:
    columns = ", ".join(column.replace(":", " ") for column in TABLES[table])
    return f"json_to_recordset(${parameter}::json) AS r({columns})"


# One statement each: a round trip costs a write more than its rows do. Parameters are JSON arrays, in TABLES' order.
_INSERTS = [_insert(table, number) for number, table in enumerate(TABLES, 1)]
_INSERT_PARTS = ", ".join(f"part{number} AS ({insert})" for number, insert in enumerate(_INSERTS))
INSERT_ALL = Statement(f"WITH {_INSERT_PARTS} {trail.append(len(_INSERTS) + 1)}")
_DELETIONS = ", ".join(
    f"part{number} AS (DELETE FROM {table} WHERE key = ANY($2::int8[]))" for number, table in enumerate(INDEXES)
)
REPLACE = Statement(
    f"""WITH {_DELETIONS} UPDATE fhir_resource c SET version_id = r.version_id, last_updated = r.last_updated,
    deleted = r.deleted, content = r.content, patient_id = r.patient_id, tokens = r.tokens
    FROM {_records("fhir_resource", 1)} WHERE c.key = r.key"""
)


@functools.cache
def _insert_all_with(model: type[Projection]) -> Statement:
    """INSERT_ALL with one owner's rows, whose parameter comes last."""
    number = len(_INSERTS) + 1
    own = projections.columns_of(model).upsert(number + 1)
    return Statement(f"WITH {_INSERT_PARTS}, part{number} AS ({trail.append(number)}) {own}")


@functools.cache
def _upsert(model: type[Projection]) -> Statement:
    return Statement(projections.columns_of(model).upsert(1))


@functools.cache
def _delete(model: type[Projection]) -> Statement:
    return Statement(projections.columns_of(model).deletion())


class Batch:
    """Gathers what a set of changes writes; `flush` sends it in as few statements as there can be."""

    def __init__(self) -> None:
        self._inserted: list[tuple[Any, ...]] = []
        self._updated: list[tuple[Any, ...]] = []
        self._indexes: dict[str, list[tuple[Any, ...]]] = {table: [] for table in INDEXES}
        self._projected_new: dict[str, list[dict[str, Any]]] = {}
        self._projected: dict[str, list[dict[str, Any]]] = {}
        self._unprojected: dict[str, list[int]] = {}

    def put(
        self,
        stored: "Stored",
        resource: dict[str, Any],
        entries: IndexEntries,
        targets: Mapping[str, int],
        *,
        is_new: bool,
    ) -> None:
        """Adds a new version with its index entries and its owner's columns."""
        row = (
            stored.key,
            stored.type,
            stored.id,
            stored.version_id,
            stored.last_updated,
            False,
            stored.content,
            stored.patient_id,
            entries.tokens,
        )
        if is_new:
            self._inserted.append(row)
        else:
            self._updated.append(row)
        self._add_index("fhir_string_index", stored.key, entries.strings)
        self._add_index("fhir_date_index", stored.key, entries.dates)
        self._add_index("fhir_quantity_index", stored.key, entries.quantities)
        self._add_index("fhir_reference_index", stored.key, entries.references)
        if owner := owners.get(stored.type):
            columns = owner.project(resource, targets) | {"resource_id": stored.key}
            (self._projected_new if is_new else self._projected).setdefault(owner.type, []).append(columns)

    def delete(self, stored: "Stored") -> None:
        """Adds a deletion: the version says so, and nothing finds the resource any more."""
        self._updated.append(
            (
                stored.key,
                stored.type,
                stored.id,
                stored.version_id,
                stored.last_updated,
                True,
                None,
                stored.patient_id,
                [],
            )
        )
        if stored.type in owners:
            self._unprojected.setdefault(stored.type, []).append(stored.key)

    def flush(self) -> None:
        """Sends everything, and the audit rows of the open action with it. Database errors surface as Django's."""
        if not self._inserted and not self._updated:
            return
        self._replace_old()
        if len(self._inserted) >= COPY_FROM:
            self._copy_new()
        self._insert_new()

    def _add_index(self, table: str, key: int, entries: Sequence[tuple[Any, ...]]) -> None:
        self._indexes[table].extend((key, ordinal, *entry) for ordinal, entry in enumerate(entries))

    def _replace_old(self) -> None:
        """New versions of what stands there; what is found by their keys goes before what takes its place comes."""
        if self._updated:
            keys = array(str(row[0]) for row in self._updated)
            REPLACE.run(_as_json("fhir_resource", self._updated), keys)
        for type_, deleted in self._unprojected.items():
            _delete(owners[type_].model).run(array(map(str, deleted)))

    def _copy_new(self) -> None:
        """Sends what is new by COPY, and all index rows with it."""
        with raw_cursor() as cursor:
            copy_rows(cursor, "fhir_resource", NAMES["fhir_resource"], self._inserted)
            self._inserted = []
            for table, index_rows in self._indexes.items():
                copy_rows(cursor, table, NAMES[table], index_rows)
                self._indexes[table] = []
            for type_, projected in self._projected_new.items():
                projections.copy(cursor, owners[type_].model, projected)
            self._projected_new = {}

    def _insert_new(self) -> None:
        tables = {"fhir_resource": self._inserted} | self._indexes
        parameters = [_as_json(table, table_rows) for table, table_rows in tables.items()]
        parameters.append(trail.records(audit_actions.take_rows()))
        owned = self._owned()
        if owned:
            model, projected = owned.pop()
            _insert_all_with(model).run(*parameters, projected)
        else:
            INSERT_ALL.run(*parameters)
        for model, projected in owned:
            _upsert(model).run(projected)

    def _owned(self) -> list[tuple[type[Projection], str]]:
        """The rows of owners' tables as JSON arrays."""
        return [
            (model, json.encode(projections.columns_of(model).records(projected)).decode())
            for by_type in (self._projected_new, self._projected)
            for type_, projected in by_type.items()
            for model in [owners[type_].model]
        ]


def _as_json(table: str, rows: Sequence[tuple[Any, ...]]) -> str:
    if table == "fhir_quantity_index":
        rows = [tuple(map(_end, row)) for row in rows]
    return json.encode([dict(zip(NAMES[table], row, strict=True)) for row in rows]).decode()


def _end(value: Any) -> Any:
    """JSON has no infinite number: the open end of a range goes as the text that PostgreSQL reads as one."""
    return str(value) if value.__class__ is Decimal and not value.is_finite() else value
