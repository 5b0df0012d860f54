"""Profiles that a resource claims: what each kind of constraint refuses, and what is said of claims that cannot be checked."""

from typing import Any

import pytest

from ehr.fhir.definitions.profiles import US_CORE
from ehr.fhir.validation import known_profiles, validate

Content = dict[str, Any]
CORE = "http://hl7.org/fhir/StructureDefinition/"
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
OMB = "urn:oid:2.16.840.1.113883.6.238"


def claiming(*profiles: str) -> Content:
    return {"meta": {"profile": list(profiles)}}


def coded(system: str, code: str) -> Content:
    return {"coding": [{"system": system, "code": code}]}


def pressure(code: str, value: Content | None = None) -> Content:
    return {
        "code": coded(LOINC, code),
        "valueQuantity": value or {"value": 80, "unit": "mm[Hg]", "system": UCUM, "code": "mm[Hg]"},
    }


def race(*parts: Content, url: str = US_CORE + "us-core-race") -> Content:
    return {"extension": [{"url": url, "extension": list(parts)}]}


WHITE = {"url": "ombCategory", "valueCoding": {"system": OMB, "code": "2106-3"}}
TEXT = {"url": "text", "valueString": "White"}
PATIENT: Content = claiming(US_CORE + "us-core-patient") | {
    "resourceType": "Patient",
    "extension": race(WHITE, TEXT)["extension"],
    "identifier": [{"system": "urn:oid:1.2.3", "value": "7"}],
    "name": [{"family": "Okafor"}],
    "telecom": [{"system": "phone", "value": "555"}],
    "gender": "female",
}
BLOOD_PRESSURE: Content = claiming(US_CORE + "us-core-blood-pressure") | {
    "resourceType": "Observation",
    "status": "final",
    "category": [coded(CATEGORY, "vital-signs")],
    "code": coded(LOINC, "85354-9"),
    "subject": {"reference": "Patient/1"},
    "effectiveDateTime": "2026-11-22",
    "component": [pressure("8480-6"), pressure("8462-4")],
}
HEART_RATE: Content = claiming(CORE + "heartrate") | {
    "resourceType": "Observation",
    "status": "final",
    "category": [coded(CATEGORY, "vital-signs")],
    "code": coded(LOINC, "8867-4"),
    "subject": {"reference": "Patient/1"},
    "effectiveDateTime": "2026-11-22",
    "valueQuantity": {"value": 70, "unit": "/min", "system": UCUM, "code": "/min"},
}
MEDICATION_REQUEST: Content = claiming(US_CORE + "us-core-medicationrequest") | {
    "resourceType": "MedicationRequest",
    "status": "active",
    "intent": "order",
    "medicationCodeableConcept": {"text": "Aspirin"},
    "subject": {"reference": "Patient/1"},
    "requester": {"reference": "Practitioner/1"},
}
DEVICE: Content = claiming(US_CORE + "us-core-implantable-device") | {
    "resourceType": "Device",
    "type": {"text": "Pacemaker"},
    "patient": {"reference": "Patient/1"},
}
VALID = (PATIENT, BLOOD_PRESSURE, HEART_RATE, MEDICATION_REQUEST, DEVICE)
ABSENT = {"url": CORE + "data-absent-reason", "valueCode": "unknown"}

