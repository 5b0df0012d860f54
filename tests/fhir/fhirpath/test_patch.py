"""FHIRPath Patch: what each operation makes of a resource, and what fits nothing (FHIR R4 fhirpatch.html)."""

import copy
from typing import Any

import pytest

from ehr.fhir.errors import BadRequest, InvalidResource
from ehr.fhir.patching import fhirpath_patch

Json = dict[str, Any]
ID = {"resourceType": "Patient", "id": "p"}
ONE, TWO, THREE = ({"system": "http://example.org", "value": value} for value in "123")
TYPED = {"path": "valueString", "name": "valueString", "type": "valueCode"} | dict.fromkeys(
    ("index", "source", "destination"), "valueInteger"
)


def operation(type_: str, path: str, *, value: Json | None = None, **parts: Any) -> Json:
    """One operation; `value` holds the members of its part, ``{"valueDate": "1930-01-01"}``."""
    listed = [{"name": name, TYPED[name]: content} for name, content in {"type": type_, "path": path, **parts}.items()]
    return {"name": "operation", "part": listed + ([{"name": "value", **value}] if value is not None else [])}


def patched(content: Json, *operations: Json) -> Json:
    after = fhirpath_patch({"resourceType": "Parameters", "parameter": list(operations)})(copy.deepcopy(ID | content))
    return {name: value for name, value in after.items() if name not in ID}


