"""Histories of one resource, a type, or the whole store, newest first, paged by keyset."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ehr.audit import trail
from ehr.audit.actors import Actor
from ehr.audit.selectors import concerning
from ehr.fhir.store import Stored
from ehr.lib.tenancy import raw_cursor

_NEWEST = "ORDER BY {row}.last_updated DESC, {row}.key DESC, {row}.version_id DESC LIMIT %(limit)s"
_WITHIN = """({row}.last_updated >= %(since)s OR %(since)s IS NULL)
    AND ({row}.last_updated <= %(seen_at)s OR %(seen_at)s IS NULL)
    AND (%(seen_at)s IS NULL
      OR ({row}.last_updated, {row}.key, {row}.version_id) < (%(seen_at)s, %(seen_key)s, %(seen_version)s))"""
_CURRENT = "r.key, r.type, r.id, r.version_id, r.last_updated, r.deleted, r.content, r.patient_id"
_FORMER = "r.key, r.type, r.id, v.version_id, v.last_updated, v.deleted, v.content, r.patient_id"

OF_ONE = f"""
SELECT * FROM (
  SELECT {_CURRENT} FROM fhir_resource r
  WHERE r.type = ANY(%(types)s) AND r.id = %(id)s
  UNION ALL
  SELECT {_FORMER} FROM fhir_resource r JOIN fhir_version v ON v.key = r.key
  WHERE r.type = ANY(%(types)s) AND r.id = %(id)s
) h WHERE {_WITHIN.format(row="h")} {_NEWEST.format(row="h")}
"""
# Of each type the newest come off its index; of former versions the newest of all types do, until enough are of these.
OF_TYPES = f"""
SELECT * FROM (
  SELECT of_type.* FROM unnest(%(types)s::text[]) AS wanted(type) CROSS JOIN LATERAL (
    SELECT {_CURRENT} FROM fhir_resource r
    WHERE r.type = wanted.type AND {_WITHIN.format(row="r")} {_NEWEST.format(row="r")}
  ) of_type
  UNION ALL
  (SELECT {_FORMER} FROM fhir_version v JOIN fhir_resource r ON r.key = v.key
   WHERE r.type = ANY(%(types)s) AND {_WITHIN.format(row="v")} {_NEWEST.format(row="v")})
) h {_NEWEST.format(row="h")}
"""


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Versions, newest first, and where the next page starts (None at the end)."""

    versions: list[Stored]
    following: tuple[datetime, int, int] | None


def history(
    *,
    actor: Actor,
    types: Sequence[str],
    id_: str | None,
    count: int,
    since: datetime | None = None,
    after: tuple[datetime, int, int] | None = None,
) -> HistoryPage:
    """Versions of all resources of these types, or of the one with this id.

    `after` is the last (last_updated, key, version) already seen.
    """
    seen_at, seen_key, seen_version = after or (None, None, None)
    named: dict[str, Any] = {
        "types": list(types),
        "id": id_,
        "since": since,
        "seen_at": seen_at,
        "seen_key": seen_key,
        "seen_version": seen_version,
        "limit": count + 1,
    }
    with raw_cursor() as cursor:
        # Planned for these values: without a bound the one plan that serves all would walk everything.
        cursor.execute(OF_TYPES if id_ is None else OF_ONE, named)
        versions = [Stored(*row) for row in cursor]
    more = len(versions) > count
    versions = versions[:count]
    _audit(actor, versions)
    last = versions[-1] if more else None
    return HistoryPage(versions, (last.last_updated, last.key, last.version_id) if last else None)


def _audit(actor: Actor, versions: Sequence[Stored]) -> None:
    patient_id, told = concerning({stored.patient_id for stored in versions if stored.patient_id is not None})
    entities = tuple(stored.versioned_reference for stored in versions)
    trail.write_read(trail.Row("fhir.history.read", actor, patient_id=patient_id, entities=entities, detail=told))