BAD: list[tuple[Content, Content, str, str]] = [
    (PATIENT, {"gender": ...}, "required", "Patient.gender"),
    (PATIENT, {"identifier": ...}, "required", "Patient.identifier"),
    (PATIENT, {"identifier": [{"value": "7"}]}, "required", "Patient.identifier[0].system"),
    (PATIENT, {"telecom": [{"system": "phone"}]}, "required", "Patient.telecom[0].value"),
    (PATIENT, {"name": [{"text": "Ada"}]}, "invariant", "Patient"),
    (PATIENT, {"extension": race(WHITE)["extension"]}, "required", "Patient.extension[0].extension"),
    (PATIENT, {"extension": race(TEXT, TEXT)["extension"]}, "structure", "Patient.extension[0].extension"),
    (PATIENT, {"extension": race(TEXT, *[WHITE] * 6)["extension"]}, "structure", "Patient.extension[0].extension"),
    (PATIENT, {"extension": race(TEXT)["extension"] * 2}, "structure", "Patient.extension"),
    (PATIENT, {"extension": race(TEXT, {"url": "ombCategory", "valueCode": "2106-3"})["extension"]},
     "structure", "Patient.extension[0].extension[1].valueCode"),
    (BLOOD_PRESSURE, {"category": [coded(CATEGORY, "laboratory")]}, "required", "Observation.category"),
    (BLOOD_PRESSURE, {"category": [coded(CATEGORY, "vital-signs")] * 2}, "structure", "Observation.category"),
    (BLOOD_PRESSURE, {"code": coded(LOINC, "8867-4")}, "value", "Observation.code"),
    (BLOOD_PRESSURE, {"effectiveDateTime": ...}, "required", "Observation.effective"),
    (BLOOD_PRESSURE, {"effectiveDateTime": ..., "effectiveInstant": "2026-11-22T08:00:00Z"}, "structure", "Observation.effectiveInstant"),
    (BLOOD_PRESSURE, {"effectiveDateTime": "2026"}, "invariant", "Observation.effectiveDateTime"),
    (BLOOD_PRESSURE, {"subject": {"reference": "Group/1"}}, "value", "Observation.subject.reference"),
    (BLOOD_PRESSURE, {"component": [pressure("8480-6"), pressure("8867-4")]}, "required", "Observation.component"),
    (BLOOD_PRESSURE, {"component": [pressure("8480-6"), pressure("8462-4", {"value": 80, "unit": "kPa", "system": UCUM, "code": "kPa"})]},
     "value", "Observation.component[1].valueQuantity.code"),
    (BLOOD_PRESSURE, {"component": [pressure("8480-6"), {"code": coded(LOINC, "8462-4")}]}, "invariant", "Observation.component[1]"),
    (HEART_RATE, {"valueQuantity": {"value": 70, "unit": "/min", "system": UCUM}}, "required", "Observation.valueQuantity.code"),
    (HEART_RATE, {"valueQuantity": {"value": 1, "unit": "Hz", "system": UCUM, "code": "Hz"}}, "value", "Observation.valueQuantity.code"),
    (HEART_RATE, {"valueQuantity": ..., "valueString": "70"}, "structure", "Observation.valueString"),
    (HEART_RATE, {"code": coded("http://example.org", "8867-4")}, "required", "Observation.code.coding"),
    (MEDICATION_REQUEST, {"requester": ...}, "required", "MedicationRequest.requester"),
    (MEDICATION_REQUEST, {"subject": {"reference": "Group/1"}}, "value", "MedicationRequest.subject.reference"),
    (DEVICE, {"patient": ...}, "required", "Device.patient"),
    (PATIENT, claiming(US_CORE + "us-core-blood-pressure"), "value", "Patient.meta.profile[0]"),
]  # fmt: skip


def changed(resource: Content, change: Content) -> Content:
    return {name: value for name, value in (resource | change).items() if value is not ...}


@pytest.mark.parametrize("resource", VALID, ids=lambda resource: resource["meta"]["profile"][0].rpartition("/")[2])
def test_the_resources_that_the_changes_start_from_meet_their_profiles(resource: Content) -> None:
    assert validate(resource) == []


@pytest.mark.parametrize(("resource", "change", "code", "expression"), BAD)
def test_a_fault_is_found_at_its_place(resource: Content, change: Content, code: str, expression: str) -> None:
    assert {(fault.code, fault.expression) for fault in validate(changed(resource, change))} == {(code, expression)}


@pytest.mark.parametrize(("resource", "change", "code", "expression"), [one for one in BAD if "meta" not in one[1]])
def test_nothing_is_asked_of_a_resource_that_claims_no_profile(
    resource: Content, change: Content, code: str, expression: str
) -> None:
    assert validate(changed(resource, {**change, "meta": ...})) == []


def test_a_fault_names_the_profile_and_its_version() -> None:
    faults = validate(changed(PATIENT, {"gender": ...}))
    assert [fault.diagnostics for fault in faults] == ["us-core-patient|5.0.1 asks for at least 1 gender."]


