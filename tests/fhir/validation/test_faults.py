"""What validation refuses, each with its code and its place; the same resource without the change is valid."""

from decimal import Decimal
from typing import Any

import pytest

from ehr.fhir.validation import validate
from ehr.lib.json import decode

Content = dict[str, Any]
XHTML = "http://www.w3.org/1999/xhtml"
UNIT = {"system": "http://unitsofmeasure.org", "code": "kg"}


def coded(system: str, code: str) -> Content:
    return {"coding": [{"system": system, "code": code}]}


VALID: dict[str, Content] = {
    "Patient": {
        "resourceType": "Patient",
        "id": "p1",
        "text": {"status": "generated", "div": f'<div xmlns="{XHTML}"><p>Ada <b>Okafor</b></p></div>'},
        "identifier": [{"system": "urn:oid:1.2.3", "value": "7"}],
        "active": True,
        "name": [{"family": "Okafor", "given": ["Ada"]}],
        "telecom": [{"system": "phone", "value": "555"}],
        "gender": "female",
        "birthDate": "1957-03-14",
        "contact": [{"name": {"text": "Ngozi"}}],
        "communication": [{"language": {"text": "Igbo"}}],
    },
    "Observation": {
        "resourceType": "Observation",
        "status": "final",
        "code": coded("http://loinc.org", "29463-7"),
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2026-11-22T08:42:00Z",
        "valueQuantity": {"value": Decimal("70.50"), "unit": "kg", **UNIT},
        "component": [{"code": {"text": "a part"}}],
    },
    "Condition": {
        "resourceType": "Condition",
        "clinicalStatus": coded("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
        "code": {"text": "Cough"},
        "subject": {"reference": "Patient/p1"},
    },
    "MedicationRequest": {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "contained": [{"resourceType": "Medication", "id": "med", "code": {"text": "Aspirin"}}],
        "medicationReference": {"reference": "#med"},
        "subject": {"reference": "Patient/p1"},
        "dosageInstruction": [{"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}],
    },
    "Bundle": {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "fullUrl": "urn:uuid:0e6bd0e0-5f6b-4f2b-8d5c-0a4c0d5f2f11",
                "resource": {"resourceType": "Patient"},
                "request": {"method": "POST", "url": "Patient"},
            }
        ],
    },
}

BAD: list[tuple[str, Content, str, str]] = [
    # names and shapes
    ("Patient", {"resourceType": "Patent"}, "not-supported", "resourceType"),
    ("Patient", {"resourceType": "DomainResource"}, "not-supported", "resourceType"),
    ("Patient", {"nickname": "A"}, "structure", "Patient.nickname"),
    ("Patient", {"_nickname": {"id": "a"}}, "structure", "Patient._nickname"),
    ("Patient", {"_name": [{"id": "a"}]}, "structure", "Patient._name"),
    ("Patient", {"name": [{"family": "O", "resourceType": "HumanName"}]}, "structure", "Patient.name[0].resourceType"),
    ("Patient", {"name": {"family": "O"}}, "structure", "Patient.name"),
    ("Patient", {"name": ["Ada"]}, "structure", "Patient.name[0]"),
    ("Patient", {"name": [{"family": ["O"]}]}, "structure", "Patient.name[0].family"),
    ("Patient", {"name": [{"given": "Ada"}]}, "structure", "Patient.name[0].given"),
    ("Patient", {"name": []}, "structure", "Patient.name"),
    ("Patient", {"name": [{}]}, "structure", "Patient.name[0]"),
    ("Patient", {"name": None}, "structure", "Patient.name"),
    ("Patient", {"maritalStatus": []}, "structure", "Patient.maritalStatus"),
    ("Patient", {"maritalStatus": "M"}, "structure", "Patient.maritalStatus"),
    ("Patient", {"gender": {"value": "female"}}, "value", "Patient.gender"),
    ("Patient", {"gender": None}, "value", "Patient.gender"),
    ("Observation", {"component": [{"code": {"text": "a"}, "subject": {}}]}, "structure", "Observation.component[0].subject"),
    # primitives
    ("Patient", {"id": "a b"}, "value", "Patient.id"),
    ("Patient", {"id": "a" * 65}, "value", "Patient.id"),
    ("Patient", {"id": 7}, "value", "Patient.id"),
    ("Patient", {"active": "true"}, "value", "Patient.active"),
    ("Patient", {"active": 1}, "value", "Patient.active"),
    ("Patient", {"name": [{"family": ""}]}, "value", "Patient.name[0].family"),
    ("Patient", {"name": [{"family": " \t"}]}, "value", "Patient.name[0].family"),
    ("Patient", {"name": [{"family": 5}]}, "value", "Patient.name[0].family"),
    ("Patient", {"name": [{"family": "O\x00"}]}, "value", "Patient.name[0].family"),
    ("Patient", {"name": [{"given": ["Ada", 5]}]}, "value", "Patient.name[0].given[1]"),
    ("Patient", {"name": [{"family": "x" * (1024 * 1024 + 1)}]}, "value", "Patient.name[0].family"),
    ("Patient", {"birthDate": "1957-02-30"}, "value", "Patient.birthDate"),
    ("Patient", {"birthDate": "2025-02-29"}, "value", "Patient.birthDate"),
    ("Patient", {"birthDate": "1957-13"}, "value", "Patient.birthDate"),
    ("Patient", {"birthDate": "0000"}, "value", "Patient.birthDate"),
    ("Patient", {"birthDate": "14.03.1957"}, "value", "Patient.birthDate"),
    ("Patient", {"birthDate": "1957-03-14T00:00:00Z"}, "value", "Patient.birthDate"),
    ("Patient", {"birthDate": "1957-3-14"}, "value", "Patient.birthDate"),
    ("Patient", {"birthDate": "\u0661\u0669\u0665\u0667"}, "value", "Patient.birthDate"),
    ("Patient", {"deceasedDateTime": "2026-01-01T10:00:00"}, "value", "Patient.deceasedDateTime"),
    ("Patient", {"deceasedDateTime": "2026-01-01T10:00Z"}, "value", "Patient.deceasedDateTime"),
    ("Patient", {"deceasedDateTime": "2026-01-01T24:00:00Z"}, "value", "Patient.deceasedDateTime"),
    ("Patient", {"deceasedDateTime": "2026-01-01T10:00:61Z"}, "value", "Patient.deceasedDateTime"),
    ("Patient", {"deceasedDateTime": "2026-01-01T10:00:00+14:30"}, "value", "Patient.deceasedDateTime"),
    ("Patient", {"deceasedDateTime": "2026-02-30T10:00:00Z"}, "value", "Patient.deceasedDateTime"),
    ("Patient", {"meta": {"lastUpdated": "2026-01-01"}}, "value", "Patient.meta.lastUpdated"),
    ("Patient", {"multipleBirthInteger": 1.5}, "value", "Patient.multipleBirthInteger"),
    ("Patient", {"multipleBirthInteger": True}, "value", "Patient.multipleBirthInteger"),
    ("Patient", {"multipleBirthInteger": 2**31}, "value", "Patient.multipleBirthInteger"),
    ("Patient", {"telecom": [{"system": "phone", "value": "5", "rank": 0}]}, "value", "Patient.telecom[0].rank"),
    ("Patient", {"identifier": [{"system": "urn: x", "value": "7"}]}, "value", "Patient.identifier[0].system"),
    ("Patient", {"photo": [{"contentType": "image/png", "data": "AAA"}]}, "value", "Patient.photo[0].data"),
    ("Patient", {"photo": [{"contentType": "image/png", "data": "not base64!!"}]}, "value", "Patient.photo[0].data"),
    ("Patient", {"photo": [{"contentType": "png"}]}, "value", "Patient.photo[0].contentType"),
    ("Observation", {"valueQuantity": {"value": "70"}}, "value", "Observation.valueQuantity.value"),
    ("Observation", {"valueQuantity": {"value": True}}, "value", "Observation.valueQuantity.value"),
    ("MedicationRequest", {"status": "active "}, "value", "MedicationRequest.status"),
    # primitive extensions
    ("Patient", {"_birthDate": {"id": "b", "nope": 1}}, "structure", "Patient.birthDate.nope"),
    ("Patient", {"_birthDate": {}}, "structure", "Patient.birthDate"),
    ("Patient", {"_birthDate": [{"id": "b"}]}, "structure", "Patient.birthDate"),
    ("Patient", {"_deceasedBoolean": {"id": "d"}}, "invariant", "Patient.deceasedBoolean"),
    ("Patient", {"name": [{"given": ["A", None]}]}, "value", "Patient.name[0].given[1]"),
    ("Patient", {"name": [{"_given": [None]}]}, "value", "Patient.name[0].given[0]"),
    ("Patient", {"name": [{"given": ["A"], "_given": {"id": "g"}}]}, "structure", "Patient.name[0].given"),
    ("Patient", {"name": [{"given": ["A"], "_given": [None, {"extension": [{"url": "x:y", "valueCode": "z"}]}]}]}, "structure", "Patient.name[0].given"),
    # counts and choices
    ("Observation", {"status": None}, "value", "Observation.status"),
    ("Observation", {"component": [{"valueString": "x"}]}, "required", "Observation.component[0].code"),
    ("Condition", {"subject": ...}, "required", "Condition.subject"),
    ("Observation", {"valueString": "x"}, "structure", "Observation.valueString"),
    ("Patient", {"deceasedBoolean": True, "deceasedDateTime": "2026"}, "structure", "Patient.deceasedDateTime"),
    ("Patient", {"deceasedBoolean": True, "_deceasedDateTime": {"extension": [{"url": "x:y", "valueCode": "z"}]}},
     "structure", "Patient.deceasedDateTime"),
    ("Observation", {"valueAddress": {"city": "B"}}, "structure", "Observation.valueAddress"),
    # bindings
    ("Patient", {"gender": "F"}, "code-invalid", "Patient.gender"),
    ("Patient", {"gender": "Female"}, "code-invalid", "Patient.gender"),
    ("Condition", {"clinicalStatus": coded("http://terminology.hl7.org/CodeSystem/condition-clinical", "gone")},
     "code-invalid", "Condition.clinicalStatus"),
    ("Condition", {"clinicalStatus": coded("http://example.org", "active")}, "code-invalid", "Condition.clinicalStatus"),
    ("Condition", {"clinicalStatus": {"text": "active"}}, "code-invalid", "Condition.clinicalStatus"),
    ("MedicationRequest", {"dosageInstruction": [{"timing": {"repeat": {"period": 1, "periodUnit": "day"}}}]},
     "code-invalid", "MedicationRequest.dosageInstruction[0].timing.repeat.periodUnit"),
    # references
    ("Observation", {"subject": {"reference": "Patient"}}, "value", "Observation.subject.reference"),
    ("Observation", {"subject": {"reference": "Patent/1"}}, "value", "Observation.subject.reference"),
    ("Observation", {"subject": {"reference": "Patient/a b"}}, "value", "Observation.subject.reference"),
    ("Observation", {"subject": {"reference": "Practitioner/1"}}, "value", "Observation.subject.reference"),
    ("Observation", {"subject": {"reference": "#none"}}, "invariant", "Observation.subject.reference"),
    ("Observation", {"subject": "Patient/1"}, "structure", "Observation.subject"),
    ("MedicationRequest", {"contained": [{"resourceType": "Patient", "id": "med"}]},
     "value", "MedicationRequest.medicationReference.reference"),
    # contained
    ("MedicationRequest", {"contained": [{"resourceType": "Medication", "id": "med", "status": "none"}]},
     "code-invalid", "MedicationRequest.contained[0].status"),
    ("MedicationRequest", {"contained": [{"resourceType": "Medication", "id": "med"}, {"resourceType": "Medication", "id": "x"}]},
     "invariant", "MedicationRequest.contained[1]"),
    ("MedicationRequest", {"contained": [{"resourceType": "Medication", "id": "med", "meta": {"versionId": "1"}}]},
     "invariant", "MedicationRequest"),
    ("MedicationRequest", {"contained": [{"id": "med"}]}, "structure", "MedicationRequest.contained[0]"),
    # extensions
    ("Patient", {"extension": [{"valueString": "x"}]}, "required", "Patient.extension[0].url"),
    ("Patient", {"extension": [{"url": "http://e.org/x"}]}, "invariant", "Patient.extension[0]"),
    ("Patient", {"extension": [{"url": "http://e.org/x", "valueString": "a", "extension": [{"url": "y", "valueCode": "z"}]}]},
     "invariant", "Patient.extension[0]"),
    ("Patient", {"extension": [{"url": "http://e.org/x", "valueString": "a", "valueCode": "b"}]},
     "structure", "Patient.extension[0].valueCode"),
    ("Patient", {"modifierExtension": [{"url": "http://e.org/x", "valueNothing": 1}]},
     "structure", "Patient.modifierExtension[0].valueNothing"),
    ("Patient", {"_birthDate": {"extension": [{"url": "http://e.org/x", "valueDate": "1957-02-30"}]}},
     "value", "Patient.birthDate.extension[0].valueDate"),
    # invariants
    ("Patient", {"contact": [{"relationship": [{"text": "friend"}]}]}, "invariant", "Patient.contact[0]"),
    ("Patient", {"telecom": [{"value": "555"}]}, "invariant", "Patient.telecom[0]"),
    ("Patient", {"name": [{"family": "O", "period": {"start": "2026", "end": "2025"}}]}, "invariant", "Patient.name[0].period"),
    ("Observation", {"dataAbsentReason": {"text": "unknown"}}, "invariant", "Observation"),
    ("Observation", {"component": [{"code": coded("http://loinc.org", "29463-7")}]}, "invariant", "Observation"),
    ("Observation", {"referenceRange": [{"type": {"text": "normal"}}]}, "invariant", "Observation.referenceRange[0]"),
    ("Observation", {"referenceRange": [{"low": {"value": 1, "comparator": "<"}}]}, "invariant", "Observation.referenceRange[0].low"),
    ("Observation", {"valueQuantity": {"value": 1, "code": "kg"}}, "invariant", "Observation.valueQuantity"),
    ("Condition", {"abatementDateTime": "2026"}, "invariant", "Condition"),
    ("MedicationRequest", {"dosageInstruction": [{"timing": {"repeat": {"period": -1, "periodUnit": "d"}}}]},
     "invariant", "MedicationRequest.dosageInstruction[0].timing.repeat"),
    # narrative
    ("Patient", {"text": {"status": "generated"}}, "required", "Patient.text.div"),
    ("Patient", {"text": {"status": "generated", "div": "plain"}}, "invariant", "Patient.text.div"),
    ("Patient", {"text": {"status": "generated", "div": f'<div xmlns="{XHTML}"> <br/> </div>'}}, "invariant", "Patient.text.div"),
    # bundles
    ("Bundle", {"type": "none", "entry": ...}, "code-invalid", "Bundle.type"),
    ("Bundle", {"total": 1}, "invariant", "Bundle"),
    ("Bundle", {"entry": [{"fullUrl": "urn:x:1", "resource": {"resourceType": "Patient"}}]}, "invariant", "Bundle"),
    ("Bundle", {"entry": [{"request": {"method": "POST", "url": "Patient"}, "resource": {"resourceType": "Patient", "gender": "x"}}]},
     "code-invalid", "Bundle.entry[0].resource.gender"),
    ("Bundle", {"entry": [{"request": {"method": "POST", "url": "Patient"}, "resource": {"gender": "female"}}]},
     "structure", "Bundle.entry[0].resource"),
    ("Bundle", {"entry": [{"request": {"method": "POST", "url": "Patient"}, "resource": {"resourceType": "Nothing"}}]},
     "not-supported", "Bundle.entry[0].resource.resourceType"),
    ("Bundle", {"entry": [{"request": {"method": "FETCH", "url": "Patient"}}]}, "code-invalid", "Bundle.entry[0].request.method"),
]  # fmt: skip


def changed(kind: str, change: Content) -> Content:
    """The valid resource with some elements replaced; an ellipsis leaves one out."""
    merged = VALID[kind] | change
    return {name: value for name, value in merged.items() if value is not ...}


def found(resource: Content) -> list[tuple[str, str]]:
    return [(fault.code, fault.expression) for fault in validate(resource)]


@pytest.mark.parametrize("kind", VALID)
def test_the_resources_that_the_changes_start_from_are_valid(kind: str) -> None:
    assert validate(VALID[kind]) == []


@pytest.mark.parametrize(("kind", "change", "code", "expression"), BAD)
def test_a_fault_is_found_at_its_place_and_no_other(kind: str, change: Content, code: str, expression: str) -> None:
    assert found(changed(kind, change)) == [(code, expression)]


GOOD: list[tuple[str, Content]] = [
    ("Patient", {"birthDate": "1957"}),
    ("Patient", {"birthDate": "1957-03"}),
    ("Patient", {"birthDate": "2024-02-29"}),
    ("Patient", {"birthDate": ..., "_birthDate": {"extension": [{"url": "http://e.org/why", "valueCode": "unknown"}]}}),
    ("Patient", {"_birthDate": {"id": "b"}}),
    ("Patient", {"name": [{"given": ["A", None], "_given": [None, {"extension": [{"url": "http://e.org/x", "valueCode": "y"}]}]}]}),
    ("Patient", {"deceasedDateTime": "2026-06-30T23:59:60.5+14:00"}),
    ("Patient", {"multipleBirthInteger": -(2**31)}),
    ("Patient", {"photo": [{"contentType": "image/png", "data": "AA\nAA ABC="}]}),
    ("Patient", {"name": [{"family": "\u5c0f\u6797", "period": {"start": "2026", "end": "2026-03"}}]}),
    ("Patient", {"modifierExtension": [{"url": "http://e.org/x", "valueBoolean": True}]}),
    ("Patient", {"extension": [{"url": "http://e.org/x", "extension": [{"url": "y", "valueMoney": {"value": 1, "currency": "USD"}}]}]}),
    ("Patient", {"maritalStatus": {"coding": [{"system": "urn:x:y", "code": "any"}]}}),
    ("Patient", {"text": {"status": "generated", "div": f'<div xmlns="{XHTML}"><img src="#a" alt="b"/></div>'}}),
    ("Condition", {"clinicalStatus": {"coding": [{"system": "urn:local:x", "code": "a"},
                                                 {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]}}),
    ("Observation", {"subject": {"reference": "http://other.example/fhir/Patient/1/_history/2"}}),
    ("Observation", {"subject": {"reference": "Patient/p1/_history/3"}}),
    ("Observation", {"subject": {"reference": "Patient?identifier=urn:oid:1.2|7"}}),
    ("Observation", {"subject": {"identifier": {"value": "7"}, "display": "Ada"}}),
    ("Observation", {"component": [{"code": {"text": "a"}, "referenceRange": [{"text": "low"}]}]}),
    ("MedicationRequest", {"contained": [{"resourceType": "Medication", "id": "med", "manufacturer": {"reference": "#org"}},
                                         {"resourceType": "Organization", "id": "org", "name": "Maker"}]}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "change"), GOOD)
def test_what_is_unusual_and_right_is_accepted(kind: str, change: Content) -> None:
    assert validate(changed(kind, change)) == []


UNSAFE = [
    "<script>alert(1)</script>",
    '<p onclick="alert(1)">x</p>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" java&#10;script:alert(1)">x</a>',
    '<img src="data:image/svg+xml;base64,AAAA"/>',
    '<p style="background:url(http://e.org/x)">x</p>',
    '<iframe src="http://e.org">x</iframe>',
    '<form action="/x"><input name="a"/></form>',
    '<object data="x">y</object>',
    "<p>a&nbsp;b</p>",
    "<p>unclosed",
    '<svg xmlns="http://www.w3.org/2000/svg"><a/></svg>',
    "<?php x ?>y",
]


@pytest.mark.parametrize("markup", UNSAFE)
def test_narrative_that_a_browser_would_run_or_xhtml_forbids_is_refused(markup: str) -> None:
    text = {"status": "generated", "div": f'<div xmlns="{XHTML}">text {markup}</div>'}
    assert found(VALID["Patient"] | {"text": text}) == [("invariant", "Patient.text.div")]


def test_narrative_without_the_namespace_of_xhtml_or_with_a_doctype_is_refused() -> None:
    for div in (
        "<div>x</div>",
        f'<!DOCTYPE div [<!ENTITY a "b">]><div xmlns="{XHTML}">&a;</div>',
        f'<p xmlns="{XHTML}">x</p>',
    ):
        text = {"status": "generated", "div": div}
        assert found(VALID["Patient"] | {"text": text}) == [("invariant", "Patient.text.div")]


def test_several_faults_are_all_found_in_order() -> None:
    resource = changed("Patient", {"gender": "F", "birthDate": "1957-02-30", "name": [{"family": 5}, {"nope": 1}]})
    assert found(resource) == [
        ("value", "Patient.name[0].family"),
        ("structure", "Patient.name[1].nope"),
        ("code-invalid", "Patient.gender"),
        ("value", "Patient.birthDate"),
    ]


def test_a_malformed_entry_of_a_bundle_does_not_hide_a_broken_rule_of_another() -> None:
    request = {"method": "POST", "url": "Patient"}
    patients = [{"gender": 5}, {"contact": [{"gender": "male"}]}]
    entries = [{"request": request, "resource": {"resourceType": "Patient"} | one} for one in patients]
    assert found(changed("Bundle", {"entry": entries})) == [
        ("value", "Bundle.entry[0].resource.gender"),
        ("invariant", "Bundle.entry[1].resource.contact[0]"),
    ]


def test_at_most_a_hundred_faults_are_listed() -> None:
    assert len(validate(changed("Patient", {"name": [{"family": 5}] * 1000}))) == 100
    claim = {"meta": {"profile": ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"]}}
    assert len(validate(changed("Patient", claim | {"identifier": [{"value": "7"}] * 1000}))) == 100


def test_recommendations_are_told_only_when_asked_for() -> None:
    bare = {"resourceType": "Patient"}
    assert validate(bare) == []
    assert [(f.severity, f.code, f.expression) for f in validate(bare, warnings=True)] == [
        ("warning", "invariant", "Patient")
    ]


def test_an_error_among_recommendations_is_still_an_error() -> None:
    faults = validate(changed("Patient", {"gender": "F"}), warnings=True)
    assert [(fault.severity, fault.code) for fault in faults] == [("error", "code-invalid")]


@pytest.mark.parametrize("literal", [b"1E5", b"-0", b"1.0e-3", b"10435.00", b"123456789012345678901234567890"])
def test_a_decimal_is_any_number_that_json_can_write(literal: bytes) -> None:
    resource = decode(
        b'{"resourceType": "Basic", "code": {"text": "x"}, "extension": [{"url": "x:y", "valueDecimal": '
        + literal
        + b"}]}"
    )
    assert validate(resource) == []


def test_codes_of_a_code_system_are_unique_also_below_one_another() -> None:
    def code_system(*codes: str) -> Content:
        concept: Content = {"code": codes[-1]}
        for code in reversed(codes[:-1]):
            concept = {"code": code, "concept": [concept]}
        return {"resourceType": "CodeSystem", "status": "draft", "content": "complete", "concept": [concept]}

    assert found(code_system("a", "b", "c")) == []
    assert found(code_system("a", "b", "a")) == [("invariant", "CodeSystem")]


def test_a_group_of_an_implementation_guide_is_looked_for_where_the_rule_stands() -> None:
    def guide(group: str) -> Content:
        resource = {"reference": {"reference": "Patient/1"}, "groupingId": group}
        return {
            "resourceType": "ImplementationGuide", "url": "http://e.org/ig", "name": "IG", "status": "draft", "packageId": "ig",
            "fhirVersion": ["4.0.1"], "definition": {"grouping": [{"id": "g", "name": "G"}], "resource": [resource]},
        }  # fmt: skip

    assert found(guide("g")) == []
    assert found(guide("h")) == [("invariant", "ImplementationGuide.definition")]
