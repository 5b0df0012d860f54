"""MedicationRequest -> the parts of a medication line, as NHS Common User Interface asks for them."""

from decimal import Decimal
from typing import Any

import pytest

from ehr.record.projections import project_medication_request
from ehr.record.projections.dosage import ABBREVIATIONS, EVENTS, dose_words, timing_words

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


def line(**elements: Any) -> tuple[str, str, str, str, str, bool]:
    row = project_medication_request(elements, {})
    return row["code"], row["display"], row["dose"], row["route"], row["timing"], row["as_needed"]


def test_a_line_with_all_its_parts() -> None:
    assert line(
        medicationCodeableConcept={
            "coding": [{"system": RXNORM, "code": "161", "display": "Acetaminophen"}],
            "text": "acetaminophen",
        },
        dosageInstruction=[
            {
                "timing": {"repeat": {"frequency": 1, "period": 6, "periodUnit": "h"}},
                "asNeededBoolean": True,
                "route": {"text": "oral"},
                "doseAndRate": [{"doseQuantity": {"value": Decimal("650.0"), "unit": "mg"}}],
            }
        ],
    ) == ("161", "acetaminophen", "650 mg", "oral", "every 6 hours", True)


@pytest.mark.parametrize(
    ("elements", "code", "display"),
    [
        ({"medicationReference": {"reference": "#m"}, "contained": [
            {"resourceType": "Medication", "id": "other"},
            {"resourceType": "Medication", "id": "m", "code": {
                "coding": [{"system": RXNORM, "code": "1"}], "text": "cisplatin",
            }},
        ]}, "1", "cisplatin"),
        ({"medicationReference": {"reference": "#gone"}}, "", ""),
        ({"medicationReference": {"reference": "Medication/9", "display": "aspirin 81 mg"}}, "", "aspirin 81 mg"),
        ({"medicationReference": {"reference": "Medication/9"}}, "", ""),
        ({"medicationCodeableConcept": {"text": "a herb"}}, "", "a herb"),
    ],
)  # fmt: skip
def test_a_medication_is_coded_contained_or_referred_to(elements: dict[str, Any], code: str, display: str) -> None:
    assert line(**elements)[:2] == (code, display)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"doseQuantity": {"value": Decimal(5000), "unit": "units"}}, "5,000 units"),
        ({"doseQuantity": {"value": Decimal("0.50"), "unit": "mg"}}, "0.5 mg"),
        ({"doseQuantity": {"value": Decimal(100), "unit": "mg"}}, "100 mg"),
        ({"doseQuantity": {"value": Decimal("1.0")}}, "1"),
        ({"doseQuantity": {"value": 2, "code": "{tbl}"}}, "2"),
        ({"doseRange": {"low": {"value": 1}, "high": {"value": 2, "unit": "tablets"}}}, "1–2 tablets"),  # noqa: RUF001 - an en dash
        ({"doseRange": {"high": {"value": 2, "unit": "tablets"}}}, "2 tablets"),
        ({"rateQuantity": {"value": 75, "unit": "mL/hour"}}, "75 mL/hour"),
        ({"rateRange": {"low": {"value": 50}, "high": {"value": 75, "unit": "mL/hour"}}}, "50–75 mL/hour"),  # noqa: RUF001 - an en dash
        (
            {"rateRatio": {"numerator": {"value": 100, "unit": "mL"}, "denominator": {"value": 1, "unit": "h"}}},
            "100 mL per 1 h",
        ),
        ({"doseQuantity": {"value": 1, "unit": "g"}, "rateQuantity": {"value": 9, "unit": "mL/h"}}, "1 g"),
        ({}, ""),
    ],
)
def test_a_dose_has_no_trailing_zero_and_commas_in_thousands(given: dict[str, Any], words: str) -> None:
    assert dose_words({"doseAndRate": [given]}) == words


def every(frequency: Any, period: Any, unit: str, **more: Any) -> dict[str, Any]:
    return {"repeat": {"frequency": frequency, "period": period, "periodUnit": unit, **more}}


@pytest.mark.parametrize(
    ("timing", "words"),
    [
        (every(1, 12, "h"), "every 12 hours"),
        (every(1, Decimal("1.0"), "d"), "daily"),
        (every(2, 1, "d"), "twice daily"),
        (every(3, 1, "d"), "three times daily"),
        (every(5, 1, "d"), "5 times daily"),
        (every(1, 2, "d"), "every 2 days"),
        (every(1, 1, "h"), "every hour"),
        (every(1, 1, "wk"), "weekly"),
        (every(2, 1, "wk"), "twice weekly"),
        (every(1, 3, "mo"), "every 3 months"),
        (every(1, Decimal("1.5"), "h"), "every 1.5 hours"),
        (every(1, 1, "d", when=["HS"]), "daily at bedtime"),
        (every(1, 1, "d", timeOfDay=["08:00:00", "20:00:00"]), "daily at 08:00, 20:00"),
        (every(1, 1, "wk", dayOfWeek=["mon", "thu"]), "weekly on Mon, Thu"),
        ({"repeat": {"when": ["AC"]}}, "before meals"),
        ({"repeat": {"period": 8, "periodUnit": "h"}}, "every 8 hours"),
        ({"code": {"text": "with meals, by sliding scale"}}, "with meals, by sliding scale"),
        ({"code": {"coding": [{"code": "BID"}]}, **every(9, 9, "a")}, "twice daily"),
        ({"code": {"coding": [{"code": "XYZ", "display": "now and then"}]}}, "now and then"),
        ({"event": ["2026-11-22"]}, ""),
        ({"repeat": {"boundsPeriod": {"start": "2026"}}}, ""),
        ({}, ""),
    ],
)
def test_timing_in_words(timing: dict[str, Any], words: str) -> None:
    assert timing_words(timing) == words


def test_every_abbreviation_and_event_has_words() -> None:
    assert all(ABBREVIATIONS.values())
    assert all(EVENTS.values())
    assert timing_words({"repeat": {"when": list(EVENTS)}}) == ", ".join(EVENTS.values())


@pytest.mark.parametrize(
    ("elements", "column", "value"),
    [
        ({"reportedBoolean": True}, "reported", True),
        ({"reportedReference": {"reference": "Patient/1"}}, "reported", True),
        ({"dosageInstruction": [{"asNeededCodeableConcept": {"text": "pain"}}]}, "as_needed", True),
        ({"dosageInstruction": [{"asNeededBoolean": False}]}, "as_needed", False),
        ({"dosageInstruction": [{"text": "One now\n"}, {"text": "then two"}]}, "dosage_text", "One now; then two"),
        ({"statusReason": {"text": "Held: acute kidney injury"}}, "status_reason", "Held: acute kidney injury"),
        ({"requester": {"display": "L. Sørensen, MD"}}, "requester_display", "L. Sørensen, MD"),
    ],
)
def test_the_other_columns(elements: dict[str, Any], column: str, value: object) -> None:
    assert project_medication_request(elements, {})[column] == value
