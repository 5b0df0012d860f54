"""The CapabilityStatement is true: whatever it claims is asked for once, of every type, through the door."""

from typing import Any
from urllib.parse import quote, urlencode

import pytest

from ehr.fhir.definitions import resource_types
from ehr.fhir.definitions.profiles import profiles
from ehr.fhir.search.parameters import Kind, Parameter, parameter
from ehr.fhir.validation import validate
from tests.fhir.minimal import minimal
from tests.plumbing.fhir_client import FHIR_JSON, FHIRClient

pytestmark = pytest.mark.usefixtures("db")

Json = dict[str, Any]

VALUES: dict[Kind, str] = {
    "token": "x",
    "string": "x",
    "uri": "http://example.org/x",
    "date": "2020",
    "number": "1",
    "quantity": "1",
    "reference": "x",
}
PATCHES: dict[str, Any] = {
    "application/json-patch+json": [{"op": "add", "path": "/language", "value": "en"}],
    "application/merge-patch+json": {"language": "de"},
    FHIR_JSON: {
        "resourceType": "Parameters",
        "parameter": [
            {
                "name": "operation",
                "part": [
                    {"name": "type", "valueCode": "replace"},
                    {"name": "path", "valueString": "language"},
                    {"name": "value", "valueCode": "fr"},
                ],
            }
        ],
    },
}
INTERACTIONS = {
    "read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create", "search-type",
}  # fmt: skip
TYPES = sorted(resource_types())


@pytest.fixture
def rest(anonymous_fhir: FHIRClient) -> Json:
    statement = anonymous_fhir.get("metadata").resource
    assert validate({"id": "metadata", **statement}) == []
    assert set(statement["patchFormat"]) == PATCHES.keys()
    (rest,) = statement["rest"]
    return dict(rest)


def of_type(rest: Json, type_: str) -> Json:
    return next(resource for resource in rest["resource"] if resource["type"] == type_)


def value_of(found: Parameter) -> str:
    if found.kind == "composite":
        return "$".join(VALUES[component.kind] for component in found.components)
    return f"{min(found.targets)}/x" if found.targets else VALUES[found.kind]


def test_every_type_is_there_with_the_same_interactions(rest: Json) -> None:
    assert sorted(resource["type"] for resource in rest["resource"]) == TYPES
    claimed = {frozenset(one["code"] for one in resource["interaction"]) for resource in rest["resource"]}
    assert claimed == {frozenset(INTERACTIONS)}


@pytest.mark.parametrize("type_", TYPES)
def test_every_interaction_and_parameter_of_a_type_is_answered(fhir: FHIRClient, rest: Json, type_: str) -> None:
    claimed = of_type(rest, type_)
    created = fhir.post(type_, minimal(type_))
    assert created.status == 201, created.body
    path = f"{type_}/{created.resource['id']}"
    statuses = {
        "read": fhir.get(path).status,
        "conditionalRead": fhir.get(path, if_none_match='W/"1"').status,
        "vread": fhir.get(f"{path}/_history/1").status,
        "update": fhir.put(path, created.resource, if_match='W/"1"').status,
        "updateCreate": fhir.put(f"{type_}/mine", minimal(type_) | {"id": "mine"}).status,
        "conditionalCreate": fhir.post(type_, minimal(type_), if_none_exist="_id=mine").status,
        "conditionalUpdate": fhir.put(f"{type_}?_id=mine", minimal(type_)).status,
        "conditionalDelete": fhir.delete(f"{type_}?_id=mine").status,
        "history-instance": fhir.get(f"{path}/_history").status,
        "history-type": fhir.get(f"{type_}/_history").status,
        "validate": fhir.post(f"{type_}/$validate", minimal(type_)).status,
    } | {f"patch {kind}": fhir.patch(path, patch, content_type=kind).status for kind, patch in PATCHES.items()}
    expected = dict.fromkeys(statuses, 200)
    assert statuses == expected | {"conditionalRead": 304, "updateCreate": 201, "conditionalDelete": 204}
    names = [one["name"] for one in claimed["searchParam"]]
    asked = [(name, value_of(found)) for name in names if (found := parameter(type_, name))]
    assert len(asked) == len(names)
    including = [("_include", one) for one in claimed["searchInclude"]]
    including += [("_revinclude", one) for one in claimed.get("searchRevInclude", [])[:20]]
    everything = [*asked, *including]
    for start in range(0, len(everything), 90):
        answer = fhir.get(f"{type_}?{urlencode(everything[start : start + 90])}", prefer="handling=strict")
        assert answer.status == 200, answer.body
    assert fhir.delete(path).status == 204


