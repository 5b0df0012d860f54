"""resource -> columns, type by type: nothing known, everything known, and what is odd but valid."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from ehr.lib import json
from ehr.record import projections

SNOMED, LOINC, RXNORM = "http://snomed.info/sct", "http://loinc.org", "http://www.nlm.nih.gov/research/umls/rxnorm"
KEYS = {"Patient/1": 11, "Encounter/2": 12, "Observation/3": 13, "Observation/4": 14, "Group/5": 15}


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def moment(name: str) -> dict[str, Any]:
    return {name: "", f"{name}_low": None, f"{name}_high": None}


ABOUT: dict[str, Any] = {"patient_id": None, "encounter_id": None}
CODED = {"code_system": "", "code": "", "display": ""}
EMPTY: dict[str, dict[str, Any]] = {
    "condition": {
        **ABOUT, **CODED, "clinical_status": "", "verification_status": "", "category": [], "severity_code": "",
        "severity_display": "", **moment("onset"), **moment("abatement"), **moment("recorded_date"),
    },
    "allergy_intolerance": {
        **ABOUT, **CODED, "clinical_status": "", "verification_status": "", "statement": "allergy", "type": "",
        "category": [], "criticality": "", "reaction": "", "severity": "", **moment("recorded_date"),
    },
    "observation": {
        **ABOUT, **CODED, "status": "", "category": [], **moment("effective"), "issued": None, "value_number": None,
        "value_comparator": "", "value_unit": "", "value_unit_code": "", "value_code_system": "", "value_code": "",
        "value_text": "", "data_absent_reason": "", "interpretation": "", "reference_low": None,
        "reference_high": None, "reference_text": "", "component_codes": [], "component_numbers": [],
        "component_texts": [], "component_units": [],
    },
    "procedure": {**ABOUT, **CODED, "status": "", "category_code": "", **moment("performed")},
    "immunization": {
        **ABOUT, **CODED, "status": "", **moment("occurrence"), "lot_number": "", "primary_source": None,
    },
    "medication_request": {
        **ABOUT, **CODED, "status": "", "status_reason": "", "intent": "", "category": [], "reported": False,
        "dose": "", "dose_number": None, "dose_unit": "", "route": "", "timing": "", "as_needed": False,
        "dosage_text": "", "requester_display": "", **moment("authored_on"),
    },
    "diagnostic_report": {
        **ABOUT, **CODED, "status": "", "category": [], **moment("effective"), "issued": None, "conclusion": "",
        "results": [],
    },
    "document_reference": {
        **ABOUT, "status": "", "doc_status": "", "category": [], "type_code": "", "type_display": "", "date": None,
        "period_start": "", "period_end": "", "period_low": None, "period_high": None, "author_display": "",
        "description": "", "title": "", "content_type": "", "url": "",
    },
}  # fmt: skip


def project(kind: str, resource: dict[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = getattr(projections, f"project_{kind}")(resource, KEYS)
    return columns


def changed(kind: str, resource: dict[str, Any]) -> dict[str, Any]:
    """The columns that differ from those of an empty resource."""
    return {name: value for name, value in project(kind, resource).items() if value != EMPTY[kind][name]}


def concept(system: str, code: str, display: str = "", text: str = "") -> dict[str, Any]:
    coding = {"system": system, "code": code} | ({"display": display} if display else {})
    return {"coding": [coding]} | ({"text": text} if text else {})


def number(value: str, unit: str, **more: Any) -> dict[str, Any]:
    return {"value": Decimal(value), "unit": unit, **more}


@pytest.mark.parametrize("kind", sorted(EMPTY))
def test_a_resource_that_says_nothing_has_empty_columns(kind: str) -> None:
    assert project(kind, {}) == EMPTY[kind]


POTASSIUM = {
    "status": "final",
    "category": [concept("urn:c", "laboratory"), {"coding": [{"code": "laboratory"}, {"code": "chemistry"}]}],
    "code": {
        "coding": [
            {"system": "urn:local", "code": "K"},
            {"system": LOINC, "code": "2823-3", "display": "Potassium in Serum"},
        ],
        "text": "Potassium",
    },
    "subject": {"reference": "Patient/1"},
    "encounter": {"reference": "Encounter/2"},
    "effectiveDateTime": "2026-11-22T07:52:00Z",
    "issued": "2026-11-22T08:31:00.250Z",
    "valueQuantity": number("6.10", "mmol/L", code="mmol/L", system="http://unitsofmeasure.org"),
    "interpretation": [concept("urn:i", "HH")],
    "referenceRange": [
        {"type": concept("urn:r", "treatment"), "low": number("9", "mmol/L")},
        {"low": number("3.5", "mmol/L"), "high": number("5.1", "mmol/L")},
    ],
}


def test_a_laboratory_result_with_everything() -> None:
    assert changed("observation", POTASSIUM) == {
        "patient_id": 11,
        "encounter_id": 12,
        "status": "final",
        "category": ["laboratory", "chemistry"],
        "code_system": LOINC,
        "code": "2823-3",
        "display": "Potassium",
        "effective": "2026-11-22T07:52:00Z",
        "effective_low": at(2026, 11, 22, 7, 52),
        "effective_high": at(2026, 11, 22, 7, 52, 1),
        "issued": at(2026, 11, 22, 8, 31, 0, 250_000),
        "value_number": Decimal("6.10"),
        "value_unit": "mmol/L",
        "value_unit_code": "mmol/L",
        "interpretation": "HH",
        "reference_low": Decimal("3.5"),
        "reference_high": Decimal("5.1"),
        "reference_text": "3.5–5.1 mmol/L",  # noqa: RUF001 - an en dash
    }


def test_a_number_keeps_the_digits_it_was_stated_in() -> None:
    stored = project("observation", json.decode(b'{"valueQuantity": {"value": 10435.00}}'))["value_number"]
    assert str(stored) == "10435.00"
    raw = project("observation", json.decode(b'{"valueQuantity": {"value": 1E5}}'))["value_number"]
    assert raw == Decimal(100_000)


@pytest.mark.parametrize(
    ("elements", "columns"),
    [
        ({"valueQuantity": number("0.1", "ng/mL", comparator="<")}, {
            "value_number": Decimal("0.1"), "value_comparator": "<", "value_unit": "ng/mL",
        }),
        ({"valueQuantity": {"value": 12, "code": "{beats}/min"}}, {
            "value_number": Decimal(12), "value_unit": "/min", "value_unit_code": "{beats}/min",
        }),
        ({"valueQuantity": {"value": 1, "code": "{INR}"}}, {"value_number": Decimal(1), "value_unit_code": "{INR}"}),
        ({"valueQuantity": {"value": Decimal("1E+999999")}}, {}),
        ({"valueQuantity": {"_value": {"extension": []}}}, {}),
        ({"valueInteger": 3}, {"value_number": Decimal(3)}),
        ({"valueString": "Growth of E. coli"}, {"value_text": "Growth of E. coli"}),
        ({"valueBoolean": False}, {"value_text": "false"}),
        ({"valueCodeableConcept": concept(SNOMED, "10828004", "Positive")}, {
            "value_code_system": SNOMED, "value_code": "10828004", "value_text": "Positive",
        }),
        ({"valueCodeableConcept": {"text": "Turbid"}}, {"value_text": "Turbid"}),
        ({"valueRange": {"low": number("1", "mg"), "high": number("2", "mg")}}, {"value_text": "1–2 mg"}),  # noqa: RUF001 - an en dash
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}}, {"value_text": "1 : 128"}),
        ({"valueTime": "08:30:00"}, {"value_text": "08:30:00"}),
        ({"valueDateTime": "2026-11"}, {"value_text": "2026-11"}),
        ({"valuePeriod": {"start": "2026"}}, {"value_text": "2026/"}),
        ({"valueSampledData": {"data": "1 2 3"}}, {}),
        ({"_valueString": {"extension": []}}, {}),
        ({"dataAbsentReason": concept("urn:d", "not-performed")}, {"data_absent_reason": "not-performed"}),
        ({"interpretation": [{"text": "High"}]}, {}),
        ({"referenceRange": [{"text": "negative"}]}, {"reference_text": "negative"}),
        ({"referenceRange": [{"high": number("5", "mg/L")}]}, {
            "reference_high": Decimal(5), "reference_text": "≤ 5 mg/L",
        }),
        ({"effectiveInstant": "2026-11-22T07:52:00Z"}, {
            "effective": "2026-11-22T07:52:00Z", "effective_low": at(2026, 11, 22, 7, 52),
            "effective_high": at(2026, 11, 22, 7, 52, 1),
        }),
        ({"effectivePeriod": {"start": "2026-11-20", "end": "2026-11-21"}}, {
            "effective": "2026-11-20", "effective_low": at(2026, 11, 20), "effective_high": at(2026, 11, 22),
        }),
        ({"effectivePeriod": {"end": "2026-11-21"}}, {"effective": "2026-11-21", "effective_high": at(2026, 11, 22)}),
        ({"effectiveTiming": {"event": ["2026-11-22", "2026-11-20"]}}, {
            "effective": "2026-11-20", "effective_low": at(2026, 11, 20), "effective_high": at(2026, 11, 23),
        }),
        ({"effectiveTiming": {"repeat": {"frequency": 1}}}, {}),
        ({"subject": {"reference": "Group/5"}}, {}),
        ({"code": concept(LOINC, "x" * 300)}, {"code_system": LOINC, "code": "x" * 255, "display": "x" * 300}),
        ({"component": [
            {"code": concept(LOINC, "8480-6"), "valueQuantity": number("118", "mmHg", code="mm[Hg]")},
            {"code": {"text": "Position"}, "valueString": "sitting"},
            {"code": concept(LOINC, "8462-4"), "dataAbsentReason": concept("urn:d", "unknown")},
        ]}, {
            "component_codes": ["8480-6", "", "8462-4"], "component_numbers": [Decimal(118), None, None],
            "component_texts": ["", "sitting", ""], "component_units": ["mmHg", "", ""],
        }),
    ],
)  # fmt: skip
def test_odd_observations(elements: dict[str, Any], columns: dict[str, Any]) -> None:
    assert changed("observation", elements) == columns


@pytest.mark.parametrize(
    ("elements", "columns"),
    [
        ({
            "subject": {"reference": "Patient/1"}, "encounter": {"reference": "Encounter/2"},
            "clinicalStatus": concept("urn:s", "active"), "verificationStatus": concept("urn:v", "confirmed"),
            "category": [concept("urn:c", "problem-list-item")], "severity": concept(SNOMED, "24484000", "Severe"),
            "code": {"coding": [
                {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "A41.51"},
                {"system": SNOMED, "code": "91302008", "display": "Sepsis"},
            ]},
            "onsetDateTime": "2026-11", "abatementDateTime": "2026-12-01", "recordedDate": "2026-11-20",
        }, {
            "patient_id": 11, "encounter_id": 12, "clinical_status": "active", "verification_status": "confirmed",
            "category": ["problem-list-item"], "code_system": SNOMED, "code": "91302008", "display": "Sepsis",
            "severity_code": "24484000", "severity_display": "Severe",
            "onset": "2026-11", "onset_low": at(2026, 11, 1), "onset_high": at(2026, 12, 1),
            "abatement": "2026-12-01", "abatement_low": at(2026, 12, 1), "abatement_high": at(2026, 12, 2),
            "recorded_date": "2026-11-20", "recorded_date_low": at(2026, 11, 20),
            "recorded_date_high": at(2026, 11, 21),
        }),
        ({"onsetAge": number("45", "years", code="a")}, {"onset": "45 years"}),
        ({"onsetAge": {"value": 6, "code": "mo"}}, {"onset": "6 months"}),
        ({"onsetRange": {"low": {"value": 40, "code": "a"}, "high": {"value": 45, "code": "a"}}}, {
            "onset": "40–45 years",  # noqa: RUF001 - an en dash
        }),
        ({"onsetString": "in childhood"}, {"onset": "in childhood"}),
        ({"abatementString": "after surgery"}, {"abatement": "after surgery"}),
        ({"code": {"coding": [{"display": "only words"}]}}, {"display": "only words"}),
    ],
)  # fmt: skip
def test_conditions(elements: dict[str, Any], columns: dict[str, Any]) -> None:
    assert changed("condition", elements) == columns


ABSENT_SYSTEM = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
ABSENT_URL = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


@pytest.mark.parametrize(
    ("elements", "columns"),
    [
        ({
            "patient": {"reference": "Patient/1"}, "clinicalStatus": concept("urn:s", "active"),
            "verificationStatus": concept("urn:v", "confirmed"), "type": "allergy", "category": ["medication", "food"],
            "criticality": "high", "code": concept(RXNORM, "7980", "penicillin G", text="penicillin"),
            "reaction": [
                {"manifestation": [concept(SNOMED, "271807003", "Rash")], "severity": "mild"},
                {"manifestation": [concept(SNOMED, "39579001", "Anaphylaxis"), {"text": "Rash"}], "severity": "severe"},
            ],
        }, {
            "patient_id": 11, "clinical_status": "active", "verification_status": "confirmed", "type": "allergy",
            "category": ["medication", "food"], "criticality": "high", "code_system": RXNORM, "code": "7980",
            "display": "penicillin", "reaction": "Rash, Anaphylaxis", "severity": "severe",
        }),
        ({"code": concept(SNOMED, "716186003", "No known allergy")}, {
            "statement": "none-known", "code_system": SNOMED, "code": "716186003", "display": "No known allergy",
        }),
        ({"code": concept("urn:local", "716186003")}, {
            "code_system": "urn:local", "code": "716186003", "display": "716186003",
        }),
        ({"code": concept(ABSENT_SYSTEM, "asked-unknown", text="Unable to obtain")}, {
            "statement": "unable", "code_system": ABSENT_SYSTEM, "code": "asked-unknown", "display": "Unable to obtain",
        }),
        ({"code": {"extension": [{"url": ABSENT_URL, "valueCode": "unknown"}]}}, {"statement": "unable"}),
        ({"code": {"text": "cat hair"}}, {"display": "cat hair"}),
    ],
)  # fmt: skip
def test_allergies(elements: dict[str, Any], columns: dict[str, Any]) -> None:
    assert changed("allergy_intolerance", elements) == columns


@pytest.mark.parametrize(
    ("kind", "elements", "columns"),
    [
        ("procedure", {
            "status": "completed", "subject": {"reference": "Patient/1"}, "category": concept(SNOMED, "387713003"),
            "code": concept(SNOMED, "40701008", "Echocardiography"),
            "performedPeriod": {"start": "2026-11-20T10:00:00Z"},
        }, {
            "status": "completed", "patient_id": 11, "category_code": "387713003", "code_system": SNOMED,
            "code": "40701008", "display": "Echocardiography", "performed": "2026-11-20T10:00:00Z",
            "performed_low": at(2026, 11, 20, 10),
        }),
        ("procedure", {"performedString": "last spring"}, {"performed": "last spring"}),
        ("procedure", {"performedAge": {"value": 7, "code": "a"}}, {"performed": "7 years"}),
        ("immunization", {
            "status": "completed", "patient": {"reference": "Patient/1"}, "encounter": {"reference": "Encounter/2"},
            "vaccineCode": {"coding": [
                {"system": "http://hl7.org/fhir/sid/ndc", "code": "1"},
                {"system": "http://hl7.org/fhir/sid/cvx", "code": "140"},
            ], "text": "Influenza"},
            "occurrenceDateTime": "2026-10-05", "lotNumber": "L7", "primarySource": False,
        }, {
            "status": "completed", "patient_id": 11, "encounter_id": 12, "code_system": "http://hl7.org/fhir/sid/cvx",
            "code": "140", "display": "Influenza", "occurrence": "2026-10-05", "occurrence_low": at(2026, 10, 5),
            "occurrence_high": at(2026, 10, 6), "lot_number": "L7", "primary_source": False,
        }),
        ("immunization", {"occurrenceString": "as a child"}, {"occurrence": "as a child"}),
        ("diagnostic_report", {
            "status": "final", "category": [concept("urn:c", "LAB")], "code": concept(LOINC, "24321-2", text="Renal"),
            "subject": {"reference": "Patient/1"}, "effectiveDateTime": "2026-11-22", "conclusion": "Rising potassium",
            "issued": "2026-11-22T08:31:00Z",
            "result": [{"reference": "Observation/4"}, {"reference": "Observation/3/_history/1"}, {"reference": "#x"}],
        }, {
            "status": "final", "category": ["LAB"], "code_system": LOINC, "code": "24321-2", "display": "Renal",
            "patient_id": 11, "effective": "2026-11-22", "effective_low": at(2026, 11, 22),
            "effective_high": at(2026, 11, 23), "issued": at(2026, 11, 22, 8, 31), "conclusion": "Rising potassium",
            "results": [14, 13],
        }),
        ("document_reference", {
            "status": "current", "docStatus": "final", "type": concept(LOINC, "11506-3", "Progress note"),
            "category": [concept("urn:c", "clinical-note")], "subject": {"reference": "Patient/1"},
            "date": "2026-11-21T16:20:00Z", "author": [{"display": "L. Sørensen, MD"}, {"display": "second"}],
            "description": "Day 3", "content": [{"attachment": {
                "contentType": "text/plain", "title": "Note", "url": "Binary/1",
            }}],
            "context": {
                "encounter": [{"reference": "EpisodeOfCare/1"}, {"reference": "Encounter/2"}],
                "period": {"start": "2026"},
            },
        }, {
            "status": "current", "doc_status": "final", "type_code": "11506-3", "type_display": "Progress note",
            "category": ["clinical-note"], "patient_id": 11, "encounter_id": 12, "date": at(2026, 11, 21, 16, 20),
            "author_display": "L. Sørensen, MD", "description": "Day 3", "content_type": "text/plain", "title": "Note",
            "url": "Binary/1", "period_start": "2026", "period_low": at(2026, 1, 1),
        }),
    ],
)  # fmt: skip
def test_the_other_types(kind: str, elements: dict[str, Any], columns: dict[str, Any]) -> None:
    assert changed(kind, elements) == columns
