"""Made-up patients and facts for benches: the same every time."""

import random
from collections.abc import Iterator
from typing import Any

FAMILIES = (
    "Adeyemi", "Brandt", "Castellanos", "Dvorak", "Eriksen", "Farouk", "Grabowski", "Haddad", "Ivanov", "Jurado",
    "Kowalczyk", "Lindqvist", "Moreau", "Nguyen", "Okafor", "Pereira", "Quispe", "Rossi", "Sato", "Tanaka", "Ueda",
    "Vargas", "Weber", "Yilmaz", "Zhang",
)  # fmt: skip
SYLLABLES = (
    "an",
    "bel",
    "cor",
    "da",
    "el",
    "fin",
    "ga",
    "hol",
    "is",
    "jo",
    "ka",
    "lor",
    "mi",
    "nor",
    "os",
    "pe",
    "ru",
    "sa",
    "ti",
    "vo",
)
GIVEN = (
    "Ada",
    "Bruno",
    "Chidi",
    "Dana",
    "Emil",
    "Fatima",
    "Goran",
    "Hana",
    "Ines",
    "Jan",
    "Kiri",
    "Lena",
    "Marek",
    "Nia",
    "Omar",
    "Petra",
)


def patients(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """FHIR Patients with an MRN, a phone and a spread of names wide enough that a name search finds few."""
    rng = random.Random(seed)  # noqa: S311 - reproducible data, not a secret
    for number in range(count):
        family = rng.choice(FAMILIES) if number % 8 == 0 else "".join(rng.sample(SYLLABLES, 3)).capitalize()
        yield {
            "resourceType": "Patient",
            "id": f"bench-{number}",
            "identifier": [
                {
                    "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]},
                    "system": "urn:oid:1.2.36.146.595.217.0.1",
                    "value": f"{70_000_000 + number}",
                }
            ],
            "name": [{"use": "official", "family": family, "given": [rng.choice(GIVEN)]}],
            "telecom": [{"system": "phone", "value": f"304-555-{number % 10_000:04d}"}],
            "gender": rng.choice(("female", "male")),
            "birthDate": f"{rng.randint(1930, 2024)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
        }


def observation(patient: str, value: float, encounter: str | None = None) -> dict[str, Any]:
    """A heart rate."""
    content: dict[str, Any] = {
        "resourceType": "Observation",
        "status": "final",
        "category": [
            {
                "coding": [
                    {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}
                ]
            }
        ],
        "code": {
            "coding": [{"system": "http://loinc.org", "code": "8867-4", "display": "Heart rate"}],
            "text": "Heart rate",
        },
        "subject": {"reference": patient},
        "effectiveDateTime": "2026-11-22T08:30:00Z",
        "valueQuantity": {"value": value, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"},
    }
    if encounter:
        content["encounter"] = {"reference": encounter}
    return content


def admission(patient: str) -> dict[str, Any]:
    """A transaction: an Encounter and four Observations that refer to it."""
    encounter = "urn:uuid:6f0c2a36-7b6b-4b9a-9d0e-0a5d3f5d7c11"
    resources = [
        {
            "resourceType": "Encounter",
            "status": "in-progress",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
            "subject": {"reference": patient},
            "period": {"start": "2026-11-22T08:00:00Z"},
        },
        *(observation(patient, 70 + number, encounter) for number in range(4)),
    ]
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "fullUrl": encounter if number == 0 else f"urn:uuid:6f0c2a36-7b6b-4b9a-9d0e-0a5d3f5d7d{number:02d}",
                "resource": resource,
                "request": {"method": "POST", "url": resource["resourceType"]},
            }
            for number, resource in enumerate(resources)
        ],
    }
