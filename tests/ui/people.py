"""Made-up patients for tests of pages, as FHIR resources. Names and values are invented."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

NOW = datetime(2026, 11, 22, 8, 42, tzinfo=UTC)
SNOMED, LOINC, RXNORM, CVX = (
    "http://snomed.info/sct",
    "http://loinc.org",
    "http://www.nlm.nih.gov/research/umls/rxnorm",
    "http://hl7.org/fhir/sid/cvx",
)
Json = dict[str, Any]


def concept(text: str, code: str = "", system: str = SNOMED) -> Json:
    return {"text": text} | ({"coding": [{"system": system, "code": code, "display": text}]} if code else {})


def patient(id_: str, family: str, given: str, *, born: str = "", mrn: str = "", **more: Any) -> Json:
    """A Patient. `mrn` becomes an identifier of type MR, `born` the birth date; `more` are elements of its own."""
    identifier = {
        "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]},
        "value": mrn,
    }
    return (
        {"resourceType": "Patient", "id": id_, "active": True, "name": [{"family": family, "given": given.split()}]}
        | ({"birthDate": born} if born else {})
        | ({"identifier": [identifier]} if mrn else {})
        | more
    )


def about(kind: str, id_: str, patient_id: str, **elements: Any) -> Json:
    """A resource of any type about a patient, with `subject` or `patient` set as the type has it."""
    element = "patient" if kind in ("AllergyIntolerance", "Immunization") else "subject"
    return {"resourceType": kind, "id": id_, element: {"reference": f"Patient/{patient_id}"}, **elements}


def lab(id_: str, patient_id: str, code: str, name: str, at: datetime, value: Any, unit: str = "", **more: Any) -> Json:
    """A final laboratory Observation: a number with a unit, or a word."""
    stated = {"valueQuantity": {"value": value, "unit": unit}} if not isinstance(value, str) else {"valueString": value}
    return about(
        "Observation",
        id_,
        patient_id,
        status="final",
        category=[{"coding": [{"code": "laboratory"}]}],
        code=concept(name, code, LOINC),
        effectiveDateTime=at.isoformat(),
        **stated,
        **more,
    )


def vital(id_: str, patient_id: str, code: str, name: str, at: datetime, **value: Any) -> Json:
    return about(
        "Observation",
        id_,
        patient_id,
        status="final",
        category=[{"coding": [{"code": "vital-signs"}]}],
        code=concept(name, code, LOINC),
        effectiveDateTime=at.isoformat(),
        **value,
    )


def interpreted(code: str) -> Json:
    return {"interpretation": [{"coding": [{"code": code}]}]}


def range_of(low: float | None, high: float | None) -> Json:
    ends = {"low": low, "high": high}
    return {
        "referenceRange": [{end: {"value": Decimal(str(value))} for end, value in ends.items() if value is not None}]
    }


DRAWS = [
    timedelta(hours=hours, minutes=minutes)
    for hours, minutes in ((74, 32), (62, 37), (50, 40), (39, 2), (26, 27), (14, 22), (0, 50))
]
LABS: list[tuple[str, str, str, float | None, float | None, list[Any]]] = [
    ("2823-3", "Potassium", "mmol/L", 3.5, 5.1, [4.6, 4.8, "5.0", 5.2, 5.3, 5.6, 6.1]),
    ("2160-0", "Creatinine", "mg/dL", 0.55, 1.02, [1.42, 1.68, "2.10", 2.38, 2.31, 2.04, 1.86]),
    ("3094-0", "Urea nitrogen", "mg/dL", 8, 23, [28, 33, 41, 46, 44, 39, 36]),
    ("2951-2", "Sodium", "mmol/L", 136, 145, [133, 134, 135, 136, 137, 137, 138]),
    ("1963-8", "Bicarbonate", "mmol/L", 22, 29, [17, 18, 19, 20, 21, 22, 22]),
    ("2345-7", "Glucose", "mg/dL", 74, 106, [241, 198, 176, 162, 188, 151, 143]),
    ("6690-2", "White cells", "10³/µL", 4, 10, [19.8, 18.2, 15.1, 13.4, 11.9, None, 10.4]),
    ("718-7", "Hemoglobin", "g/dL", 11.7, 15.7, [10.9, 10.6, 10.1, 9.9, 9.8, None, 9.2]),
    ("777-3", "Platelets", "10³/µL", 150, 400, [138, 129, 131, 146, 162, None, 188]),
    ("1988-5", "C-reactive protein", "mg/L", 0, 5, [286, None, 214, None, 142, None, 88]),
    ("2524-7", "Lactate", "mmol/L", 0.5, 2, [4.1, 2.9, 1.8, 1.4, None, None, 1.1]),
]
CRITICAL = {("2823-3", 6): "HH", ("2524-7", 0): "HH"}
VITALS: list[tuple[str, str, str, list[Any]]] = [
    ("8310-5", "Body temperature", "Cel", [38.9, 38.6, 38.1, 37.8, 37.6, 37.4]),
    ("8867-4", "Heart rate", "/min", [118, 112, 106, 101, 98, 96]),
    ("9279-1", "Respiratory rate", "/min", [26, 24, 22, 20, 19, 18]),
    ("59408-5", "Oxygen saturation", "%", [91, 92, 94, 95, 95, 96]),
    ("29463-7", "Body weight", "kg", [71.4]),
]
MEDICATIONS = [
    ("Trimethoprim + sulfamethoxazole", "160 mg + 800 mg", "oral", "every 12 hours", "active", ""),
    ("Sodium chloride 0.9%", "75 mL/hour", "intravenous", "continuous", "active", ""),
    ("Insulin glargine [Lantus]", "14 units", "subcutaneous", "at bedtime", "active", ""),
    ("Heparin", "5,000 units", "subcutaneous", "every 8 hours", "active", ""),
    ("Acetaminophen", "650 mg", "oral", "every 6 hours if needed", "active", ""),
    ("Lisinopril", "10 mg", "oral", "daily", "on-hold", "Held: acute kidney injury"),
    ("metFORMIN", "500 mg", "oral", "twice daily", "on-hold", "Held: eGFR 29"),
]


def margaret(id_: str = "okafor", now: datetime = NOW) -> list[Json]:
    """Margaret Okafor, an inpatient with sepsis and kidney injury: a chart as full as a chart usually is."""
    return [
        patient(
            id_,
            "Okafor",
            "Margaret Adaeze",
            born="1957-03-14",
            mrn="48201173",
            gender="female",
            telecom=[{"system": "phone", "value": "(304) 555-0147"}],
        ),
        about(
            "Encounter",
            f"{id_}-stay",
            id_,
            status="in-progress",
            **{"class": {"code": "IMP"}},
            period={"start": (now - timedelta(days=3, hours=3)).isoformat()},
            reasonCode=[concept("Pyelonephritis with sepsis")],
            location=[{"location": {"display": "6 West B04"}}],
        ),
        about(
            "Encounter",
            f"{id_}-visit",
            id_,
            status="finished",
            **{"class": {"code": "AMB"}},
            period={"start": "2026-08-03T09:00:00+00:00", "end": "2026-08-03T09:30:00+00:00"},
            reasonCode=[concept("Diabetes review")],
        ),
        *_problems(id_),
        *_allergies(id_),
        *_labs(id_, now),
        *_vitals(id_, now),
        *_medications(id_, now),
        about(
            "Immunization",
            f"{id_}-flu",
            id_,
            status="completed",
            vaccineCode=concept("Influenza, seasonal", "140", CVX),
            occurrenceDateTime="2026-10-02",
        ),
        about(
            "Immunization",
            f"{id_}-covid",
            id_,
            status="completed",
            vaccineCode=concept("COVID-19, mRNA", "229", CVX),
            occurrenceDateTime="2025-11",
        ),
    ]


def clinical(status: str) -> Json:
    return {"clinicalStatus": {"coding": [{"code": status}]}, "verificationStatus": {"coding": [{"code": "confirmed"}]}}


def _problems(id_: str) -> Iterator[Json]:
    listed = (
        ("Sepsis, urinary source", "2026-11-19", "active"),
        ("Acute kidney injury", "2026-11-19", "active"),
        ("Hyperkalemia", "2026-11-21", "active"),
        ("Type 2 diabetes", "2011", "active"),
        ("Hypertension (disorder)", "2009-05", "active"),
        ("Pneumonia", "2019-02", "resolved"),
    )
    for number, (name, onset, status) in enumerate(listed):
        yield about(
            "Condition",
            f"{id_}-problem-{number}",
            id_,
            code=concept(name, str(number)),
            onsetDateTime=onset,
            **clinical(status),
        )


def _allergies(id_: str) -> Iterator[Json]:
    for name, reaction, severity in (("Penicillin", "anaphylaxis", "severe"), ("Latex", "rash", "mild")):
        reactions = [{"manifestation": [concept(reaction)], "severity": severity}]
        yield about(
            "AllergyIntolerance",
            f"{id_}-{name.lower()}",
            id_,
            code=concept(name, name),
            reaction=reactions,
            **clinical("active"),
        )


def _labs(id_: str, now: datetime) -> Iterator[Json]:
    for code, name, unit, low, high, values in LABS:
        for column, (ago, value) in enumerate(zip(DRAWS, values, strict=True)):
            if value is not None:
                more = range_of(low, high) | (interpreted(CRITICAL[code, column]) if (code, column) in CRITICAL else {})
                yield lab(f"{id_}-{code}-{column}", id_, code, name, now - ago, Decimal(str(value)), unit, **more)


def _vitals(id_: str, now: datetime) -> Iterator[Json]:
    for code, name, unit, values in VITALS:
        for number, value in enumerate(values):
            at = now - timedelta(hours=4 * (len(values) - 1 - number), minutes=12)
            quantity = {"value": Decimal(str(value)), "unit": unit, "code": unit}
            yield vital(f"{id_}-{code}-{number}", id_, code, name, at, valueQuantity=quantity)
    for number, (systolic, diastolic) in enumerate(((92, 50), (98, 54), (104, 58), (110, 60), (114, 62), (118, 64))):
        parts = [("8480-6", systolic), ("8462-4", diastolic)]
        components = [
            {"code": concept("", c, LOINC), "valueQuantity": {"value": v, "unit": "mm[Hg]", "code": "mm[Hg]"}}
            for c, v in parts
        ]
        at = now - timedelta(hours=4 * (5 - number), minutes=12)
        yield vital(f"{id_}-bp-{number}", id_, "85354-9", "Blood pressure", at, component=components)


def _medications(id_: str, now: datetime) -> Iterator[Json]:
    for number, (name, dose, route, timing, status, reason) in enumerate(MEDICATIONS):
        amount, _, unit = dose.partition(" ")
        quantity = {"value": Decimal(amount.replace(",", "")), "unit": unit}
        dosage = {"text": f"{dose} {route} {timing}", "route": concept(route), "timing": {"code": {"text": timing}}}
        yield about(
            "MedicationRequest",
            f"{id_}-medication-{number}",
            id_,
            status=status,
            intent="order",
            medicationCodeableConcept=concept(name, str(number), RXNORM),
            authoredOn=(now - timedelta(days=3)).date().isoformat(),
            dosageInstruction=[dosage | {"doseAndRate": [{"doseQuantity": quantity}]}],
            **({"statusReason": {"text": reason}} if reason else {}),
        )
