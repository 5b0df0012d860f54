"""FHIRPath Patch through the door: alone, in a transaction and in a batch."""

from typing import Any

import pytest

from tests.plumbing.fhir_client import FHIR_JSON, FHIRClient, registered

pytestmark = pytest.mark.usefixtures("committed")

BORN = {"resourceType": "Patient", "id": "born", "birthDate": "1957-03-14"}


def replacing(path: str, **value: Any) -> dict[str, Any]:
    parts = [{"name": "type", "valueCode": "replace"}, {"name": "path", "valueString": path}]
    operation = {"name": "operation", "part": [*parts, {"name": "value", **value}]}
    return {"resourceType": "Parameters", "parameter": [operation]}


REPLACED = replacing("Patient.birthDate", valueDate="1957-03-15")


@pytest.fixture(autouse=True)
def born(fhir: FHIRClient) -> None:
    assert fhir.put("Patient/born", BORN).status == 201


@pytest.mark.parametrize("content_type", [FHIR_JSON, "application/json"])
def test_patches_a_resource(fhir: FHIRClient, content_type: str) -> None:
    answer = fhir.patch("Patient/born", REPLACED, content_type=content_type, if_match='W/"1"')
    assert (answer.status, answer.headers["ETag"], answer.resource["birthDate"]) == (200, 'W/"2"', "1957-03-15")
    assert fhir.get("Patient/born").body == answer.body


@pytest.mark.parametrize(
    ("patch", "status", "issue"),
    [
        (replacing("Patient.active", valueBoolean=True), 422, ("error", "processing", ["Parameters.parameter[0]"])),
        (replacing("Patient.birthDate", valueDate="1957-02-30"), 422, ("error", "value", ["Patient.birthDate"])),
        (replacing("Patient.id", valueId="other"), 422, ("error", "business-rule", [])),
        (replacing("Patient..id", valueId="x"), 400, ("error", "value", ["Parameters.parameter[0]"])),
        ({"resourceType": "Parameters", "parameter": {}}, 400, ("error", "structure", ["Parameters.parameter"])),
        (BORN, 400, ("error", "invalid", ["resourceType"])),
    ],
)
def test_a_patch_that_does_not_fit_changes_nothing(
    fhir: FHIRClient, patch: dict[str, Any], status: int, issue: tuple[str, str, list[str]]
) -> None:
    before = fhir.get("Patient/born").body
    answer = fhir.patch("Patient/born", patch, content_type=FHIR_JSON)
    assert (answer.status, answer.issues) == (status, [issue])
    assert fhir.get("Patient/born").body == before


def test_a_patch_of_an_old_version_is_refused(fhir: FHIRClient) -> None:
    answer = fhir.patch("Patient/born", REPLACED, content_type=FHIR_JSON, if_match='W/"7"')
    assert (answer.status, [issue[1] for issue in answer.issues]) == (412, ["conflict"])


def test_who_may_only_read_may_not_patch() -> None:
    reader = registered("reader", scope="system/*.rs")
    answer = reader.patch("Patient/born", REPLACED, content_type=FHIR_JSON)
    assert (answer.status, reader.get("Patient/born").headers["ETag"]) == (403, 'W/"1"')


@pytest.mark.parametrize("type_", ["transaction", "batch"])
def test_patches_in_a_bundle(fhir: FHIRClient, type_: str) -> None:
    entry = {"resource": REPLACED, "request": {"method": "PATCH", "url": "Patient/born", "ifMatch": 'W/"1"'}}
    answer = fhir.post("", {"resourceType": "Bundle", "type": type_, "entry": [entry]})
    response = answer.resource["entry"][0]["response"]
    assert (answer.status, response["status"], response["etag"]) == (200, "200 OK", 'W/"2"')
    assert fhir.get("Patient/born").resource["birthDate"] == "1957-03-15"


def test_a_patch_that_does_not_fit_fails_its_transaction(fhir: FHIRClient) -> None:
    entries = [
        {"resource": {"resourceType": "Basic", "code": {"text": "x"}}, "request": {"method": "POST", "url": "Basic"}},
        {"resource": replacing("active", valueBoolean=True), "request": {"method": "PATCH", "url": "Patient/born"}},
    ]
    answer = fhir.post("", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
    place = "Bundle.entry[1].resource.parameter[0]"
    assert (answer.status, answer.issues) == (422, [("error", "processing", [place])])
    assert fhir.get("Basic").resource["total"] == 0
