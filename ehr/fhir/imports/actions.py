"""Writing one unit of an import: all of it or nothing, and what cannot be stored is kept with the reason."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ehr.audit.actions import action, audit
from ehr.audit.actors import Actor
from ehr.fhir import references, store
from ehr.fhir.admission import ValidResource, admit
from ehr.fhir.errors import InvalidResource
from ehr.fhir.imports import ledger
from ehr.fhir.imports.items import Item, Unit
from ehr.fhir.imports.ledger import Known
from ehr.fhir.imports.placeholders import placeholder
from ehr.fhir.imports.report import Report
from ehr.fhir.registry import RuleBroken, owners
from ehr.fhir.store import Change, Identity, Stored
from ehr.fhir.validation.primitives import CHECKS
from ehr.lib import ids

MAX_REASON = 300
Attempt = Literal["first", "with placeholders", "last"]
FindTarget = Callable[[str], str | None]
"""Gives "Organization/1" for a conditional reference such as "Organization?identifier=…", None when nothing matches."""


@dataclass(slots=True)
class Incoming:
    """An item with the place it gets in the store. `known` is what an earlier import of the same source left there."""

    item: Item
    source_id: str
    identity: Identity
    known: Known | None = None
    content: dict[str, Any] = field(default_factory=dict)  # with the store's ids in its references
    references: set[str] = field(default_factory=set)
    resource: ValidResource | None = None


@dataclass(slots=True)
class Sorted:
    """The items of a unit by what becomes of them."""

    writes: list[Incoming] = field(default_factory=list)
    parked: list[tuple[Incoming, list[str]]] = field(default_factory=list)
    refused: list[tuple[Item, list[str]]] = field(default_factory=list)


@action("fhir.import.store")
def store_unit(*, actor: Actor, source: str, unit: Unit, find_target: FindTarget, attempt: Attempt = "first") -> Report:  # noqa: ARG001 - the action takes the actor
    """Stores the resources of one unit under their own ids where these are free, and says what became of each.

    What is invalid is refused and kept. What refers to something not yet there is parked, or refused on the last
    attempt.
    The attempt before that makes placeholders for what is known by identifier only.
    """
    report = Report()
    found = Sorted()
    incoming = _placed(source, unit, found, report, find_target)
    incoming += _rewrite_references(source, incoming, find_target, make_placeholders=attempt == "with placeholders")
    _validate(incoming, found)
    _part_dangling(found)
    _write(source, found, report)
    _keep(source, found, report, last_try=attempt == "last")
    ledger.finish_unit(source, unit.digest)
    return report


def _placed(source: str, unit: Unit, found: Sorted, report: Report, find_target: FindTarget) -> list[Incoming]:
    """The items that are to be written, each with its identity; unchanged ones are counted and left."""
    readable = [item for item in unit.items if item.type]
    found.refused += [(item, [item.fault or "no resourceType"]) for item in unit.items if not item.type]
    known = ledger.known(source, [(item.type, _source_id(item)) for item in readable])
    taken = ledger.taken([(item.type, _source_id(item)) for item in readable])
    incoming, seen = [], dict[Identity, bytes]()
    for item in readable:
        name = (item.type, _source_id(item))
        digest = item.digest
        before = known.get(name)
        if (before is not None and before.digest == digest) or seen.get(name) == digest:
            report.add("unchanged", item.type)
        elif name in seen:
            found.refused.append((item, ["two different resources of this file have one id"]))
        else:
            incoming.append(Incoming(item, name[1], _identity(item, name[1], before, taken, find_target), before))
        seen.setdefault(name, digest)
    return incoming


def _source_id(item: Item) -> str:
    given = (item.content or {}).get("id")
    return given if isinstance(given, str) and given else item.full_url or item.digest.hex()


def _identity(
    item: Item, source_id: str, before: Known | None, taken: set[Identity], find_target: FindTarget
) -> Identity:
    if before is not None:
        return item.type, before.id
    if item.if_none_exist:
        there = find_target(f"{item.type}?{item.if_none_exist}")
        if there is not None:
            return item.type, there.partition("/")[2]
    bare = source_id.removeprefix("urn:uuid:")
    free = CHECKS["id"](bare) is None and (item.type, bare) not in taken
    return item.type, bare if free else ids.new_id()


def _rewrite_references(
    source: str, incoming: Sequence[Incoming], find_target: FindTarget, *, make_placeholders: bool
) -> list[Incoming]:
    """Turns fullUrls, conditional references and ids that had to change into the ids of the store.

    Returns the placeholders made on the way.
    """
    named = {one.item.full_url: "/".join(one.identity) for one in incoming if one.item.full_url}
    named |= {
        f"{one.item.type}/{one.source_id}": "/".join(one.identity)
        for one in incoming
        if one.source_id != one.identity[1]
    }
    for one in incoming:
        one.content = references.rewritten(one.item.content or {}, named, one.references)
        if one.item.type == "Bundle":  # what its entries say is its own
            one.references = references.reference_texts(one.item.content or {})
    texts = set().union(*(one.references for one in incoming)) - named.keys()
    found = ledger.elsewhere(source, [text for text in texts if "?" not in text])
    conditional = sorted(text for text in texts if "?" in text)
    found |= {text: target for text in conditional if (target := find_target(text))}
    placeholders = (
        [made for text in conditional if text not in found and (made := _placeholder(text))]
        if make_placeholders
        else []
    )
    found |= {made.source_id: "/".join(made.identity) for made in placeholders}
    found |= named
    for one in incoming:
        if any(text in found and text not in named for text in one.references):
            one.content = references.rewritten(one.item.content or {}, found)
        one.references = {found.get(text, text) for text in one.references}
    return placeholders


def _placeholder(reference: str) -> Incoming | None:
    content = placeholder(reference)
    if content is None:
        return None
    item = Item("placeholder", content)
    return Incoming(item, reference, (item.type, ids.new_id()), content=content)


def _validate(incoming: Sequence[Incoming], found: Sorted) -> None:
    for one in incoming:
        content = dict(one.content)
        if "id" in content and CHECKS["id"](content["id"]) is not None:
            content.pop("id")  # kept as the source's id; the store gives its own
        try:
            one.resource = admit(content, references=one.references)
            owner = owners.get(one.item.type)
            if owner is not None:
                owner.check(None, one.resource.content)
        except InvalidResource as fault:
            found.refused.append((one.item, [_reason(issue.expression, issue.diagnostics) for issue in fault.issues]))
        except RuleBroken as broken:
            found.refused.append((one.item, [_reason(broken.expression, str(broken))]))
        else:
            found.writes.append(one)


def _part_dangling(found: Sorted) -> None:
    """Moves what refers to nothing out of the writes, and then what refers to that, until all that is left resolves."""
    wanted = {id(one): _targets(one) for one in found.writes}
    here = {"/".join(one.identity) for one in found.writes}
    outside = ledger.existing({target for targets in wanted.values() for target in targets if target not in here})
    while True:
        dangling = [one for one in found.writes if not wanted[id(one)] <= here | outside]
        if not dangling:
            return
        for one in dangling:
            missing = sorted(wanted[id(one)] - here - outside)
            found.parked.append((one, [_reason(None, f"{target} is not known here") for target in missing]))
        leaving = {id(one) for one in dangling}
        found.writes = [one for one in found.writes if id(one) not in leaving]
        here = {"/".join(one.identity) for one in found.writes}


def _targets(one: Incoming) -> set[str]:
    literal, unresolved = references.targets(one.references)
    return literal | unresolved


def _write(source: str, found: Sorted, report: Report) -> None:
    current = store.lock([one.identity for one in found.writes if one.known is not None or one.item.if_none_exist])
    changes = [Change(*one.identity, one.resource, current.get(one.identity)) for one in found.writes]
    adopted = {
        number for number, one in enumerate(found.writes) if one.known is None and changes[number].current is not None
    }  # another source's resource that If-None-Exist has named: it stays as it is
    pending = [change for number, change in enumerate(changes) if number not in adopted]
    stored = iter(store.write(pending) if pending else [])
    written = [changes[n].current if n in adopted else next(stored) for n in range(len(changes))]
    for one, now, change, number in zip(found.writes, written, changes, range(len(changes)), strict=True):
        outcome = "unchanged" if number in adopted else "updated" if change.current else "stored"
        report.add(outcome, one.item.type)
        assert now is not None  # noqa: S101 - written or adopted
    ledger.remember(
        source,
        [
            (one.item.type, one.source_id, one.item.full_url, now.key, one.item.digest)
            for one, now in zip(found.writes, written, strict=True)
            if now
        ],
    )
    _audit(now for now in written if now is not None)


def _audit(written: Iterable[Stored]) -> None:
    by_patient: dict[str | None, list[str]] = {}
    for stored in written:
        by_patient.setdefault(stored.patient_id, []).append(stored.versioned_reference)
    for patient_id, entities in by_patient.items():
        audit(patient_id=patient_id, entities=entities)
    if not by_patient:
        audit(detail={"outcome": "nothing stored"})


def _keep(source: str, found: Sorted, report: Report, *, last_try: bool) -> None:
    remainder = [(item, reasons, "refused") for item, reasons in found.refused]
    remainder += [(one.item, reasons, "refused" if last_try else "parked") for one, reasons in found.parked]
    for item, reasons, status in remainder:
        report.add(status, item.type or "(no resource)")
        if status == "refused":
            report.reasons[reasons[0]] += 1
    ledger.keep(source, remainder)
    ledger.settle(source, [one.item.digest for one in found.writes])


def _reason(expression: str | None, text: str) -> str:
    return (f"{expression}: {text}" if expression else text)[:MAX_REASON]