def test_what_a_profile_leaves_open_is_accepted() -> None:
    other = {"url": "http://example.org/x", "valueString": "y"}
    assert validate(changed(PATIENT, {"extension": [*PATIENT["extension"], other]})) == []
    assert validate(changed(PATIENT, {"name": [{"extension": [ABSENT]}]}))[0].code == "invariant"
    assert validate(changed(PATIENT, {"name": [{"text": "unknown"}], "extension": [ABSENT]})) == []
    assert (
        validate(changed(BLOOD_PRESSURE, {"category": [coded(CATEGORY, "vital-signs"), coded(CATEGORY, "exam")]})) == []
    )
    extra = {"component": [*BLOOD_PRESSURE["component"], pressure("8478-0")]}
    assert validate(changed(BLOOD_PRESSURE, extra)) == []


def test_the_profile_that_another_is_derived_from_is_not_checked_twice() -> None:
    both = claiming(CORE + "vitalsigns", CORE + "heartrate")
    faults = validate(changed(HEART_RATE, {**both, "subject": ...}))
    assert [(fault.code, fault.expression) for fault in faults] == [("required", "Observation.subject")]
    only = changed(HEART_RATE, {**claiming(CORE + "vitalsigns"), "valueQuantity": ..., "valueString": "70"})
    assert validate(only) == []


def information(resource: Content) -> list[tuple[str, str]]:
    return [
        (one.expression, one.diagnostics) for one in validate(resource, warnings=True) if one.severity == "information"
    ]


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        (US_CORE + "us-core-patient|5.0.1", []),
        (US_CORE + "us-core-patient|6.1.0", ["Checked against us-core-patient|5.0.1: this server does not have 6.1.0."]),
        (US_CORE + "us-core-patient", ["Checked against us-core-patient|5.0.1: this server does not have 6.1.0."]),
        (US_CORE + "us-core-patient|3.1.1",
         [f"NOT CHECKED: {US_CORE}us-core-patient|3.1.1 is older than us-core-patient|5.0.1, which this server has."]),
        ("http://example.org/mine", ["NOT CHECKED: http://example.org/mine is not among the profiles of this server."]),
    ],
)  # fmt: skip
def test_the_version_that_was_checked_and_claims_that_were_not_are_said(claim: str, said: list[str]) -> None:
    resource = changed(PATIENT, {**claiming(claim), "extension": ...})
    assert information(resource) == [("Patient.meta.profile[0]", one) for one in said]
    assert validate(resource) == []


def test_a_profile_newer_than_the_claim_is_not_applied() -> None:
    smoking = US_CORE + "us-core-smokingstatus"
    observation = changed(HEART_RATE, {**claiming(smoking), "category": ..., "effectiveDateTime": ...})
    assert validate(observation) == []
    assert information(observation) == [
        (
            "Observation.meta.profile[0]",
            f"NOT CHECKED: {smoking}|6.1.0 is older than us-core-smokingstatus|7.0.0, which this server has.",
        )
    ]
    claimed = changed(observation, claiming(smoking + "|7.0.0"))
    assert {(one.code, one.expression) for one in validate(claimed)} == {
        ("required", "Observation.category"),
        ("required", "Observation.effective"),
    }


def test_a_required_value_set_that_is_not_at_hand_is_said() -> None:
    omb = (
        f"NOT CHECKED: {US_CORE.replace('StructureDefinition', 'ValueSet')}omb-race-category cannot be enumerated here."
    )
    assert ("Patient.extension[0].extension[0].valueCoding", omb) in information(PATIENT)


def test_profiles_are_held_against_resources_that_are_valid_otherwise() -> None:
    faults = validate(changed(PATIENT, {"gender": "F", "identifier": ...}))
    assert [(fault.code, fault.expression) for fault in faults] == [("code-invalid", "Patient.gender")]


def test_known_profiles_tell_their_versions() -> None:
    known = known_profiles()
    assert known[US_CORE + "us-core-patient"] == "5.0.1"
    assert known[CORE + "vitalsigns"] == "4.0.1"
    assert len(known) == 53
