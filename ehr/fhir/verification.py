"""Whether everything derived from the record still equals what the record says.

Recomputes search index and owners' columns of every current resource into temporary tables, lets PostgreSQL compare
them with what is stored, and checks that each chain of versions is whole. One snapshot, a stretch of keys at a time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import connections, transaction

from ehr.fhir import rows
from ehr.fhir.projections import Columns, columns_of
from ehr.fhir.registry import Resource, owners
from ehr.fhir.search.extract import extractor, literal_references
from ehr.lib import json
from ehr.lib.clock import fhir_instant
from ehr.lib.tenancy import current_tenant, raw_cursor

STRETCH = 1000  # resources compared at a time
WHOLE = 2**63 - 1

Cursor = psycopg.Cursor[Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """Something stored that is not what the record says: the resource and the place, never a value."""

    reference: str
    what: str

    def __str__(self) -> str:
        return f"{self.reference}: {self.what}"


@dataclass(slots=True)
class Tally:
    """How much was looked at."""

    resources: int = 0
    versions: int = 0
    rows: int = 0


@dataclass(slots=True)
class _Stretch:
    """The recomputed rows of some resources, by table."""

    first: int
    last: int
    expected: dict[str, list[Sequence[object]]] = field(default_factory=dict)


def verify(tally: Tally) -> Iterator[Difference]:
    """Every difference in the current tenant, as it is found; counts into `tally`."""
    alias = current_tenant()
    with transaction.atomic(using=alias), raw_cursor() as cursor:
        if connections[alias].savepoint_ids == []:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield from _broken_chains(cursor, tally)
        _make_temporary_tables(cursor)
        first = 0
        while batch := _next_resources(cursor, first):
            is_last = len(batch) < STRETCH
            stretch = _Stretch(first, WHOLE if is_last else batch[-1].key)
            yield from _recompute(cursor, batch, stretch)
            yield from _compare(cursor, stretch, tally)
            tally.resources += len(batch)
            first = stretch.last + 1
            if is_last:
                return


@dataclass(frozen=True, slots=True)
class _Current:
    key: int
    type: str
    id: str
    version_id: int
    last_updated: str
    content: str | None
    patient_id: str | None
    tokens: list[int]

    @property
    def reference(self) -> str:
        return f"{self.type}/{self.id}"


def _next_resources(cursor: Cursor, first: int) -> list[_Current]:
    cursor.execute(
        """SELECT key, type, id, version_id, last_updated, content, patient_id, tokens FROM fhir_resource
        WHERE key >= %s ORDER BY key LIMIT %s""",
        [first, STRETCH],
    )
    return [
        _Current(key, type_, id_, version_id, fhir_instant(last_updated), content, patient_id, tokens)
        for key, type_, id_, version_id, last_updated, content, patient_id, tokens in cursor.fetchall()
    ]


def _recompute(cursor: Cursor, batch: Sequence[_Current], stretch: _Stretch) -> Iterator[Difference]:
    contents = {one.key: json.decode(one.content.encode()) for one in batch if one.content is not None}
    targets = _targets(cursor, contents.values())
    for one in batch:
        resource = contents.get(one.key)
        if resource is None:
            if one.tokens:
                yield Difference(one.reference, "fhir_resource.tokens of a deleted resource")
            continue
        yield from _identity_differences(one, resource)
        entries = extractor().index(resource, targets)
        if entries.tokens != one.tokens:
            yield Difference(one.reference, "fhir_resource.tokens")
        if entries.patient_id != one.patient_id:
            yield Difference(one.reference, "fhir_resource.patient_id")
        for table, found in (
            ("fhir_string_index", entries.strings),
            ("fhir_date_index", entries.dates),
            ("fhir_quantity_index", entries.quantities),
            ("fhir_reference_index", entries.references),
        ):
            numbered = ((one.key, ordinal, *entry) for ordinal, entry in enumerate(found))
            stretch.expected.setdefault(table, []).extend(numbered)
        if owner := owners.get(one.type):
            columns = columns_of(owner.model)
            projected = owner.project(resource, targets) | {"resource_id": one.key}
            stretch.expected.setdefault(columns.table, []).append(columns.values(projected))


def _identity_differences(one: _Current, resource: Resource) -> Iterator[Difference]:
    meta = resource.get("meta", {})
    for what, stored, stated in (
        ("type", one.type, resource.get("resourceType")),
        ("id", one.id, resource.get("id")),
        ("version_id", str(one.version_id), meta.get("versionId")),
        ("last_updated", one.last_updated, meta.get("lastUpdated")),
    ):
        if stored != stated:
            yield Difference(one.reference, f"fhir_resource.{what} is not what the content says")


def _targets(cursor: Cursor, resources: Iterable[Resource]) -> dict[str, int]:
    wanted = sorted({reference for resource in resources for reference in literal_references(resource)})
    pairs = [reference.split("/", 1) for reference in wanted]
    cursor.execute(
        """SELECT type || '/' || id, key FROM fhir_resource
        WHERE (type, id) IN (SELECT * FROM unnest(%s::text[], %s::text[])) AND NOT deleted""",
        [[kind for kind, _ in pairs], [id_ for _, id_ in pairs]],
    )
    return dict(cursor.fetchall())


def _tables() -> dict[str, tuple[str, ...]]:
    """Every derived table with its columns in the order in which rows are recomputed."""
    indexes = {table: rows.NAMES[table] for table in rows.INDEXES}
    projected: list[Columns] = [columns_of(owner.model) for owner in owners.values()]
    return indexes | {columns.table: columns.names for columns in projected}


def _make_temporary_tables(cursor: Cursor) -> None:
    for table in _tables():
        cursor.execute(f'CREATE TEMPORARY TABLE IF NOT EXISTS "expected_{table}" (LIKE "{table}") ON COMMIT DROP')


def _compare(cursor: Cursor, stretch: _Stretch, tally: Tally) -> Iterator[Difference]:
    for table, names in _tables().items():
        expected = stretch.expected.get(table, [])
        tally.rows += len(expected)
        cursor.execute(f'TRUNCATE "expected_{table}"')
        listed = ", ".join(f'"{name}"' for name in names)
        with cursor.copy(f'COPY "expected_{table}" ({listed}) FROM STDIN') as copy:
            for row in expected:
                copy.write_row(row)
        is_index = table in rows.INDEXES
        sql = _index_differences_sql(table, names) if is_index else _column_differences_sql(table, names)
        cursor.execute(sql, [stretch.first, stretch.last] * (2 if is_index else 1))
        for reference, what in cursor.fetchall():
            yield Difference(reference, what)


def _index_differences_sql(table: str, names: Sequence[str]) -> str:
    # the ordinal only tells the rows of a resource apart
    listed = ", ".join(f'"{name}"' for name in names if name != "ordinal")
    stored = f'SELECT {listed} FROM "{table}" WHERE key BETWEEN %s AND %s'
    expected = f'SELECT {listed} FROM "expected_{table}"'
    return f"""
        SELECT {_reference("d.key")}, format('{table}: %%s of %%s', d.what, count(*)) FROM (
            SELECT key, 'rows missing' AS what FROM ({expected} EXCEPT ALL {stored}) AS missing
            UNION ALL SELECT key, 'rows too many' FROM ({stored} EXCEPT ALL {expected}) AS surplus
        ) AS d LEFT JOIN fhir_resource r ON r.key = d.key GROUP BY d.key, r.type, r.id, d.what ORDER BY d.key, d.what
    """


def _column_differences_sql(table: str, names: Sequence[str]) -> str:
    differing = ", ".join(
        f"""CASE WHEN s."{name}" IS DISTINCT FROM e."{name}" THEN '{name}' END""" for name in names if name != "key"
    )
    return f"""
        SELECT {_reference("coalesce(e.key, s.key)")}, '{table}: ' || CASE
            WHEN s.key IS NULL THEN 'row missing' WHEN e.key IS NULL THEN 'row too many'
            ELSE array_to_string(ARRAY[{differing}], ', ') END
        FROM "expected_{table}" e
        FULL JOIN (SELECT * FROM "{table}" WHERE key BETWEEN %s AND %s) AS s ON s.key = e.key
        LEFT JOIN fhir_resource r ON r.key = coalesce(e.key, s.key)
        WHERE e IS DISTINCT FROM s ORDER BY coalesce(e.key, s.key)
    """


def _reference(key: str) -> str:
    return f"coalesce(r.type || '/' || r.id, 'key ' || {key})"


def _broken_chains(cursor: Cursor, tally: Tally) -> Iterator[Difference]:
    """Resources whose superseded versions are not exactly 1 to the one before the current."""
    cursor.execute("SELECT count(*) FROM fhir_version")
    tally.versions += sum(count for (count,) in cursor)
    cursor.execute(
        """SELECT r.type || '/' || r.id, r.version_id, coalesce(v.versions, ARRAY[]::int[]) FROM fhir_resource r
        LEFT JOIN (
            SELECT key, array_agg(version_id ORDER BY version_id) AS versions FROM fhir_version GROUP BY key
        ) AS v ON v.key = r.key
        WHERE coalesce(cardinality(v.versions), 0) <> r.version_id - 1
            OR v.versions[1] <> 1 OR v.versions[cardinality(v.versions)] <> r.version_id - 1
        ORDER BY r.key"""
    )
    for reference, current, versions in cursor.fetchall():
        missing = sorted(set(range(1, current)) - set(versions))
        yield Difference(reference, f"fhir_version: versions {missing} missing before version {current}")
