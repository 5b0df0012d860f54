"""Audit rows of looking at many resources at once: what was shown, and whom it was about."""

from collections.abc import Iterable, Sequence
from typing import Any

from ehr.audit import trail
from ehr.audit.actors import Actor
from ehr.audit.selectors import concerning
from ehr.fhir.search.parameters import parameter
from ehr.fhir.search.query import Query
from ehr.fhir.search.search import Hit
from ehr.fhir.search.values import alternatives, unescaped


def note(
    name: str, actor: Actor, hits: Sequence[Hit], *, asked_about: Iterable[str] = (), detail: dict[str, Any]
) -> None:
    """Appends the row of a look at these resources: one row, found again by each of the patients concerned.

    `asked_about` are patients whom the question named, whether or not anything was found.
    """
    entities = tuple(f"{hit.type}/{hit.id}" for hit in hits)
    patient_id, told = concerning({*asked_about, *(hit.patient_id for hit in hits if hit.patient_id)})
    trail.write_read(trail.Row(name, actor, patient_id=patient_id, entities=entities, detail=detail | told))


def asked_about(query: Query) -> set[str]:
    """The patients whom a search names by their ids: also one that finds nothing, or only counts, tells of them."""
    return {
        patient_id
        for name, value in query.understood
        if query.type is not None and _names_patients(query.type, name)
        for text in alternatives(value)
        if (patient_id := _patient_in(unescaped(text)))
    }


def _names_patients(type_: str, name: str) -> bool:
    code, _, modifier = name.partition(":")
    if (type_, code) == ("Patient", "_id"):
        return True
    found = parameter(type_, code)
    return (
        found is not None and found.kind == "reference" and "Patient" in found.targets and modifier in ("", "Patient")
    )


def _patient_in(reference: str) -> str | None:
    """The id in "1", "Patient/1" or the URL of a patient; None for the reference of another type."""
    type_, _, id_ = reference.rpartition("/")
    return id_ if type_.rpartition("/")[2] in ("", "Patient") else None
