"""The record store: every resource of every type, its versions and its index, written all at once or not at all.

Functions that write run inside an @action (the tables refuse otherwise). They neither check permissions nor rules:
`ehr.fhir.actions` and the owners' actions do that, and end here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ehr.audit import actions as audit_actions
from ehr.fhir import references, rows
from ehr.fhir.admission import ValidResource
from ehr.fhir.errors import DanglingReference, ResourceIsReferenced
from ehr.fhir.search.extract import extractor
from ehr.lib import clock, json
from ehr.lib.postgresql.statements import Converter, Statement, array, boolean, instant, text
from ehr.lib.tenancy import raw_cursor

Identity = tuple[str, str]  # resource type and id


@dataclass(frozen=True, slots=True)
class Stored:
    """A resource as it stands in the store. `content` is its JSON text, None when deleted."""

    key: int
    type: str
    id: str
    version_id: int
    last_updated: datetime
    deleted: bool
    content: str | None
    patient_id: str | None
    is_ours: bool = True  # written by the transaction in progress: it gets no second version

    @property
    def reference(self) -> str:
        """ "Patient/1"."""
        return f"{self.type}/{self.id}"

    @property
    def versioned_reference(self) -> str:
        """ "Patient/1/_history/2", as audit rows name it."""
        return f"{self.type}/{self.id}/_history/{self.version_id}"


@dataclass(frozen=True, slots=True)
class Change:
    """One resource to be written: `resource` None deletes. `current` is what `lock` found, None for a new one."""

    type: str
    id: str
    resource: ValidResource | None
    current: Stored | None


STORED: tuple[Converter, ...] = (int, text, text, int, instant, boolean, text, text)
"""Converters of the columns that a Stored is made of, up to `patient_id`."""

_LOCK = Statement(
    """SELECT key, type, id, version_id, last_updated, deleted, content, patient_id, xact = pg_current_xact_id()
    FROM fhir_resource WHERE (type, id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
    ORDER BY type, id FOR UPDATE""",
    *STORED,
    boolean,
)
_KEYS = Statement(
    """WITH targets AS MATERIALIZED (
        SELECT type || '/' || id, key FROM fhir_resource
        WHERE (type, id) IN (SELECT * FROM unnest($1::text[], $2::text[])) AND NOT deleted
        ORDER BY type, id FOR KEY SHARE
    )
    SELECT NULL, nextval('fhir_resource_key_seq') FROM generate_series(1, $3::int) UNION ALL SELECT * FROM targets""",
    text,
    int,
)


def lock(identities: Iterable[Identity]) -> dict[Identity, Stored]:
    """The current versions of these resources, locked until the transaction ends, in an order that cannot deadlock."""
    wanted = sorted(set(identities))
    if not wanted:
        return {}
    found = (Stored(*row) for row in _LOCK.run(array(kind for kind, _ in wanted), array(id_ for _, id_ in wanted)))
    return {(stored.type, stored.id): stored for stored in found}


@dataclass(frozen=True, slots=True)
class Prepared:
    """New versions that are not stored yet: `stored`, in the order of the changes, is what `send` will make of them."""

    stored: list[Stored]
    batch: rows.Batch

    def send(self) -> list[Stored]:
        """Stores them, and the audit rows that the open action has added so far in the same statement.

        Raises ResourceIsReferenced when a deletion would leave a reference without its target.
        """
        self.batch.flush()
        _refuse_orphans([stored for stored in self.stored if stored.deleted])
        return self.stored


def prepare(changes: Sequence[Change]) -> Prepared:
    """New versions with their index entries and projections, ready to be sent.

    Raises DanglingReference when a literal reference has no target.
    """
    audit_actions.current_action()
    now = clock.now()
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    keys, targets = _keys_and_targets(changes)
    batch = rows.Batch()
    return Prepared([_add(batch, change, keys[change.type, change.id], targets, now) for change in changes], batch)


def write(changes: Sequence[Change]) -> list[Stored]:
    """Writes new versions; returns them in the order of `changes`. Raises as `prepare` and `send` do."""
    return prepare(changes).send()


def _keys_and_targets(changes: Sequence[Change]) -> tuple[dict[Identity, int], dict[str, int]]:
    """(keys of what is written, keys of all that it refers to), in one statement.

    Targets are share-locked, so that none can be deleted before we commit.
    """
    keys = {(c.type, c.id): c.current.key for c in changes if c.current is not None}
    new = [(c.type, c.id) for c in changes if c.current is None]
    own = {f"{kind}/{id_}" for kind, id_ in (*keys, *new)}
    wanted, unresolved = references.targets({text for c in changes if c.resource for text in c.resource.references})
    fetched = _fetch_keys(len(new), sorted(tuple(text.split("/", 1)) for text in wanted - own))
    keys.update(zip(new, (key for text, key in fetched if text is None), strict=True))
    targets = {f"{kind}/{id_}": key for (kind, id_), key in keys.items()}
    targets.update((text, key) for text, key in fetched if text is not None)
    deleted = {f"{c.type}/{c.id}" for c in changes if c.resource is None}
    dangling = {text for text in wanted if text not in targets or text in deleted}
    if dangling or unresolved:
        raise _dangling(changes, dangling | unresolved)
    return keys, targets


def _fetch_keys(new: int, wanted: Sequence[tuple[str, ...]]) -> list[tuple[str | None, int]]:
    """`new` fresh keys, each with None, and the keys of those of `wanted` (type, id) that exist, with "Type/id"."""
    if not new and not wanted:
        return []
    return _KEYS.run(array(kind for kind, _ in wanted), array(id_ for _, id_ in wanted), str(new))


def _dangling(changes: Sequence[Change], dangling: set[str]) -> DanglingReference:
    found = [
        (number, expression, reference)
        for number, change in enumerate(changes)
        if change.resource
        for expression, reference in references.find_reference(change.resource.content, dangling)
    ]
    return DanglingReference(found)


def _add(batch: rows.Batch, change: Change, key: int, targets: Mapping[str, int], now: datetime) -> Stored:
    version_id = _next_version(change.current)
    if change.resource is None:
        assert change.current is not None  # noqa: S101 - callers delete only what they have locked
        stored = Stored(key, change.type, change.id, version_id, now, True, None, change.current.patient_id)
        batch.delete(stored)
        return stored
    resource = change.resource.content
    _stamp(resource, change.id, version_id, now)
    entries = extractor().index(resource, targets, references=change.resource.references)
    content = json.encode(resource).decode()
    stored = Stored(key, change.type, change.id, version_id, now, False, content, entries.patient_id)
    batch.put(stored, resource, entries, targets, is_new=change.current is None)
    return stored


def _next_version(current: Stored | None) -> int:
    if current is None:
        return 1
    return current.version_id if current.is_ours else current.version_id + 1


def _stamp(resource: dict[str, Any], id_: str, version_id: int, now: datetime) -> None:
    """Sets what the server says of a version; everything else in `meta` stays the client's."""
    resource["id"] = id_
    resource["meta"] = {
        **resource.get("meta", {}),
        "versionId": str(version_id),
        "lastUpdated": clock.fhir_instant(now),
    }


def _refuse_orphans(deleted: Sequence[Stored]) -> None:
    """Nothing that is still referred to may go.

    Runs after the writes: what is deleted together may refer to each other.
    """
    if not deleted:
        return
    with raw_cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT t.type || '/' || t.id, s.type || '/' || s.id
            FROM fhir_reference_index r JOIN fhir_resource t ON t.key = r.target JOIN fhir_resource s ON s.key = r.key
            WHERE r.target = ANY(%s) AND r.param = 0 AND r.key <> r.target AND NOT s.deleted ORDER BY 1, 2 LIMIT 10""",
            [[stored.key for stored in deleted]],
        )
        if referrers := cursor.fetchall():
            raise ResourceIsReferenced(referrers)
