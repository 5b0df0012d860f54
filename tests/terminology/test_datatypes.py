"""Coding and CodeableConcept to and from FHIR's JSON."""

from typing import Any

import pytest

from ehr.terminology.datatypes import CodeableConcept, Coding
from ehr.terminology.errors import InvalidDatatype

SEPSIS = {
    "coding": [
        {"system": "http://snomed.info/sct", "version": "20250901", "code": "91302008", "display": "Sepsis",
         "userSelected": False},
        {"code": "A41.9"},
    ],
    "text": "Sepsis",
}  # fmt: skip


@pytest.mark.parametrize("json", [SEPSIS, {}, {"text": "Sepsis"}])
def test_there_and_back(json: dict[str, Any]) -> None:
    assert CodeableConcept.from_json(json).to_json() == json


def test_the_code_in_a_system() -> None:
    concept = CodeableConcept.from_json(SEPSIS)
    assert (concept.code_in("http://snomed.info/sct"), concept.code_in("http://loinc.org")) == ("91302008", "")
    assert concept.coding[1] == Coding(code="A41.9")


@pytest.mark.parametrize(
    ("json", "message"),
    [
        ([], "CodeableConcept is not an object"),
        ({"coding": {}}, "CodeableConcept.coding is not a list"),
        ({"coding": ["x"]}, "Coding is not an object"),
        ({"text": 1}, "text is not text"),
        ({"coding": [{"userSelected": "true"}]}, "userSelected is not true or false"),
    ],
)
def test_what_is_not_the_datatype_is_refused(json: Any, message: str) -> None:
    with pytest.raises(InvalidDatatype) as caught:
        CodeableConcept.from_json(json)
    assert str(caught.value) == message
