"""resource -> columns, type by type: nothing known, everything known, and what is odd but valid."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ehr.administration import projections

DATA_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
CLASS = "http://terminology.hl7.org/CodeSystem/coverage-class"
MR = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


NO_PERIOD = {"period_start": "", "period_end": "", "period_low": None, "period_high": None}
EMPTY = {
    "patient": {
        "fhir_id": "", "active": True, "name": "", "family": "", "given": "", "prefix": "", "preferred_name": "",
        "birth_date": "", "birth_date_low": None, "birth_date_high": None, "gender": "",
        "deceased": False, "deceased_date": "", "deceased_date_low": None, "deceased_date_high": None,
        "mrn": "", "phone": "", "phone_digits": "", "address": "", "search_text": "",
    },
    "practitioner": {"fhir_id": "", "active": True, "name": "", "family": "", "given": "", "npi": ""},
    "practitioner_role": {
        "active": True, "practitioner_id": None, "organization_id": None, "code": "", "display": "",
        "specialty_code": "", "specialty_display": "", **NO_PERIOD,
    },
    "organization": {
        "fhir_id": "", "active": True, "name": "", "type_code": "", "type_display": "", "npi": "", "part_of_id": None,
    },
    "location": {
        "fhir_id": "", "status": "", "name": "", "type_code": "", "type_display": "", "physical_type": "",
        "part_of_id": None, "managing_organization_id": None,
    },
    "encounter": {
        "fhir_id": "", "status": "", "class_code": "", "type_code": "", "type_display": "", "patient_id": None,
        **NO_PERIOD, "reason_text": "", "service_provider_id": None, "location_id": None, "location_display": "",
        "attending_id": None, "attending_display": "",
    },
    "coverage": {
        "status": "", "beneficiary_id": None, "payor_id": None, "payor_display": "", "type_code": "",
        "type_display": "", "subscriber_id": "", "plan_name": "", "position": None, **NO_PERIOD,
    },
}  # fmt: skip


def project(kind: str, resource: dict[str, Any], keys: dict[str, int] | None = None) -> dict[str, Any]:
    columns: dict[str, Any] = getattr(projections, f"project_{kind}")(resource, keys or {})
    return columns


def changed(kind: str, resource: dict[str, Any], keys: dict[str, int] | None = None) -> dict[str, Any]:
    """The columns that differ from those of an empty resource."""
    return {name: value for name, value in project(kind, resource, keys).items() if value != EMPTY[kind][name]}


@pytest.mark.parametrize("kind", sorted(EMPTY))
def test_a_resource_that_says_nothing_has_empty_columns(kind: str) -> None:
    assert project(kind, {}) == EMPTY[kind]


OKAFOR = {
    "resourceType": "Patient",
    "id": "p1",
    "active": True,
    "identifier": [
        {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-12-3456"},
        {"type": MR, "use": "old", "value": "0001"},
        {"type": MR, "value": "4820 1173"},
    ],
    "name": [
        {"use": "maiden", "family": "Eze", "given": ["Margaret"]},
        {"use": "nickname", "given": ["Maggie"]},
        {"use": "official", "family": "Okafor", "given": ["Margaret", "Adaeze"], "prefix": ["Ms"]},
    ],
    "telecom": [
        {"system": "email", "value": "m@example.org"},
        {"system": "phone", "value": "(304) 555-0117", "rank": 2},
        {"system": "sms", "value": "+1 681 555 0199", "rank": 1},
    ],
    "gender": "female",
    "birthDate": "1957-03-14",
    "deceasedDateTime": "2026-11",
    "address": [
        {"use": "work", "text": "400 River Road"},
        {
            "use": "home",
            "line": ["1218 Juliana Street", "Apt 2"],
            "city": "Parkersburg",
            "state": "WV",
            "postalCode": "26101",
        },
    ],
}


def test_a_patient_with_everything() -> None:
    assert project("patient", OKAFOR) == {
        "fhir_id": "p1",
        "active": True,
        "name": "OKAFOR, Margaret Adaeze",
        "family": "Okafor",
        "given": "Margaret Adaeze",
        "prefix": "Ms",
        "preferred_name": "Maggie",
        "birth_date": "1957-03-14",
        "birth_date_low": at(1957, 3, 14),
        "birth_date_high": at(1957, 3, 15),
        "gender": "female",
        "deceased": True,
        "deceased_date": "2026-11",
        "deceased_date_low": at(2026, 11, 1),
        "deceased_date_high": at(2026, 12, 1),
        "mrn": "4820 1173",
        "phone": "+1 681 555 0199",
        "phone_digits": "16815550199",
        "address": "1218 Juliana Street, Apt 2, Parkersburg, WV 26101",
        "search_text": (
            " eze margaret maggie okafor adaeze 999123456 999 12 3456 0001 48201173 4820 1173 1957-03-14 19570314"
            " 3045550117 5550117 0117 16815550199 6815550199 5550199 0199"
        ),
    }


@pytest.mark.parametrize(
    ("elements", "columns"),
    [
        ({"active": False}, {"active": False}),
        ({"_active": {"extension": []}}, {}),
        ({"deceasedBoolean": True}, {"deceased": True}),
        ({"deceasedBoolean": False}, {}),
        ({"birthDate": "1938"}, {
            "birth_date": "1938", "birth_date_low": at(1938, 1, 1), "birth_date_high": at(1939, 1, 1),
            "search_text": " 1938",
        }),
        ({"_birthDate": {"extension": [{"url": DATA_ABSENT, "valueCode": "unknown"}]}}, {}),
        ({"name": [{"text": "Sitting Bull"}]}, {"name": "Sitting Bull", "search_text": " sitting bull"}),
        ({"name": [{"family": "Cher"}]}, {"name": "CHER", "family": "Cher", "search_text": " cher"}),
        ({"name": [{"given": ["Baby"]}]}, {"name": "Baby", "given": "Baby", "search_text": " baby"}),
        ({"name": [{"given": [None, "Lee"], "_given": [{"id": "x"}, None]}]}, {
            "name": "Lee", "given": "Lee", "search_text": " lee",
        }),
        ({"name": [{"use": "old", "family": "Lund"}]}, {"name": "LUND", "family": "Lund", "search_text": " lund"}),
        ({"name": [
            {"use": "usual", "given": ["Ben"], "family": "Ek"},
            {"use": "official", "given": ["Benedict"], "family": "Ek"},
        ]}, {
            "name": "EK, Benedict", "family": "Ek", "given": "Benedict", "preferred_name": "Ben",
            "search_text": " ek ben benedict",
        }),
        ({"identifier": [{"use": "usual", "value": "U-7"}]}, {"mrn": "U-7", "search_text": " u7 u 7"}),
        ({"identifier": [{"value": "X9"}]}, {"search_text": " x9"}),
        ({"identifier": [{"type": MR, "system": "urn:x"}]}, {}),
        ({"telecom": [{"system": "fax", "value": "304 555 0000"}, {"value": "no system"}]}, {}),
        ({"telecom": [{"system": "phone", "use": "old", "value": "304 555 0000"}]}, {
            "search_text": " 3045550000 5550000 0000",
        }),
        ({"address": [{"text": "Somewhere else"}]}, {"address": "Somewhere else"}),
        ({"address": [{"_line": [{"id": "x"}], "city": "Elizabeth", "country": "US"}]}, {"address": "Elizabeth, US"}),
    ],
)  # fmt: skip
def test_odd_patients(elements: dict[str, Any], columns: dict[str, Any]) -> None:
    assert changed("patient", elements) == columns


KEYS = {"Patient/1": 11, "Practitioner/2": 12, "Organization/3": 13, "Location/4": 14, "Location/5": 15, "Group/6": 16}
ATTENDER = [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "ATND"}]}]


def ref(reference: str, display: str = "") -> dict[str, str]:
    return {"reference": reference} | ({"display": display} if display else {})


def test_an_encounter_with_everything() -> None:
    assert project(
        "encounter",
        {
            "id": "e1",
            "status": "in-progress",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
            "type": [
                {"coding": [{"system": "http://snomed.info/sct", "code": "32485007", "display": "Hospital admission"}]}
            ],
            "subject": ref("Patient/1"),
            "period": {"start": "2026-11-19T04:00:00-05:00"},
            "reasonCode": [{"text": "Sepsis"}, {"coding": [{"code": "36689008", "display": "Pyelonephritis"}]}],
            "serviceProvider": ref("Organization/3"),
            "participant": [
                {"individual": ref("Practitioner/9", "Someone else")},
                {"type": ATTENDER, "individual": ref("Practitioner/2", "L. Sørensen, MD")},
            ],
            "location": [
                {"location": ref("Location/5", "Emergency 7"), "status": "completed"},
                {"location": ref("Location/4", "6 West B04"), "status": "active"},
                {"location": ref("Location/5", "Rehab"), "status": "planned"},
            ],
        },
        KEYS,
    ) == {
        "fhir_id": "e1",
        "status": "in-progress",
        "class_code": "IMP",
        "type_code": "32485007",
        "type_display": "Hospital admission",
        "patient_id": 11,
        "period_start": "2026-11-19T04:00:00-05:00",
        "period_end": "",
        "period_low": at(2026, 11, 19, 9),
        "period_high": None,
        "reason_text": "Sepsis, Pyelonephritis",
        "service_provider_id": 13,
        "location_id": 14,
        "location_display": "6 West B04",
        "attending_id": 12,
        "attending_display": "L. Sørensen, MD",
    }


@pytest.mark.parametrize(
    ("elements", "columns"),
    [
        ({"subject": ref("Patient/1/_history/2")}, {"patient_id": 11}),
        ({"subject": ref("Group/6")}, {}),
        ({"subject": ref("https://elsewhere.example/Patient/1")}, {}),
        ({"subject": ref("#p"), "contained": [{"resourceType": "Patient", "id": "p"}]}, {}),
        ({"subject": ref("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0")}, {}),
        ({"subject": {"identifier": {"value": "x"}, "display": "Logical"}}, {}),
        (
            {"location": [{"location": ref("Location/5", "Bed 1")}, {"location": ref("Location/4")}]},
            {"location_id": 14},
        ),
        ({"location": [{"location": ref("Location/5"), "status": "planned"}]}, {}),
        (
            {"participant": [{"individual": ref("PractitionerRole/8", "Ward doctor")}]},
            {"attending_display": "Ward doctor"},
        ),
        ({"participant": [{"type": ATTENDER}, {"individual": ref("Practitioner/2")}]}, {"attending_id": 12}),
        ({"reasonReference": [ref("Condition/7", "Sepsis")]}, {"reason_text": "Sepsis"}),
        ({"period": {"end": "2026-11"}}, {"period_end": "2026-11", "period_high": at(2026, 12, 1)}),
    ],
)
def test_odd_encounters(elements: dict[str, Any], columns: dict[str, Any]) -> None:
    assert changed("encounter", elements, KEYS) == columns


@pytest.mark.parametrize(
    ("kind", "resource", "columns"),
    [
        ("practitioner", {
            "id": "2", "active": False,
            "name": [{"family": "Sørensen", "given": ["Liv", "Marie"], "suffix": ["MD", "PhD"]}],
            "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1003000126"}],
        }, {
            "fhir_id": "2", "active": False, "name": "L. Sørensen, MD, PhD", "family": "Sørensen",
            "given": "Liv Marie", "npi": "1003000126",
        }),
        ("practitioner", {"name": [{"text": "Dr. Who"}]}, {"name": "Dr. Who"}),
        ("practitioner", {"name": [{"family": "Menon"}]}, {"name": "Menon", "family": "Menon"}),
        ("practitioner_role", {
            "active": True, "practitioner": ref("Practitioner/2"), "organization": ref("Organization/3"),
            "code": [{"coding": [{"system": "http://snomed.info/sct", "code": "309343006", "display": "Physician"}]}],
            "specialty": [{"coding": [{"code": "394589003"}], "text": "Nephrology"}], "period": {"start": "2020"},
        }, {
            "practitioner_id": 12, "organization_id": 13, "code": "309343006", "display": "Physician",
            "specialty_code": "394589003", "specialty_display": "Nephrology",
            "period_start": "2020", "period_low": at(2020, 1, 1),
        }),
        ("organization", {
            "id": "3", "name": "Parkersburg General", "partOf": ref("Organization/3"),
            "type": [{"coding": [{"code": "prov", "display": "Healthcare Provider"}]}, {"text": "other"}],
            "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1"}],
        }, {
            "fhir_id": "3", "name": "Parkersburg General", "type_code": "prov", "type_display": "Healthcare Provider",
            "npi": "1", "part_of_id": 13,
        }),
        ("location", {
            "id": "4", "status": "active", "name": "6 West B04", "partOf": ref("Location/5"),
            "physicalType": {"coding": [
                {"system": "urn:local", "code": "x"},
                {"system": "http://terminology.hl7.org/CodeSystem/location-physical-type", "code": "bd"},
            ]},
            "type": [{"text": "Medical ward"}], "managingOrganization": ref("Organization/3"),
        }, {
            "fhir_id": "4", "status": "active", "name": "6 West B04", "type_display": "Medical ward",
            "physical_type": "bd", "part_of_id": 15, "managing_organization_id": 13,
        }),
        ("coverage", {
            "status": "active", "beneficiary": ref("Patient/1"), "payor": [ref("Organization/3", "Acme")],
            "type": {"coding": [{"code": "PPO"}]}, "subscriberId": "S1", "order": 1, "period": {"start": "2026-01-01"},
            "class": [
                {"type": {"coding": [{"system": CLASS, "code": "group"}]}, "value": "G"},
                {"type": {"coding": [{"system": CLASS, "code": "plan"}]}, "value": "P1", "name": "Gold"},
            ],
        }, {
            "status": "active", "beneficiary_id": 11, "payor_id": 13, "payor_display": "Acme", "type_code": "PPO",
            "type_display": "PPO", "subscriber_id": "S1", "plan_name": "Gold", "position": 1,
            "period_start": "2026-01-01", "period_low": at(2026, 1, 1),
        }),
        ("coverage", {"payor": [ref("Patient/1", "Herself")], "order": 99_999_999_999}, {"payor_display": "Herself"}),
    ],
)  # fmt: skip
def test_the_other_types(kind: str, resource: dict[str, Any], columns: dict[str, Any]) -> None:
    assert changed(kind, resource, KEYS) == columns
