"""Rows of the record store's tables, gathered for many resources and sent in one go."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import psycopg

from ehr.fhir import projections
from ehr.fhir.registry import owners
from ehr.fhir.search.extract import IndexEntries
from ehr.lib.tenancy import prepared_cursor

if TYPE_CHECKING:
    from ehr.fhir.store import Stored

COPY_FROM = 100  # new resources; below, INSERTs in a pipeline are quicker than setting up the COPYs

RESOURCE = ("key", "type", "id", "version_id", "last_updated", "deleted", "content", "patient_id", "tokens")
INSERT_RESOURCE = (
    f"INSERT INTO fhir_resource ({', '.join(RESOURCE)}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s::int8[])"
)
INDEXES: dict[str, tuple[str, ...]] = {
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


class Batch:
    """Gathers what a set of changes writes; `flush` sends it in one pipeline."""

    def __init__(self) -> None:
        self._inserted: list[tuple[Any, ...]] = []
        self._updated: list[tuple[Any, ...]] = []
        self._reindexed: list[int] = []
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
            _array_literal(entries.tokens),
        )
        if is_new:
            self._inserted.append(row)
        else:
            self._updated.append(row)
            self._reindexed.append(stored.key)
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
                "{}",
            )
        )
        self._reindexed.append(stored.key)
        if stored.type in owners:
            self._unprojected.setdefault(stored.type, []).append(stored.key)

    def flush(self) -> None:
        """Sends everything. Database errors surface as Django's."""
        with prepared_cursor() as cursor:
            if len(self._inserted) >= COPY_FROM:
                self._copy_new(cursor)
            with cursor.connection.pipeline():
                self._send(cursor)

    def _add_index(self, table: str, key: int, entries: Sequence[tuple[Any, ...]]) -> None:
        if INDEXES[table][-1].endswith("[]"):
            entries = [(*entry[:-1], _array_literal(entry[-1])) for entry in entries]
        self._indexes[table].extend((key, ordinal, *entry) for ordinal, entry in enumerate(entries))

    def _copy_new(self, cursor: psycopg.Cursor[Any]) -> None:
        """Sends what is new by COPY.

        Index rows of updated resources may go along: old ones are deleted by key before.
        """
        self._delete_index_rows(cursor)
        self._reindexed = []
        _copy(cursor, "fhir_resource", RESOURCE, self._inserted)
        self._inserted = []
        for table, index_rows in self._indexes.items():
            _copy(cursor, table, [column.split(":")[0] for column in INDEXES[table]], index_rows)
            self._indexes[table] = []
        for kind, projected in self._projected_new.items():
            projections.copy(cursor, owners[kind].model, projected)
        self._projected_new = {}

    def _send(self, cursor: psycopg.Cursor[Any]) -> None:
        for row in self._inserted:
            cursor.execute(INSERT_RESOURCE, row)
        for row in self._updated:
            _update_resource(cursor, row)
        self._delete_index_rows(cursor)
        for table, index_rows in self._indexes.items():
            if index_rows:
                _insert_index(cursor, table, index_rows)
        for kind, keys in self._unprojected.items():
            projections.delete(cursor, owners[kind].model, keys)
        for projected_by_type in (self._projected_new, self._projected):
            for kind, projected in projected_by_type.items():
                projections.upsert(cursor, owners[kind].model, projected)

    def _delete_index_rows(self, cursor: psycopg.Cursor[Any]) -> None:
        if self._reindexed:
            for table in INDEXES:
                cursor.execute(f"DELETE FROM {table} WHERE key = ANY(%s)", [self._reindexed])


def _update_resource(cursor: psycopg.Cursor[Any], row: tuple[Any, ...]) -> None:
    key, _, _, version_id, last_updated, deleted, content, patient_id, tokens = row
    cursor.execute(
        """UPDATE fhir_resource SET version_id = %s, last_updated = %s, deleted = %s, content = %s, patient_id = %s,
        tokens = %s::int8[] WHERE key = %s""",
        [version_id, last_updated, deleted, content, patient_id, tokens, key],
    )


def _insert_index(cursor: psycopg.Cursor[Any], table: str, index_rows: Sequence[tuple[Any, ...]]) -> None:
    columns = [column.split(":") for column in INDEXES[table]]
    names = [name for name, _ in columns]
    values = [list(column) for column in zip(*index_rows, strict=True)]
    selected = ", ".join(f"{name}::{kind}" if kind.endswith("[]") else name for name, kind in columns)
    arrays = ", ".join(f"%s::{'text' if kind.endswith('[]') else kind}[]" for _, kind in columns)
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {selected} FROM unnest({arrays}) AS r({', '.join(names)})",
        values,
    )


def _array_literal(values: Iterable[int] | None) -> str | None:
    return None if values is None else "{" + ",".join(map(str, values)) + "}"


def _copy(cursor: psycopg.Cursor[Any], table: str, names: Sequence[str], copied: Sequence[tuple[Any, ...]]) -> None:
    with cursor.copy(f'COPY "{table}" ({", ".join(names)}) FROM STDIN') as copy:
        for row in copied:
            copy.write_row(row)
