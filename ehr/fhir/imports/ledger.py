"""The import's own tables: what came from where, which units are done, what is left over."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ehr.fhir.imports.items import Item
from ehr.fhir.models import ImportedUnit, ImportRemainder
from ehr.fhir.store import Identity
from ehr.lib import clock, json
from ehr.lib.tenancy import raw_cursor


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier import of the same source left of a resource."""

    id: str
    digest: bytes


def known(source: str, names: Sequence[Identity]) -> dict[Identity, Known]:
    """Resources of this source by (type, id in the source)."""
    with raw_cursor() as cursor:
        cursor.execute(
            """SELECT i.type, i.source_id, r.id, i.digest FROM fhir_imported_resource i
            JOIN fhir_resource r ON r.key = i.key
            WHERE i.source = %s AND (i.type, i.source_id) IN (SELECT * FROM unnest(%s::text[], %s::text[]))""",
            [source, *_columns(names)],
        )
        return {(type_, source_id): Known(id_, bytes(digest)) for type_, source_id, id_, digest in cursor}


def taken(identities: Sequence[Identity]) -> set[Identity]:
    """Those of the identities under which the store holds something already."""
    with raw_cursor() as cursor:
        cursor.execute(
            "SELECT type, id FROM fhir_resource WHERE (type, id) IN (SELECT * FROM unnest(%s::text[], %s::text[]))",
            _columns(identities),
        )
        return {(type_, id_) for type_, id_ in cursor}


def existing(targets: Collection[str]) -> set[str]:
    """Those literal references that have a target in the store."""
    literal = [tuple(target.split("/", 1)) for target in targets if "/" in target and "?" not in target]
    with raw_cursor() as cursor:
        cursor.execute(
            """SELECT type || '/' || id FROM fhir_resource
            WHERE (type, id) IN (SELECT * FROM unnest(%s::text[], %s::text[])) AND NOT deleted""",
            _columns(literal),
        )
        return {reference for (reference,) in cursor}


def elsewhere(source: str, texts: Collection[str]) -> dict[str, str]:
    """References that other units of this source resolve: by fullUrl, or by an id that had to change on the way in."""
    urls = [text for text in texts if ":" in text]
    names = [tuple(text.split("/", 1)) for text in texts if ":" not in text and text.count("/") == 1]
    with raw_cursor() as cursor:
        cursor.execute(
            """SELECT i.full_url, r.type || '/' || r.id FROM fhir_imported_resource i
            JOIN fhir_resource r ON r.key = i.key
            WHERE i.source = %s AND i.full_url = ANY(%s)
            UNION ALL
            SELECT i.type || '/' || i.source_id, r.type || '/' || r.id
            FROM fhir_imported_resource i JOIN fhir_resource r ON r.key = i.key
            WHERE i.source = %s AND (i.type, i.source_id) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
              AND i.source_id <> r.id""",
            [source, urls, source, *_columns(names)],
        )
        return dict(cursor.fetchall())


def remember(source: str, rows: Sequence[tuple[str, str, str, int, bytes]]) -> None:
    """Notes where resources came from: (type, id in the source, fullUrl, key, digest)."""
    if not rows:
        return
    with raw_cursor() as cursor:
        cursor.execute(
            """INSERT INTO fhir_imported_resource (source, type, source_id, full_url, key, digest)
            SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::bytea[])
            ON CONFLICT (source, type, source_id) DO UPDATE
            SET digest = EXCLUDED.digest, full_url = EXCLUDED.full_url""",
            [source, *(list(column) for column in zip(*rows, strict=True))],
        )


def is_done(source: str, digest: bytes) -> bool:
    """Whether this very unit was finished before."""
    return ImportedUnit.objects.filter(source=source, digest=digest).exists()


def finish_unit(source: str, digest: bytes) -> None:
    """Notes that a unit is finished."""
    ImportedUnit.objects.bulk_create(
        [ImportedUnit(source=source, digest=digest, done_at=clock.now())], ignore_conflicts=True
    )


def keep(source: str, remainder: Sequence[tuple[Item, list[str], str]]) -> None:
    """Keeps what was not stored: (item, reasons, parked or refused)."""
    if not remainder:
        return
    rows = [
        (item.place, item.digest, item.type, item.text, item.full_url, status, json.encode(reasons).decode())
        for item, reasons, status in remainder
    ]
    with raw_cursor() as cursor:
        cursor.execute(
            """INSERT INTO fhir_import_remainder
                (source, recorded_at, place, digest, type, content, full_url, status, reasons)
            SELECT DISTINCT ON (digest) %s, %s::timestamptz, *
            FROM unnest(%s::text[], %s::bytea[], %s::text[], %s::text[], %s::text[], %s::text[], %s::jsonb[])
                AS r (place, digest, type, content, full_url, status, reasons)
            ON CONFLICT (source, digest) DO UPDATE SET status = EXCLUDED.status, reasons = EXCLUDED.reasons""",
            [source, clock.now(), *(list(column) for column in zip(*rows, strict=True))],
        )


def settle(source: str, digests: Sequence[bytes]) -> None:
    """Marks what was parked and is stored now."""
    left = ImportRemainder.objects.filter(source=source, status="parked")
    if left.exists():
        left.filter(digest__in=list(digests)).update(status="stored")


def parked(source: str, chunk: int) -> Iterator[list[Item]]:
    """What is parked, in chunks, in the order it came."""
    last = 0
    while True:
        rows = list(ImportRemainder.objects.filter(source=source, status="parked", id__gt=last).order_by("id")[:chunk])
        if not rows:
            return
        last = rows[-1].pk
        yield [Item(row.place, json.decode(row.content.encode()), row.full_url) for row in rows]


def refused(source: str) -> Iterator[tuple[str, str, list[str]]]:
    """What was refused: place, type, reasons."""
    yield from (
        ImportRemainder.objects.filter(source=source, status="refused")
        .order_by("id")
        .values_list("place", "type", "reasons")
        .iterator()
    )


def _columns(names: Sequence[tuple[str, ...]]) -> list[list[str]]:
    return [[name[0] for name in names], [name[1] for name in names]]
