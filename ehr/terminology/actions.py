"""Every write of terminologies: a release is begun, stored chunk by chunk, and finished."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ehr.access.permissions import demand
from ehr.audit.actions import action, audit
from ehr.audit.actors import Actor
from ehr.lib import clock
from ehr.lib.tenancy import raw_cursor
from ehr.terminology.compose import check_compose
from ehr.terminology.errors import LoadSuperseded
from ehr.terminology.models import CodeSystem, Concept, ValueSet
from ehr.terminology.releases import ReleasedConcept, SystemIdentity

CHANGE_SYSTEM = "CodeSystem.u"
CHANGE_VALUE_SET = "ValueSet.u"


@dataclass(frozen=True, slots=True)
class Edition:
    """The edition of a code system that a release is loaded as. `settled`: there is nothing left to load."""

    system_id: int
    number: int
    settled: bool


@dataclass(frozen=True, slots=True)
class ChunkOutcome:
    """How many concepts of a chunk were new, and how many were changed; the others stood there already."""

    stored: int
    changed: int


@action("terminology.release.begin")
def begin_release(*, actor: Actor, system: SystemIdentity, digest: str) -> Edition:
    """Opens an edition for the release with this digest; one that was interrupted goes on as the same edition.

    Settled when that release is loaded, or when the release is a fragment of a code system that is loaded whole.
    """
    demand(actor, CHANGE_SYSTEM)
    fresh = CodeSystem(url=system.url, loaded_by=actor.id, **_described(system))
    CodeSystem.objects.bulk_create([fresh], ignore_conflicts=True)
    stored = CodeSystem.objects.select_for_update().get(url=system.url)
    settled = _is_settled(stored, system, digest)
    if not settled and stored.digest != digest:
        for name, value in _described(system).items():
            setattr(stored, name, value)
        stored.edition, stored.digest = stored.edition + 1, digest
        stored.loaded_at, stored.loaded_by = None, actor.id
        stored.save()
    audit(detail={"system": system.url, "version": system.version, "edition": stored.edition, "settled": settled})
    return Edition(stored.id, stored.edition, settled)


def _described(system: SystemIdentity) -> dict[str, Any]:
    return {
        "version": system.version,
        "name": system.name,
        "publisher": system.publisher,
        "copyright": system.copyright,
        "content": system.content,
        "status": CodeSystem.Status.ACTIVE,
    }


def _is_settled(stored: CodeSystem, system: SystemIdentity, digest: str) -> bool:
    if stored.edition == 0:
        return False
    whole_is_there = stored.content == "complete" and system.content == "fragment"
    return whole_is_there or (stored.digest == digest and stored.loaded_at is not None)


COLUMNS = (
    "code", "display", "synonyms", "parents", "status", "selectable", "compact_code", "folded_display", "search_text",
)  # fmt: skip
LISTED = ", ".join(COLUMNS)
ASSIGNED = ", ".join(f"{name} = EXCLUDED.{name}" for name in (*COLUMNS[1:], "edition"))
MEANING = ("display", "synonyms", "parents", "status", "selectable", "search_text")
BEFORE = ", ".join(f"concept.{name}" for name in MEANING)
AFTER = ", ".join(f"EXCLUDED.{name}" for name in MEANING)

OPEN_INCOMING = """
CREATE TEMPORARY TABLE IF NOT EXISTS terminology_incoming (
    code text, display text, synonyms text[], parents text[], status text, selectable boolean,
    compact_code text, folded_display text, search_text text
) ON COMMIT DROP
"""
EMPTY_INCOMING = "TRUNCATE terminology_incoming"
COPY_INCOMING = f"COPY terminology_incoming ({LISTED}) FROM STDIN"
MERGE_INCOMING = f"""
WITH written AS (
    INSERT INTO terminology_concept AS concept (system_id, edition, {LISTED})
    SELECT %(system)s, %(edition)s, {LISTED} FROM terminology_incoming ORDER BY code COLLATE "C"
    ON CONFLICT (system_id, code) DO UPDATE SET {ASSIGNED} WHERE ({BEFORE}) IS DISTINCT FROM ({AFTER})
    RETURNING xmax = 0 AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM written
"""
# What stood there already is of this edition too. In the order of codes: two loads of one release do not deadlock.
TOUCH_UNCHANGED = """
WITH same AS (
    SELECT id FROM terminology_concept
    WHERE system_id = %(system)s AND edition <> %(edition)s
      AND code = ANY (SELECT code FROM terminology_incoming)
    ORDER BY code FOR UPDATE
)
UPDATE terminology_concept AS concept SET edition = %(edition)s FROM same WHERE concept.id = same.id
"""
HOLD_EDITION = "SELECT 1 FROM terminology_code_system WHERE id = %(system)s AND edition = %(edition)s FOR SHARE"


@action("terminology.release.store")
def store_concepts(*, actor: Actor, edition: Edition, concepts: Sequence[ReleasedConcept]) -> ChunkOutcome:
    """Stores a chunk of a release, codes of which occur once in it. Storing it again changes nothing.

    Raises LoadSuperseded when another release was begun since.
    """
    demand(actor, CHANGE_SYSTEM)
    named = {"system": edition.system_id, "edition": edition.number}
    with raw_cursor() as cursor:
        if cursor.execute(HOLD_EDITION, named).fetchone() is None:
            raise LoadSuperseded("another release of this code system was begun")
        cursor.execute(OPEN_INCOMING)
        cursor.execute(EMPTY_INCOMING)
        with cursor.copy(COPY_INCOMING) as copy:
            for concept in concepts:
                copy.write_row(_row(concept))
        outcome = ChunkOutcome(*(cursor.execute(MERGE_INCOMING, named).fetchone() or (0, 0)))
        if outcome.stored + outcome.changed < len(concepts):
            cursor.execute(TOUCH_UNCHANGED, named)
    audit(detail={**named, "read": len(concepts), "stored": outcome.stored, "changed": outcome.changed})
    return outcome


def _row(concept: ReleasedConcept) -> tuple[Any, ...]:
    return (
        concept.code,
        concept.display,
        list(concept.synonyms),
        list(concept.parents),
        Concept.Status.ACTIVE.value if concept.active else Concept.Status.INACTIVE.value,
        concept.selectable,
        concept.compact_code,
        concept.folded_display,
        concept.search_text,
    )


@action("terminology.release.finish")
def finish_release(*, actor: Actor, edition: Edition) -> int:
    """Closes the edition; what a whole release no longer holds becomes inactive. Returns how many concepts that were.

    Raises LoadSuperseded when another release was begun since.
    """
    demand(actor, CHANGE_SYSTEM)
    system = CodeSystem.objects.select_for_update().get(id=edition.system_id)
    if system.edition != edition.number:
        raise LoadSuperseded("another release of this code system was begun")
    retired = 0
    if system.content == CodeSystem.Content.COMPLETE:
        dropped = Concept.objects.filter(system=system, edition__lt=edition.number, status=Concept.Status.ACTIVE)
        retired = dropped.update(status=Concept.Status.INACTIVE)
    system.loaded_at, system.loaded_by = clock.now(), actor.id
    system.save()
    audit(detail={"system": system.url, "edition": edition.number, "retired": retired})
    return retired


@action("terminology.value-set.define")
def define_value_set(
    *, actor: Actor, url: str, name: str, compose: dict[str, Any], version: str = "", copyright_notice: str = ""
) -> ValueSet:
    """Stores a value set, or brings the one with this URL to this definition. Raises UnsupportedCompose."""
    demand(actor, CHANGE_VALUE_SET)
    check_compose(compose)
    described = {
        "version": version,
        "name": name,
        "copyright": copyright_notice,
        "status": CodeSystem.Status.ACTIVE,
        "compose": compose,
    }
    value_set, _ = ValueSet.objects.select_for_update().update_or_create(url=url, defaults=described)
    audit(detail={"value_set": url, "version": version})
    return value_set
