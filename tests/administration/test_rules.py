from typing import Any

import pytest

from ehr.administration import rules
from ehr.fhir.rules import Broken, error_is_final

LINK = "A patient's record cannot be linked to itself."
DEATH = "The date of death is before the date of birth."
BACKWARDS = "The period ends before it starts."


def patient(**elements: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": "p1", **elements}


def link(reference: str) -> dict[str, Any]:
    return {"other": {"reference": reference}, "type": "seealso"}


@pytest.mark.parametrize(
    ("links", "broken"),
    [
        ([], []),
        ([link("Patient/p2"), link("RelatedPerson/p1")], []),
        ([link("https://elsewhere.example/fhir/Patient/p1")], []),
        ([link("Patient/p2"), link("Patient/p1")], [Broken(LINK, "Patient.link[1].other")]),
        ([link("Patient/p1/_history/3")], [Broken(LINK, "Patient.link[0].other")]),
    ],
)
def test_a_patient_is_not_linked_to_itself(links: list[dict[str, Any]], broken: list[Broken]) -> None:
    assert list(rules.no_link_to_itself(None, patient(link=links))) == broken


@pytest.mark.parametrize(
    ("birth", "death", "broken"),
    [
        ("1957-03-14", "2026-11-22T10:00:00Z", []),
        ("2026-11-22", "2026-11-22T00:30:00Z", []),
        ("2026-11-22", "2026-11", []),
        ("1957", "1957", []),
        ("1957-03-14", None, []),
        (None, "2026", []),
        ("1957-03-14", "1957-03-13", [Broken(DEATH, "Patient.deceased")]),
        ("1957", "1956-12-31T23:59:59Z", [Broken(DEATH, "Patient.deceased")]),
    ],
)
def test_death_follows_birth(birth: str | None, death: str | None, broken: list[Broken]) -> None:
    given = {name: date for name, date in (("birthDate", birth), ("deceasedDateTime", death)) if date}
    assert list(rules.death_follows_birth(None, patient(**given))) == broken


@pytest.mark.parametrize("kind", ["Encounter", "Coverage"])
@pytest.mark.parametrize(
    ("period", "is_broken"),
    [
        ({"start": "2026-03-10T08:00:00Z", "end": "2026-03-10T08:00:00Z"}, False),
        ({"start": "2026-03-10T08:00:00Z", "end": "2026-03"}, False),
        ({"start": "2026-03-10T08:00:00Z"}, False),
        ({"end": "2026"}, False),
        ({}, False),
        ({"start": "2026-03-10T08:00:00Z", "end": "2026-03-10T09:30:00+02:00"}, True),
        ({"start": "2026-03-10", "end": "2026-02"}, True),
    ],
)
def test_a_period_runs_forward(kind: str, period: dict[str, str], is_broken: bool) -> None:  # noqa: FBT001 - a table's column
    found = list(rules.period_forward(None, {"resourceType": kind, "period": period}))
    assert found == ([Broken(BACKWARDS, f"{kind}.period.end")] if is_broken else [])


ERROR_STATUS = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "entered-in-error"}]
}


@pytest.mark.parametrize(
    ("current", "new", "expression"),
    [
        (None, {"status": "finished"}, None),
        ({"status": "in-progress"}, {"status": "entered-in-error"}, None),
        ({"status": "entered-in-error"}, {"status": "entered-in-error"}, None),
        ({"status": "entered-in-error"}, {"status": "in-progress"}, "Encounter.status"),
        ({"verificationStatus": ERROR_STATUS}, {"verificationStatus": ERROR_STATUS}, None),
        ({"verificationStatus": ERROR_STATUS}, {}, "Encounter.verificationStatus"),
    ],
)
def test_entered_in_error_is_final(current: dict[str, Any] | None, new: dict[str, Any], expression: str | None) -> None:
    found = [broken.expression for broken in error_is_final(current, {"resourceType": "Encounter", **new})]
    assert found == ([expression] if expression else [])