CONTACT = {"contact": [{"name": {"text": "a name"}, "gender": "male"}]}
IDENTIFIERS = {"identifier": [ONE, TWO]}
NAMED = {"name": [{"given": ["Ann", "Bea"], "_given": [None, {"id": "b"}]}]}
CASES: dict[str, tuple[Json, list[Json], Json]] = {
    "nothing": ({"birthDate": "1920-01-01"}, [], {"birthDate": "1920-01-01"}),
    "replace a primitive": (
        {"birthDate": "1920-01-01"},
        [operation("replace", "Patient.birthDate", value={"valueDate": "1930-01-01"})],
        {"birthDate": "1930-01-01"},
    ),
    "replace drops the extensions of the old value": (
        {"birthDate": "1920-01-01", "_birthDate": {"id": "x"}},
        [operation("replace", "birthDate", value={"valueDate": "1930-01-01"})],
        {"birthDate": "1930-01-01"},
    ),
    "delete a primitive": ({"birthDate": "1920-01-01"}, [operation("delete", "Patient.birthDate")], {}),
    "delete what is not there": ({"active": True}, [operation("delete", "Patient.birthDate")], {"active": True}),
    "add a primitive": (
        {},
        [operation("add", "Patient", name="birthDate", value={"valueDate": "1930-01-01"})],
        {"birthDate": "1930-01-01"},
    ),
    "add a primitive with extensions": (
        {},
        [operation("add", "Patient", name="birthDate", value={"_valueDate": {"id": "x"}})],
        {"_birthDate": {"id": "x"}},
    ),
    "replace within": (
        CONTACT,
        [operation("replace", "Patient.contact[0].name.text", value={"valueString": "the name"})],
        {"contact": [{"name": {"text": "the name"}, "gender": "male"}]},
    ),
    "delete takes what becomes empty along": (
        CONTACT,
        [operation("delete", "Patient.contact[0].name.text")],
        {"contact": [{"gender": "male"}]},
    ),
    "delete the last of a list": (IDENTIFIERS, [operation("delete", "Patient.identifier[0]")] * 2, {}),
    "add to a list": (
        IDENTIFIERS,
        [operation("add", "Patient", name="identifier", value={"valueIdentifier": THREE})],
        {"identifier": [ONE, TWO, THREE]},
    ),
    "add a datatype": (
        {},
        [operation("add", "Patient", name="maritalStatus", value={"valueCodeableConcept": {"text": "married"}})],
        {"maritalStatus": {"text": "married"}},
    ),
    "add an object of no named type": (
        {},
        [
            operation(
                "add",
                "Patient",
                name="contact",
                value={
                    "part": [
                        {"name": "name", "valueHumanName": {"text": "a name"}},
                        {"name": "telecom", "part": [{"name": "value", "valueString": "1"}]},
                        {"name": "telecom", "valueContactPoint": {"value": "2"}},
                    ]
                },
            )
        ],
        {"contact": [{"name": {"text": "a name"}, "telecom": [{"value": "1"}, {"value": "2"}]}]},
    ),
    "add a choice by its name": (
        {},
        [operation("add", "Patient", name="deceased", value={"valueBoolean": True})],
        {"deceasedBoolean": True},
    ),
    "add a choice by its JSON name": (
        {},
        [operation("add", "Patient", name="multipleBirthInteger", value={"valueInteger": 2})],
        {"multipleBirthInteger": 2},
    ),
    "replace a choice by another type": (
        {"deceasedBoolean": True},
        [operation("replace", "Patient.deceased", value={"valueDateTime": "2020"})],
        {"deceasedDateTime": "2020"},
    ),
    "add an extension to a primitive": (
        {"birthDate": "1920-01-01"},
        [
            operation(
                "add",
                "Patient.birthDate",
                name="extension",
                value={"part": [{"name": "url", "valueUri": "http://x"}, {"name": "value", "valueCode": "y"}]},
            )
        ],
        {"birthDate": "1920-01-01", "_birthDate": {"extension": [{"url": "http://x", "valueCode": "y"}]}},
    ),
    "delete the extension of a primitive": (
        {"birthDate": "1920-01-01", "_birthDate": {"extension": [{"url": "http://x", "valueCode": "y"}]}},
        [operation("delete", "Patient.birthDate.extension('http://x')")],
        {"birthDate": "1920-01-01"},
    ),
    "insert before, between and behind": (
        {"identifier": [TWO]},
        [
            operation("insert", "Patient.identifier", index=0, value={"valueIdentifier": ONE}),
            operation("insert", "Patient.identifier", index=2, value={"valueIdentifier": THREE}),
        ],
        {"identifier": [ONE, TWO, THREE]},
    ),
    "insert into a list that is not there": (
        {},
        [operation("insert", "Patient.identifier", index=0, value={"valueIdentifier": ONE})],
        {"identifier": [ONE]},
    ),
    "insert keeps values and their siblings together": (
        NAMED,
        [operation("insert", "Patient.name[0].given", index=1, value={"valueString": "Cyd"})],
        {"name": [{"given": ["Ann", "Cyd", "Bea"], "_given": [None, None, {"id": "b"}]}]},
    ),
    "delete keeps values and their siblings together": (
        NAMED,
        [operation("delete", "Patient.name[0].given[0]")],
        {"name": [{"given": ["Bea"], "_given": [{"id": "b"}]}]},
    ),
    "move up": (
        {"identifier": [ONE, TWO, THREE]},
        [operation("move", "Patient.identifier", source=2, destination=0)],
        {"identifier": [THREE, ONE, TWO]},
    ),
    "move down with siblings": (
        {"name": [{"given": ["Bea", "Ann"], "_given": [{"id": "b"}, None]}]},
        [operation("move", "Patient.name.given", source=0, destination=1)],
        NAMED,
    ),
    "find by a criterion": (
        IDENTIFIERS,
        [operation("replace", "Patient.identifier.where(value = '2').value", value={"valueString": "22"})],
        {"identifier": [ONE, TWO | {"value": "22"}]},
    ),
    "find by place": (
        {"identifier": [ONE, TWO, THREE]},
        [operation("delete", "Patient.identifier.last()"), operation("delete", "identifier.first()")],
        {"identifier": [TWO]},
    ),
    "find by type": (
        {"deceasedBoolean": False},
        [
            operation("delete", "(Patient.deceased as boolean)"),
            operation("delete", "Patient.deceased.ofType(dateTime)"),
        ],
        {},
    ),
    "find what an operation before has added": (
        {},
        [
            operation("add", "Patient", name="maritalStatus", value={"valueCodeableConcept": {"text": "x"}}),
            operation("replace", "Patient.maritalStatus.text", value={"valueString": "y"}),
        ],
        {"maritalStatus": {"text": "y"}},
    ),
}


@pytest.mark.parametrize(("before", "operations", "after"), CASES.values(), ids=CASES)
def test_patches(before: Json, operations: list[Json], after: Json) -> None:
    assert patched(before, *operations) == after