def test_what_is_claimed_of_the_system_is_answered(fhir: FHIRClient, rest: Json) -> None:
    bundles = {kind: {"resourceType": "Bundle", "type": kind, "entry": []} for kind in ("batch", "transaction")}
    names = [one["name"] for one in rest["searchParam"]]
    assert names == ["_type", "_id", "_lastUpdated", "_profile", "_security", "_source", "_tag"]
    query = urlencode([("_type", "Patient,Basic"), *((name, "2020") for name in names[1:])])
    answered = {kind: fhir.post("", bundle).status for kind, bundle in bundles.items()} | {
        "search-system": fhir.get(f"?{query}", prefer="handling=strict").status,
        "history-system": fhir.get("_history").status,
    }
    assert answered == {one["code"]: 200 for one in rest["interaction"]}


@pytest.mark.parametrize("found", [("Patient", "name"), ("Observation", "code"), ("Encounter", "date")])
def test_modifiers_that_are_documented_are_understood(fhir: FHIRClient, rest: Json, found: tuple[str, str]) -> None:
    type_, name = found
    (claimed,) = (one for one in of_type(rest, type_)["searchParam"] if one["name"] == name)
    modifiers = claimed["documentation"].removeprefix("Modifiers: ").removesuffix(".").split(", ")
    codes = {"in": "http://hl7.org/fhir/ValueSet/observation-status", "missing": "true"}
    values = {f":{key}": value for key, value in {**codes, "not-in": codes["in"]}.items()}
    asked = [modifier for modifier in modifiers if modifier not in (":below", ":above")]  # of codes that are loaded
    statuses = {one: fhir.get(f"{type_}?{name}{one}={quote(values.get(one, 'x'))}").status for one in asked}
    assert statuses == dict.fromkeys(asked, 200)


def test_profiles_that_are_claimed_are_those_that_are_checked(fhir: FHIRClient, rest: Json) -> None:
    claimed = {one for resource in rest["resource"] for one in resource.get("supportedProfile", [])}
    checked = profiles().profiles.values()
    assert claimed == {f"{profile.url}|{profile.version}" for profile in checked if profile.type in TYPES}
    us_core = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"
    assert [one.partition("|")[0] for one in of_type(rest, "Patient")["supportedProfile"]] == [us_core]
    claim = {"resourceType": "Patient", "meta": {"profile": [us_core]}}
    assert fhir.post("Patient", claim).status == 422


def test_operations_take_what_their_definitions_say(fhir: FHIRClient, rest: Json) -> None:
    operations = {one["name"] for one in of_type(rest, "Patient")["operation"]}
    assert operations == {"validate", "everything"}
    assert fhir.put("Patient/p", {"resourceType": "Patient", "id": "p"}).status == 201
    asked = {"resourceType": "Parameters", "parameter": [{"name": "_type", "valueCode": "Patient"}]}
    assert fhir.post("Patient/p/$everything", asked).resource["total"] == 1
    assert fhir.post("Patient/p/$everything").status == 200
    assert fhir.get("Patient/p/$everything?start=2020").issues == [("error", "not-supported", ["start"])]
    resource = {"name": "resource", "resource": {"resourceType": "Patient"}}
    us_core = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"
    claimed = {"resourceType": "Parameters", "parameter": [resource, {"name": "profile", "valueUri": us_core}]}
    assert {issue[0] for issue in fhir.post("Patient/p/$validate", claimed).issues} >= {"error"}
    mode = {"resourceType": "Parameters", "parameter": [resource, {"name": "mode", "valueCode": "create"}]}
    assert ("warning", "informational", ["Parameters.parameter"]) in fhir.post("Patient/$validate", mode).issues
