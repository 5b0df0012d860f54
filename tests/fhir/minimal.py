"""The smallest valid resource of each type, made of what its definition demands."""

from decimal import Decimal
from typing import Any

from ehr.fhir.definitions import definitions, type_definition
from ehr.fhir.definitions.structures import Element

Json = dict[str, Any]

URI = "http://example.org/x"
SAMPLES: Json = {
    "base64Binary": "eA==",
    "boolean": True,
    "canonical": URI,
    "code": "x",
    "date": "2020-01-02",
    "dateTime": "2020-01-02",
    "decimal": Decimal(1),
    "id": "x",
    "instant": "2020-01-02T03:04:05Z",
    "integer": 1,
    "markdown": "x",
    "oid": "urn:oid:1.2",
    "positiveInt": 1,
    "string": "x",
    "time": "03:04:05",
    "unsignedInt": 1,
    "uri": URI,
    "url": URI,
    "uuid": "urn:uuid:6f0c2a36-7b6b-4b9a-9d0e-0a5d3f5d7c11",
    "xhtml": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>',
    "CodeableConcept": {"text": "x"},
    "Reference": {"display": "x"},
    "Resource": {"resourceType": "Basic", "code": {"text": "x"}},
}
# What invariants ask for beyond the elements' own cardinalities.
DEMANDED: dict[str, Json] = {
    "AllergyIntolerance": {
        "clinicalStatus": {
            "coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}
            ]
        }
    },
    "Appointment": {"status": "proposed"},
    "Appointment.participant": {"type": [{"text": "x"}]},
    "AppointmentResponse": {"participantType": [{"text": "x"}]},
    "CapabilityStatement": {"kind": "requirements", "description": "x", "rest": [{"mode": "server"}]},
    "Consent": {"policyRule": {"text": "x"}},
    "ImmunizationRecommendation.recommendation": {"targetDisease": {"text": "x"}},
    "InsurancePlan": {"name": "x"},
    "Linkage": {"item": [{"type": "source", "resource": {"display": "x"}}] * 2},
    "Organization": {"name": "x"},
    "StructureDefinition": {"type": "Basic", "differential": {"element": [{"path": "Basic", "id": "Basic"}]}},
    "TerminologyCapabilities": {"kind": "requirements", "description": "x"},
    "TriggerDefinition": {"type": "named-event", "name": "x"},
}


def minimal(type_: str) -> Json:
    """A resource of the type."""
    return {"resourceType": type_, **_members(type_)}


def _members(kind: str) -> Json:
    definition = type_definition(kind)
    assert definition is not None
    demanded = DEMANDED.get(kind, {})
    return {
        name: [_value(type_, element)] if element.many else _value(type_, element)
        for element in definition.elements
        for name, type_ in [next(iter(element.types.items()))]
        if element.minimum and element.name != "id" and name not in demanded
    } | demanded


def _value(kind: str, element: Element) -> Any:
    bound = definitions().value_sets.get((element.binding or "").partition("|")[0])
    if bound is not None and bound.codes and kind == "code":
        return min(code for codes in bound.codes.values() for code in codes)
    if kind == "code" and "mimetypes" in (element.binding or ""):
        return "text/plain"
    return SAMPLES[kind] if kind in SAMPLES else _members(kind) or {"id": "x"}