def test_applying_a_patch_does_not_change_the_patch() -> None:
    added = operation("add", "Patient", name="maritalStatus", value={"valueCodeableConcept": {"text": "x"}})
    replaced = operation("replace", "Patient.maritalStatus.text", value={"valueString": "y"})
    patch = fhirpath_patch({"resourceType": "Parameters", "parameter": [added, replaced]})
    assert patch(dict(ID)) == patch(dict(ID)) == {**ID, "maritalStatus": {"text": "y"}}
    assert added["part"][-1]["valueCodeableConcept"] == {"text": "x"}


TEXT = {"valueString": "x"}
UNFIT: dict[str, Json] = {
    "nothing to replace": operation("replace", "Patient.birthDate", value={"valueDate": "1930"}),
    "nothing to add to": operation("add", "Patient.maritalStatus", name="text", value=TEXT),
    "two to replace": operation("replace", "Patient.identifier", value={"valueIdentifier": THREE}),
    "two to delete": operation("delete", "Patient.identifier"),
    "there already": operation("add", "Patient", name="active", value={"valueBoolean": False}),
    "another type": operation("replace", "Patient.active", value=TEXT),
    "parts for a primitive": operation("replace", "Patient.active", value={"part": []}),
    "no such element": operation("add", "Patient", name="colour", value=TEXT),
    "behind the end": operation("insert", "Patient.identifier", index=3, value={"valueIdentifier": THREE}),
    "from behind the end": operation("move", "Patient.identifier", source=2, destination=0),
    "to behind the end": operation("move", "Patient.identifier", source=0, destination=2),
    "no list": operation("move", "Patient.active", source=0, destination=0),
    "another resource type": operation("delete", "Observation.status") | {"part": [
        {"name": "type", "valueCode": "replace"}, {"name": "path", "valueString": "Observation.status"},
        {"name": "value", "valueCode": "final"}]},
    "the resource": operation("delete", "Patient"),
    "the id": operation("replace", "Patient.id", value={"valueId": "q"}),
}  # fmt: skip


@pytest.mark.parametrize("unfit", UNFIT.values(), ids=UNFIT)
def test_what_does_not_fit(unfit: Json) -> None:
    with pytest.raises(InvalidResource) as refused:
        patched(IDENTIFIERS | {"active": True}, operation("delete", "Patient.birthDate"), unfit)
    expected = None if unfit is UNFIT["the id"] else "Parameters.parameter[1]"
    assert [issue.expression for issue in refused.value.issues] == [expected]


MALFORMED: dict[str, tuple[Json, str]] = {
    "no type": ({"name": "operation", "part": []}, "required"),
    "another type": (operation("upsert", "Patient"), "code-invalid"),
    "another parameter": ({"name": "operations"}, "value"),
    "no path": ({"name": "operation", "part": [{"name": "type", "valueCode": "delete"}]}, "required"),
    "a part too many": (operation("delete", "Patient.active", name="x"), "required"),
    "no value": (operation("replace", "Patient.active"), "required"),
    "two values": (operation("replace", "active", value={"valueString": "x", "valueCode": "y"}), "structure"),
    "a value of no type": (operation("replace", "active", value={"valueNonsense": 1}), "structure"),
    "an index that is none": (operation("insert", "identifier", index=-1, value={"valueIdentifier": ONE}), "value"),
    "no FHIRPath": (operation("delete", "Patient..active"), "value"),
    "a function": (operation("delete", "Patient.identifier.exists()"), "not-supported"),
    "a pattern": (operation("delete", "identifier.where(value.matches('(a+)+'))"), "not-supported"),
    "an expression": (operation("delete", "1 + 1"), "not-supported"),
    "a path without end": (operation("delete", "Patient" + ".contact" * 500), "not-supported"),
    "brackets without end": (operation("delete", "(" * 450 + "active" + ")" * 450), "too-long"),
    "an insert at a filter": (
        operation("insert", "identifier.first()", index=0, value={"valueIdentifier": ONE}),
        "not-supported",
    ),
}


@pytest.mark.parametrize(("malformed", "code"), MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_patch(malformed: Json, code: str) -> None:
    with pytest.raises(BadRequest) as refused:
        patched(IDENTIFIERS, malformed)
    assert [issue.code for issue in refused.value.issues] == [code]
