"""Reads of single resources: one statement fetches and audits."""

from typing import Any

from ehr.audit import trail
from ehr.audit.actors import Actor
from ehr.audit.context import correlation_id
from ehr.fhir.errors import Gone, NotFound
from ehr.fhir.store import Stored
from ehr.lib.tenancy import connection, prepared_cursor

_COLUMNS = "key, type, id, version_id, last_updated, deleted, content, patient_id"
_LAZILY = "set_config('synchronous_commit', 'off', true)"

READ = f"""
WITH found AS (SELECT {_COLUMNS} FROM fhir_resource WHERE type = %s AND id = %s),
lazily AS MATERIALIZED (SELECT {{durability}}),
seen AS (
  INSERT INTO audit_event ({trail.COLUMNS})
  SELECT %s, 'success', %s, %s, %s, %s, NULL, %s, found.patient_id,
    ARRAY[found.type || '/' || found.id || '/_history/' || found.version_id], '{{{{}}}}'::jsonb
  FROM found, lazily WHERE NOT found.deleted
)
SELECT * FROM found
"""
READ_VERSION = READ.replace(
    f"SELECT {_COLUMNS} FROM fhir_resource WHERE type = %s AND id = %s",
    f"""SELECT {_COLUMNS} FROM fhir_resource WHERE type = %s AND id = %s AND version_id = %s
    UNION ALL
    SELECT r.key, r.type, r.id, v.version_id, v.last_updated, v.deleted, v.content, r.patient_id
    FROM fhir_resource r JOIN fhir_version v ON v.key = r.key WHERE r.type = %s AND r.id = %s AND v.version_id = %s""",
)


def read(*, actor: Actor, type_: str, id_: str) -> Stored:
    """The current version, the look at it audited. Raises Refused, NotFound, Gone."""
    return _read("fhir.resource.read", READ, actor, type_, id_, [type_, id_])


def read_version(*, actor: Actor, type_: str, id_: str, version_id: int) -> Stored:
    """One version, the look at it audited. Raises Refused, NotFound, Gone (the version that deleted it)."""
    parameters = [type_, id_, version_id] * 2
    return _read("fhir.resource.vread", READ_VERSION, actor, type_, id_, parameters)


def _read(name: str, sql: str, actor: Actor, type_: str, id_: str, parameters: list[Any]) -> Stored:
    if not actor.may(f"{type_}.r"):
        trail.refuse_read(name, actor, f"{type_}.r")
    # Inside somebody's transaction the setting would make their writes less durable than promised.
    durability = "1" if connection().in_atomic_block else _LAZILY
    who = [name, actor.kind, actor.id, actor.name, actor.on_behalf_of, correlation_id()]
    with prepared_cursor() as cursor:
        cursor.execute(sql.format(durability=durability), [*parameters, *who])
        row = cursor.fetchone()
    if row is None:
        raise NotFound.resource(f"{type_}/{id_}")
    stored = Stored(*row)
    if stored.deleted:
        raise Gone.resource(stored.reference)
    return stored
