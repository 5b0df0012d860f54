"""Histories of one resource, a type, or the whole store, newest first, paged by keyset."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ehr.audit import trail
from ehr.audit.actors import Actor
from ehr.fhir.store import Stored
from ehr.lib.tenancy import prepared_cursor


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Versions, newest first, and where the next page starts (None at the end)."""

    versions: list[Stored]
    following: tuple[datetime, int, int] | None


def history(
    *,
    actor: Actor,
    type_: str | None,
    id_: str | None,
    count: int,
    since: datetime | None = None,
    after: tuple[datetime, int, int] | None = None,
) -> HistoryPage:
    """Versions of a resource, of a type, or of everything.

    `after` is the last (last_updated, key, version) already seen.
    """
    conditions, parameters = ["true"], []
    for column, value in (("type", type_), ("id", id_)):
        if value is not None:
            conditions.append(f"r.{column} = %s")
            parameters.append(value)
    bounds = ["true"]
    bound_parameters: list[Any] = []
    if since is not None:
        bounds.append("last_updated >= %s")
        bound_parameters.append(since)
    if after is not None:
        bounds.append("(last_updated, key, version_id) < (%s, %s, %s)")
        bound_parameters.extend(after)
    where = " AND ".join(conditions)
    bound = " AND ".join(bounds)
    with prepared_cursor() as cursor:
        cursor.execute(
            f"""SELECT * FROM (
                SELECT r.key, r.type, r.id, r.version_id, r.last_updated, r.deleted, r.content, r.patient_id
                FROM fhir_resource r WHERE {where}
                UNION ALL
                SELECT r.key, r.type, r.id, v.version_id, v.last_updated, v.deleted, v.content, r.patient_id
                FROM fhir_version v JOIN fhir_resource r ON r.key = v.key WHERE {where}
            ) h WHERE {bound} ORDER BY last_updated DESC, key DESC, version_id DESC LIMIT %s""",
            [*parameters, *parameters, *bound_parameters, count + 1],
        )
        versions = [Stored(*row) for row in cursor]
    more = len(versions) > count
    versions = versions[:count]
    patients = {stored.patient_id for stored in versions}
    trail.write_read(
        trail.Row(
            "fhir.history.read",
            actor,
            patient_id=patients.pop() if len(patients) == 1 else None,
            entities=tuple(stored.versioned_reference for stored in versions),
        )
    )
    last = versions[-1] if more else None
    return HistoryPage(versions, (last.last_updated, last.key, last.version_id) if last else None)
