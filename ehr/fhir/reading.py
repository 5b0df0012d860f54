"""Reads of single resources: one statement fetches and audits."""

from ehr.audit import trail
from ehr.audit.actors import Actor
from ehr.audit.context import correlation_id
from ehr.fhir.errors import Gone, NotFound
from ehr.fhir.store import STORED, Stored
from ehr.lib.postgresql.statements import Statement
from ehr.lib.tenancy import connection

_CURRENT = "SELECT key, type, id, version_id, last_updated, deleted, content, patient_id FROM fhir_resource"
_FORMER = """SELECT r.key, r.type, r.id, v.version_id, v.last_updated, v.deleted, v.content, r.patient_id
    FROM fhir_resource r JOIN fhir_version v ON v.key = r.key"""
_LAZILY = "set_config('synchronous_commit', 'off', true)"


def _reading(found: str, durability: str) -> Statement:
    return Statement(
        f"""WITH found AS ({found}), durably AS MATERIALIZED (SELECT {durability}), seen AS (
            INSERT INTO audit_event ({trail.COLUMNS})
            SELECT $4, 'success', $5, $6, $7, $8, NULL, $9::uuid, found.patient_id,
                ARRAY[found.type || '/' || found.id || '/_history/' || found.version_id], '{{}}'::jsonb
            FROM found, durably WHERE NOT found.deleted
        ) SELECT * FROM found""",
        *STORED,
    )


# `$3::int IS NULL` gives the parameter its type and place where a statement has no use for it
_READ = f"{_CURRENT} WHERE type = $1 AND id = $2 AND $3::int IS NULL"
_READ_VERSION = f"""{_CURRENT} WHERE type = $1 AND id = $2 AND version_id = $3::int
    UNION ALL {_FORMER} WHERE r.type = $1 AND r.id = $2 AND v.version_id = $3::int"""
# A read changes nothing, so its audit row need not wait for the disk. Inside somebody's transaction that setting would
# make their writes less durable than promised.
READ = {False: _reading(_READ, _LAZILY), True: _reading(_READ, "1")}
READ_VERSION = {False: _reading(_READ_VERSION, _LAZILY), True: _reading(_READ_VERSION, "1")}


def read(*, actor: Actor, type_: str, id_: str) -> Stored:
    """The current version, the look at it audited. Raises Refused, NotFound, Gone."""
    return _read("fhir.resource.read", READ, actor, type_, id_)


def read_version(*, actor: Actor, type_: str, id_: str, version_id: int) -> Stored:
    """One version, the look at it audited. Raises Refused, NotFound, Gone (the version that deleted it)."""
    return _read("fhir.resource.vread", READ_VERSION, actor, type_, id_, version_id)


def _read(
    name: str, statements: dict[bool, Statement], actor: Actor, type_: str, id_: str, version_id: int | None = None
) -> Stored:
    if not actor.may(f"{type_}.r"):
        trail.refuse_read(name, actor, f"{type_}.r")
    version = None if version_id is None else str(version_id)
    found = statements[connection().in_atomic_block].run(
        type_, id_, version, name, actor.kind, actor.id, actor.name, actor.on_behalf_of, str(correlation_id())
    )
    if not found:
        raise NotFound.resource(f"{type_}/{id_}")
    stored = Stored(*found[0])
    if stored.deleted:
        raise Gone.resource(stored.reference)
    return stored
