"""Writes of any resource type: permission, owner's rules, change, audit, all in one transaction."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from ehr.audit.actions import action, audit, publish
from ehr.audit.actors import Actor
from ehr.audit.errors import Refused
from ehr.fhir import conditions, store
from ehr.fhir.admission import ValidResource, admit
from ehr.fhir.errors import DanglingReference, Gone, Issue, NotFound, RuleViolated, VersionConflict
from ehr.fhir.events import ResourceWritten
from ehr.fhir.registry import RuleBroken, owners
from ehr.fhir.store import Change, Stored
from ehr.lib import ids, json

Outcome = Literal["created", "updated", "unchanged", "deleted"]


@dataclass(frozen=True, slots=True)
class Written:
    """What a write came to. `stored` is None only when a conditional delete found nothing to delete."""

    outcome: Outcome
    stored: Stored | None


@action("fhir.resource.create")
def create_resource(*, actor: Actor, resource: ValidResource, condition: str | None = None) -> Written:
    """Stores a new resource under a new server id.

    With `condition` (If-None-Exist, a search query) only when nothing matches; one match is returned as it stands,
    to whoever may search.
    Raises Refused, MultipleMatches, DanglingReference, RuleViolated.
    """
    demand(actor, resource.type, "c")
    if condition is not None and (found := conditions.single_match(actor, resource.type, condition)):
        audit(patient_id=found.patient_id, entities=[found.versioned_reference], detail={"outcome": "unchanged"})
        return Written("unchanged", found)
    return write([Change(resource.type, ids.new_id(), resource, None)])[0]


@action("fhir.resource.update")
def update_resource(*, actor: Actor, id_: str, resource: ValidResource, if_match: str | None = None) -> Written:
    """Stores a new version under `id_`, creating the resource when the id is new (the client's own id).

    `if_match` is the version the client has read. Content equal to the current version makes no new one.
    Raises Refused, VersionConflict, DanglingReference, RuleViolated.
    """
    current = store.lock([(resource.type, id_)]).get((resource.type, id_))
    demand(actor, resource.type, "u" if current else "c")
    check_version(current, f"{resource.type}/{id_}", if_match)
    return write([Change(resource.type, id_, resource, current)])[0]


@action("fhir.resource.update-conditionally")
def update_matching(*, actor: Actor, resource: ValidResource, condition: str, if_match: str | None = None) -> Written:
    """Updates the one resource that matches `condition`, or creates one when none does (conditional update).

    Raises MultipleMatches, and as `update_resource` does.
    """
    found = conditions.single_match(actor, resource.type, condition)
    given = resource.content.get("id")
    if found is None:
        demand(actor, resource.type, "c")
        return update_resource(actor=actor, id_=given or ids.new_id(), resource=resource)
    if given is not None and given != found.id:
        message = f"The condition matches {found.reference}, but the body names the id {given}."
        raise RuleViolated(Issue("business-rule", message, f"{resource.type}.id"))
    return update_resource(actor=actor, id_=found.id, resource=resource, if_match=if_match)


@action("fhir.resource.patch")
def patch_resource(
    *,
    actor: Actor,
    type_: str,
    id_: str,
    change: Callable[[dict[str, Any]], dict[str, Any]],
    if_match: str | None = None,
) -> Written:
    """Stores what `change` makes of the current content.

    Raises NotFound, Gone, InvalidResource, and as `update_resource` does.
    """
    current = existing(store.lock([(type_, id_)]).get((type_, id_)), type_, id_)
    demand(actor, type_, "u")
    check_version(current, current.reference, if_match)
    patched = change(json.decode((current.content or "").encode()))
    return write([Change(type_, id_, admit(patched), current)])[0]


@action("fhir.resource.patch-conditionally")
def patch_matching(
    *,
    actor: Actor,
    type_: str,
    condition: str,
    change: Callable[[dict[str, Any]], dict[str, Any]],
    if_match: str | None = None,
) -> Written:
    """Patches the one resource that matches `condition`.

    Raises MultipleMatches, NotFound when none does, and as `patch_resource` does.
    """
    demand(actor, type_, "u")
    found = conditions.single_match(actor, type_, condition)
    if found is None:
        raise NotFound(Issue("not-found", "Nothing matches the condition, so nothing can be patched."))
    return patch_resource(actor=actor, type_=type_, id_=found.id, change=change, if_match=if_match)


@action("fhir.resource.delete")
def delete_resource(*, actor: Actor, type_: str, id_: str, if_match: str | None = None) -> Written:
    """Marks the resource deleted; its versions stay. Deleting what is deleted changes nothing.

    Raises Refused, NotFound, VersionConflict, ResourceIsReferenced.
    """
    current = store.lock([(type_, id_)]).get((type_, id_))
    demand(actor, type_, "d")
    if current is None:
        raise NotFound.resource(f"{type_}/{id_}")
    check_version(current, current.reference, if_match)
    return write([Change(type_, id_, None, current)])[0]


@action("fhir.resource.delete-conditionally")
def delete_matching(*, actor: Actor, type_: str, condition: str) -> Written:
    """Deletes the one resource that matches `condition`; none is no error.

    Raises MultipleMatches, ResourceIsReferenced.
    """
    demand(actor, type_, "d")
    found = conditions.single_match(actor, type_, condition)
    if found is None:
        audit(detail={"outcome": "unchanged"})
        return Written("unchanged", None)
    return delete_resource(actor=actor, type_=type_, id_=found.id)


def write(changes: list[Change]) -> list[Written]:
    """Writes what differs, under the owners' rules, and audits it: one row per patient concerned.

    For use inside an action whose permissions are checked. Raises RuleViolated, DanglingReference,
    ResourceIsReferenced.
    """
    unchanged = {number: change.current for number, change in enumerate(changes) if _is_same(change)}
    pending = [change for number, change in enumerate(changes) if number not in unchanged]
    for change in pending:
        _check_rules(change)
    prepared = _prepare(pending, [number for number in range(len(changes)) if number not in unchanged])
    stored = iter(prepared.stored)
    written = [
        Written("unchanged", unchanged[number]) if number in unchanged else Written(_outcome(change), next(stored))
        for number, change in enumerate(changes)
    ]
    _audit(written)
    prepared.send()
    for one in written:
        if one.stored is not None and one.outcome != "unchanged":
            publish(ResourceWritten(one.stored.type, one.stored.id, one.stored.version_id, one.outcome))
    return written


def _prepare(pending: list[Change], numbers: list[int]) -> store.Prepared:
    try:
        return store.prepare(pending)
    except DanglingReference as fault:
        raise fault.renumbered(numbers) from fault


def demand(actor: Actor, type_: str, letter: str) -> None:
    """Raises Refused unless the actor may do this (SMART's c, r, u, d, s) to resources of the type."""
    permission = f"{type_}.{letter}"
    if not actor.may(permission):
        raise Refused(permission)


def existing(current: Stored | None, type_: str, id_: str) -> Stored:
    """The resource when there is one to work on. Raises NotFound or Gone."""
    if current is None:
        raise NotFound.resource(f"{type_}/{id_}")
    if current.deleted:
        raise Gone.resource(current.reference)
    return current


def check_version(current: Stored | None, reference: str, if_match: str | None) -> None:
    """Raises VersionConflict unless the client has seen the current version. No If-Match, no check."""
    if if_match is None:
        return
    found = current.version_id if current else 0
    if if_match != str(found):
        raise VersionConflict.found(reference, if_match, found)


def _is_same(change: Change) -> bool:
    if change.current is None:
        return False
    if change.resource is None or change.current.content is None:
        return change.resource is None and change.current.deleted
    current = json.decode(change.current.content.encode())
    return _without_version(current) == _without_version({**change.resource.content, "id": change.id})


def _without_version(resource: dict[str, Any]) -> bytes:
    meta = {name: value for name, value in resource.get("meta", {}).items() if name not in ("versionId", "lastUpdated")}
    rest = {name: value for name, value in resource.items() if name != "meta"}
    return json.encode_sorted({**rest, "meta": meta})


def _check_rules(change: Change) -> None:
    owner = owners.get(change.type)
    if owner is None or change.resource is None:
        return
    current = json.decode(change.current.content.encode()) if change.current and change.current.content else None
    try:
        owner.check(current, change.resource.content)
    except RuleBroken as broken:
        raise RuleViolated(Issue(broken.code, str(broken), broken.expression)) from broken


def _outcome(change: Change) -> Outcome:
    if change.resource is None:
        return "deleted"
    return "created" if change.current is None or change.current.deleted else "updated"


def _audit(written: Iterable[Written]) -> None:
    by_patient: dict[str | None, list[Written]] = {}
    for one in written:
        by_patient.setdefault(one.stored.patient_id if one.stored else None, []).append(one)
    for patient_id, group in by_patient.items():
        entities = [one.stored.versioned_reference for one in group if one.stored]
        outcomes = {outcome: sum(one.outcome == outcome for one in group) for outcome in {one.outcome for one in group}}
        audit(patient_id=patient_id, entities=entities, detail={"outcomes": outcomes})
